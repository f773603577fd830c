//! The twin of `std::sync::Mutex`.

use super::poisoned::{at_once, like_std, map, map_try};
use crate::fact::kind::{Operation, ResourceKind};
use crate::site::CallSite;
use crate::sync::hold::{GuardHold, acquire};
use crate::sync::lazy::Lazy;
use std::panic::Location;
use std::sync as std_sync;
use std::sync::{LockResult, TryLockResult};

/// Instrumented drop-in for [`std::sync::Mutex`].
pub struct Mutex<T: ?Sized> {
    record: Lazy,
    inner: std_sync::Mutex<T>,
}

/// Instrumented drop-in for [`std::sync::MutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MutexGuard<'a, T: ?Sized> {
    // Dropped first, so that the next holder never finds its predecessor.
    hold: GuardHold<'a>,
    inner: std_sync::MutexGuard<'a, T>,
}

like_std!(lock Mutex);
like_std!(guard mut MutexGuard);

impl<T> Mutex<T> {
    /// Same as [`std::sync::Mutex::new`].
    #[track_caller]
    pub const fn new(value: T) -> Mutex<T> {
        Mutex {
            record: Lazy::const_new(ResourceKind::StdMutex, None, Location::caller()),
            inner: std_sync::Mutex::new(value),
        }
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Same as [`std::sync::Mutex::lock`].
    ///
    /// # Errors
    ///
    /// The guard, if a thread panicked while it held the lock.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let at = Location::caller();
        let (lock, wait) = (&self.inner, (Operation::Lock, 1, at));
        let try_now = || at_once(lock.try_lock());
        let acquired = acquire(&self.record, wait, try_now, || lock.lock());
        map(acquired, |inner| MutexGuard::new(&self.record, inner, at))
    }

    /// Same as [`std::sync::Mutex::try_lock`].
    ///
    /// # Errors
    ///
    /// If the lock is held. The guard, if the lock is poisoned.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let at = Location::caller();
        map_try(self.inner.try_lock(), |inner| MutexGuard::new(&self.record, inner, at))
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    pub(super) fn new(record: &'a Lazy, inner: std_sync::MutexGuard<'a, T>, at: CallSite) -> Self {
        let hold = GuardHold::new(record, 1, at);
        MutexGuard { hold, inner }
    }

    /// Ends the hold for a wait on a condvar, which releases the lock.
    pub(super) fn split(self) -> (&'a Lazy, std_sync::MutexGuard<'a, T>) {
        (self.hold.record, self.inner)
    }
}
