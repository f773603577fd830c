//! The twin of `parking_lot::ReentrantMutex`. Each of its guards is a hold, and all holds are by one thread.

use super::guard::{maps, owner, view};
use super::hold::{SuspendedHold, acquire_timed};
use super::lock::{acquire, lock};
use crate::fact::kind::{Operation, ResourceKind};
use crate::site::CallSite;
use crate::sync::hold::{self, GuardHold};
use crate::sync::lazy::Lazy;
use parking_lot as original;
use std::panic::Location;
use std::time::{Duration, Instant};

lock!(ReentrantMutex, const_reentrant_mutex, ParkingMutex [raw_mutex: RawMutex, get_thread_id: RawThreadId]);

acquire! { ReentrantMutex:
    ReentrantMutexGuard lock try_lock try_lock_for try_lock_until, Lock 1;
}

impl<T: ?Sized> ReentrantMutex<T> {
    /// Same as [`parking_lot::ReentrantMutex::is_owned_by_current_thread`].
    pub fn is_owned_by_current_thread(&self) -> bool {
        self.inner.is_owned_by_current_thread()
    }
}

/// Instrumented drop-in for [`parking_lot::ReentrantMutexGuard`].
#[must_use = "if unused the ReentrantMutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct ReentrantMutexGuard<'a, T: ?Sized> {
    // Dropped first, so that the next holder never finds its predecessor.
    hold: GuardHold<'a>,
    inner: original::ReentrantMutexGuard<'a, T>,
    lock: &'a ReentrantMutex<T>,
}

/// Instrumented drop-in for [`parking_lot::MappedReentrantMutexGuard`].
#[must_use = "if unused the ReentrantMutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedReentrantMutexGuard<'a, T: ?Sized> {
    hold: GuardHold<'a>,
    inner: original::MappedReentrantMutexGuard<'a, T>,
}

view!(ReentrantMutexGuard);
view!(MappedReentrantMutexGuard);

owner!(ReentrantMutexGuard of ReentrantMutex as remutex, Lock 1);

maps!(ReentrantMutexGuard to MappedReentrantMutexGuard, []);
maps!(MappedReentrantMutexGuard to MappedReentrantMutexGuard, []);
