//! The twin of `std::sync::Condvar`.

use super::mutex::MutexGuard;
use super::poisoned::map;
use crate::fact::kind::ResourceKind;
use crate::sync::lazy::Lazy;
use crate::sync::notice::{await_notice, note};
use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync as std_sync;
use std::sync::{LockResult, WaitTimeoutResult};
use std::time::Duration;

/// Instrumented drop-in for [`std::sync::Condvar`].
pub struct Condvar {
    record: Lazy,
    inner: std_sync::Condvar,
}

impl UnwindSafe for Condvar {}
impl RefUnwindSafe for Condvar {}

impl Condvar {
    /// Same as [`std::sync::Condvar::new`].
    #[track_caller]
    pub const fn new() -> Condvar {
        Condvar {
            record: Lazy::const_new(ResourceKind::Condvar, None, Location::caller()),
            inner: std_sync::Condvar::new(),
        }
    }

    /// Same as [`std::sync::Condvar::wait`].
    ///
    /// # Errors
    ///
    /// The guard, if the mutex is poisoned.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let at = Location::caller();
        let entry = await_notice(&self.record, at);
        let (record, inner) = guard.split();
        let woken = self.inner.wait(inner);
        drop(entry);
        map(woken, |inner| MutexGuard::new(record, inner, at))
    }

    /// Same as [`std::sync::Condvar::wait_while`].
    ///
    /// # Errors
    ///
    /// The guard, if the mutex is poisoned.
    #[track_caller]
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Same as [`std::sync::Condvar::wait_timeout_ms`], which is deprecated.
    ///
    /// # Errors
    ///
    /// The guard, if the mutex is poisoned.
    #[track_caller]
    #[deprecated(note = "replaced by `std::sync::Condvar::wait_timeout`")]
    pub fn wait_timeout_ms<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        ms: u32,
    ) -> LockResult<(MutexGuard<'a, T>, bool)> {
        let woken = self.wait_timeout(guard, Duration::from_millis(ms.into()));
        map(woken, |(guard, result)| (guard, !result.timed_out()))
    }

    /// Same as [`std::sync::Condvar::wait_timeout`]. The wait ends on its own, so it is not recorded.
    ///
    /// # Errors
    ///
    /// The guard, if the mutex is poisoned.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let at = Location::caller();
        let (record, inner) = guard.split();
        let woken = self.inner.wait_timeout(inner, timeout);
        map(woken, |(inner, result)| (MutexGuard::new(record, inner, at), result))
    }

    /// Same as [`std::sync::Condvar::wait_timeout_while`].
    ///
    /// # Errors
    ///
    /// The guard, if the mutex is poisoned.
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
        condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let at = Location::caller();
        let (record, inner) = guard.split();
        let woken = self.inner.wait_timeout_while(inner, timeout, condition);
        map(woken, |(inner, result)| (MutexGuard::new(record, inner, at), result))
    }

    /// Same as [`std::sync::Condvar::notify_one`].
    #[track_caller]
    pub fn notify_one(&self) {
        note(&self.record, |notices| &notices.one, Location::caller());
        self.inner.notify_one();
    }

    /// Same as [`std::sync::Condvar::notify_all`].
    #[track_caller]
    pub fn notify_all(&self) {
        note(&self.record, |notices| &notices.waiters, Location::caller());
        self.inner.notify_all();
    }
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
