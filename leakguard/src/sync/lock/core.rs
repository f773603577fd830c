//! The part of a lock that knows nothing of its value: its permits and their holds.

use crate::fact::kind::{Operation, ResourceKind};
use crate::older::block_for_permits;
use crate::record::resource::hold::HoldKey;
use crate::site::CallSite;
use crate::sync::handover::Recipient;
use crate::sync::here;
use crate::sync::lazy::Lazy;
use std::mem::ManuallyDrop;
use tokio::sync::{Semaphore, TryLockError};

/// The permits of a lock and their record. A reader holds one permit, a writer holds all of them.
pub(super) struct LockCore {
    semaphore: Semaphore,
    all: u32,
    record: Lazy,
}

impl LockCore {
    pub(super) const fn const_new(kind: ResourceKind, all: u32, at: CallSite) -> Self {
        LockCore {
            semaphore: Semaphore::const_new(all as usize),
            all,
            record: Lazy::const_new(kind, Some(all as usize), at),
        }
    }

    pub(super) fn new(kind: ResourceKind, all: u32, at: CallSite) -> Self {
        LockCore {
            semaphore: Semaphore::new(all as usize),
            all,
            record: Lazy::new(kind, Some(all as usize), at),
        }
    }

    pub(super) fn all(&self) -> u32 {
        self.all
    }

    fn hold(&self, permits: u32, at: CallSite) -> HoldKey {
        let Some(holds) = self.record.holds() else {
            return HoldKey::NONE;
        };
        match permits == self.all {
            true => holds.acquire_all(permits as usize, here::here(), at),
            false => holds.acquire(permits as usize, here::here(), at),
        }
    }

    fn release(&self, permits: u32) {
        self.semaphore.add_permits(permits as usize);
    }
}

/// A reference to a lock, or an `Arc` of it.
pub(super) trait HasCore {
    /// Whether its guards may be moved to another task.
    const MOVABLE: bool = false;

    fn core(&self) -> &LockCore;
}

impl HasCore for &LockCore {
    fn core(&self) -> &LockCore {
        self
    }
}

/// Acquired permits of a lock, which are held until this is dropped.
pub(super) struct HeldPermits<L: HasCore> {
    lock: L,
    permits: u32,
    key: HoldKey,
}

impl<L: HasCore> HeldPermits<L> {
    fn new(lock: L, permits: u32, at: CallSite) -> Self {
        let key = lock.core().hold(permits, at);
        if let Some(holds) = lock.core().record.holds().filter(|_| L::MOVABLE) {
            holds.set_movable(key);
        }
        HeldPermits { lock, permits, key }
    }

    pub(super) async fn acquire(lock: L, permits: u32, operation: Operation, at: CallSite) -> Self {
        let core = lock.core();
        let acquire = core.semaphore.acquire_many(permits);
        let record = &core.record;
        match record.wait(operation, permits as usize, at, acquire).await {
            Ok(permit) => permit.forget(),
            Err(_) => unreachable!("the semaphore of a lock is never closed"),
        }
        HeldPermits::new(lock, permits, at)
    }

    #[track_caller]
    pub(super) fn block(lock: L, permits: u32, operation: Operation, at: CallSite) -> Self {
        let core = lock.core();
        let wait = core.record.block(operation, permits as usize, at);
        let acquired = block_for_permits(&core.semaphore, permits).map(|p| p.forget());
        drop(wait);
        acquired.expect("the semaphore of a lock is never closed");
        HeldPermits::new(lock, permits, at)
    }

    pub(super) fn try_acquire(lock: L, permits: u32, at: CallSite) -> Result<Self, TryLockError> {
        match lock.core().semaphore.try_acquire_many(permits) {
            Ok(permit) => permit.forget(),
            Err(_) => return Err(busy()),
        }
        Ok(HeldPermits::new(lock, permits, at))
    }

    pub(super) fn lock(&self) -> &L {
        &self.lock
    }

    /// Records that the guard was moved into a task.
    pub(super) fn hand_over(&self, to: Recipient) {
        if let Some(holds) = self.lock.core().record.holds() {
            holds.hand_over(self.key, to.task);
        }
    }

    /// Whether no other permit of the lock can be held.
    pub(super) fn is_exclusive(&self) -> bool {
        self.permits == self.lock.core().all
    }

    /// Keeps one permit and releases the others.
    pub(super) fn downgrade(&mut self) {
        let core = self.lock.core();
        if let Some(holds) = core.record.holds() {
            holds.shrink(self.key, 1, here::here().now);
        }
        let freed = self.permits - 1;
        self.permits = 1;
        core.release(freed);
    }
}

impl<'a, L: HasCore + Copy> HeldPermits<L>
where
    L: Into<&'a LockCore>,
{
    /// The same permits, without the type of the value.
    pub(super) fn erase(self) -> HeldPermits<&'a LockCore> {
        let held = ManuallyDrop::new(self);
        HeldPermits { lock: held.lock.into(), permits: held.permits, key: held.key }
    }
}

impl<L: HasCore> Drop for HeldPermits<L> {
    fn drop(&mut self) {
        let core = self.lock.core();
        core.record.release(self.key);
        core.release(self.permits);
    }
}

/// Returns tokio's error, which only tokio can construct.
#[cold]
fn busy() -> TryLockError {
    let mutex = tokio::sync::Mutex::const_new(());
    let _locked = mutex.try_lock();
    match mutex.try_lock() {
        Err(error) => error,
        Ok(_) => unreachable!("it is locked"),
    }
}
