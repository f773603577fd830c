//! The twin of `parking_lot::Condvar`.

use super::mutex::MutexGuard;
use crate::fact::kind::ResourceKind;
use crate::sync::lazy::Lazy;
use crate::sync::notice::{await_notice, note};
use parking_lot as original;
use parking_lot::WaitTimeoutResult;
use std::fmt;
use std::panic::Location;
use std::time::{Duration, Instant};

/// Instrumented drop-in for [`parking_lot::Condvar`].
pub struct Condvar {
    record: Lazy,
    inner: original::Condvar,
}

impl Condvar {
    /// Same as [`parking_lot::Condvar::new`].
    #[track_caller]
    pub const fn new() -> Condvar {
        Condvar {
            record: Lazy::const_new(ResourceKind::Condvar, None, Location::caller()),
            inner: original::Condvar::new(),
        }
    }

    /// Same as [`parking_lot::Condvar::notify_one`].
    #[track_caller]
    pub fn notify_one(&self) -> bool {
        note(&self.record, |notices| &notices.one, Location::caller());
        self.inner.notify_one()
    }

    /// Same as [`parking_lot::Condvar::notify_all`].
    #[track_caller]
    pub fn notify_all(&self) -> usize {
        note(&self.record, |notices| &notices.waiters, Location::caller());
        self.inner.notify_all()
    }

    /// Same as [`parking_lot::Condvar::wait`].
    ///
    /// # Panics
    ///
    /// If another thread waits on it with a different mutex.
    #[track_caller]
    pub fn wait<T: ?Sized>(&self, mutex_guard: &mut MutexGuard<'_, T>) {
        let at = Location::caller();
        let (_suspended, inner) = mutex_guard.suspend(at);
        let _entry = await_notice(&self.record, at);
        self.inner.wait(inner);
    }

    /// Same as [`parking_lot::Condvar::wait_while`].
    ///
    /// # Panics
    ///
    /// If another thread waits on it with a different mutex.
    #[track_caller]
    pub fn wait_while<T, F>(&self, mutex_guard: &mut MutexGuard<'_, T>, mut condition: F)
    where
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *mutex_guard) {
            self.wait(mutex_guard);
        }
    }
}

/// A wait with a time limit ends on its own, so it is not recorded.
macro_rules! timed {
    ($($wait:ident $wait_while:ident $time:ident;)*) => {
        impl Condvar {
            $(
                #[doc = concat!("Same as [`parking_lot::Condvar::", stringify!($wait), "`].")]
                ///
                /// # Panics
                ///
                /// If another thread waits on it with a different mutex.
                #[track_caller]
                pub fn $wait<T: ?Sized>(
                    &self,
                    mutex_guard: &mut MutexGuard<'_, T>,
                    timeout: $time,
                ) -> WaitTimeoutResult {
                    let (_suspended, inner) = mutex_guard.suspend(Location::caller());
                    self.inner.$wait(inner, timeout)
                }

                #[doc = concat!("Same as [`parking_lot::Condvar::", stringify!($wait_while), "`].")]
                ///
                /// # Panics
                ///
                /// If another thread waits on it with a different mutex.
                #[track_caller]
                pub fn $wait_while<T, F>(
                    &self,
                    mutex_guard: &mut MutexGuard<'_, T>,
                    condition: F,
                    timeout: $time,
                ) -> WaitTimeoutResult
                where
                    T: ?Sized,
                    F: FnMut(&mut T) -> bool,
                {
                    let (_suspended, inner) = mutex_guard.suspend(Location::caller());
                    self.inner.$wait_while(inner, condition, timeout)
                }
            )*
        }
    };
}

timed! {
    wait_for wait_while_for Duration;
    wait_until wait_while_until Instant;
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Condvar {
        Condvar::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
