//! The records of tasks and scopes, each with two owners: the registry, and the task or call.

use crate::pool::{Pool, Unshared};
use crate::record::live::SpawnedTask;
use crate::record::scope::ScopeRecord;
use std::sync::Arc;
use std::thread::LocalKey;

/// A record whose allocation is used again.
pub(super) trait Recycle: Sized + 'static {
    fn pool() -> &'static LocalKey<Pool<Self, 2>>;
    fn blank() -> Self;
    /// Drops all that it holds, because a kept record must not keep anything else alive.
    fn clear(&mut self);
}

impl Recycle for SpawnedTask {
    fn pool() -> &'static LocalKey<Pool<Self, 2>> {
        // About 30 kB at most, after a burst.
        thread_local!(static POOL: Pool<SpawnedTask, 2> = const { Pool::new(256) });
        &POOL
    }

    fn blank() -> Self {
        SpawnedTask::blank()
    }

    #[inline]
    fn clear(&mut self) {
        SpawnedTask::clear(self);
    }
}

impl Recycle for ScopeRecord {
    fn pool() -> &'static LocalKey<Pool<Self, 2>> {
        // About 10 kB at most, where calls nest as deep as that.
        thread_local!(static POOL: Pool<ScopeRecord, 2> = const { Pool::new(32) });
        &POOL
    }

    fn blank() -> Self {
        ScopeRecord::blank()
    }

    #[inline]
    fn clear(&mut self) {
        ScopeRecord::clear(self);
    }
}

#[cold]
#[inline(never)]
fn allocate<T: Recycle>() -> Unshared<T, 2> {
    let record = Arc::new(T::blank());
    Unshared::of([record.clone(), record]).expect("a new record has no other owner")
}

/// Returns a record for both owners. `fill` gets one that is blank or was cleared.
#[inline]
pub(super) fn create<T: Recycle>(fill: impl FnOnce(&mut T)) -> (Arc<T>, Arc<T>) {
    let mut record = Pool::take(T::pool()).unwrap_or_else(allocate);
    fill(record.get_mut());
    record.into_owners().into()
}

/// Takes a record back from both owners.
#[inline]
pub(super) fn keep<T: Recycle>(one: Arc<T>, other: Arc<T>) {
    if let Some(mut record) = Unshared::of([one, other]) {
        record.get_mut().clear();
        Pool::keep(T::pool(), record);
    }
}
