//! The twin of parking_lot's `ReentrantMutex`: each of its guards is a hold, all of them by one thread.

use super::guard::{maps, owner, view};
use super::hold::{Away, take_timed};
use super::lock::{lock, ways};
use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::site::CallSite;
use crate::sync::hold::{Hold, take};
use crate::sync::lazy::Lazy;
use parking_lot as original;
use std::panic::Location;
use std::time::{Duration, Instant};

lock!(ReentrantMutex, const_reentrant_mutex, ParkingMutex [raw_mutex: RawMutex, get_thread_id: RawThreadId]);

ways! { ReentrantMutex:
    ReentrantMutexGuard lock try_lock try_lock_for try_lock_until, Lock 1;
}

impl<T: ?Sized> ReentrantMutex<T> {
    /// As [`parking_lot::ReentrantMutex::is_owned_by_current_thread`].
    pub fn is_owned_by_current_thread(&self) -> bool {
        self.inner.is_owned_by_current_thread()
    }
}

/// As [`parking_lot::ReentrantMutexGuard`].
#[must_use = "if unused the ReentrantMutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct ReentrantMutexGuard<'a, T: ?Sized> {
    // First: the next holder must find its predecessor gone.
    hold: Hold<'a>,
    inner: original::ReentrantMutexGuard<'a, T>,
    lock: &'a ReentrantMutex<T>,
}

/// As [`parking_lot::MappedReentrantMutexGuard`].
#[must_use = "if unused the ReentrantMutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedReentrantMutexGuard<'a, T: ?Sized> {
    hold: Hold<'a>,
    inner: original::MappedReentrantMutexGuard<'a, T>,
}

view!(ReentrantMutexGuard);
view!(MappedReentrantMutexGuard);

owner!(ReentrantMutexGuard of ReentrantMutex as remutex, Lock 1);

maps!(ReentrantMutexGuard to MappedReentrantMutexGuard, []);
maps!(MappedReentrantMutexGuard to MappedReentrantMutexGuard, []);
