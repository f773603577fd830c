//! The twin of `tokio::sync::Mutex`.

use super::cell::{Exclusive, HasValue, LockedValue};
use super::core::{HasCore, HeldPermits, LockCore};
use super::mutex_guard::{MutexGuard, OwnedMutexGuard};
use crate::fact::kind::{Operation, ResourceKind};
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use tokio::sync as tokio_sync;
use tokio::sync::TryLockError;

/// Instrumented drop-in for [`tokio::sync::Mutex`].
pub struct Mutex<T: ?Sized> {
    core: LockCore,
    value: LockedValue<T>,
}

impl<T: ?Sized> HasCore for &Mutex<T> {
    fn core(&self) -> &LockCore {
        &self.core
    }
}

impl<T: ?Sized> HasCore for Arc<Mutex<T>> {
    const MOVABLE: bool = true;

    fn core(&self) -> &LockCore {
        &self.core
    }
}

impl<T: ?Sized> HasValue<T> for &Mutex<T> {
    fn value(&self) -> &LockedValue<T> {
        &self.value
    }
}

impl<T: ?Sized> HasValue<T> for Arc<Mutex<T>> {
    fn value(&self) -> &LockedValue<T> {
        &self.value
    }
}

impl<'a, T: ?Sized> From<&'a Mutex<T>> for &'a LockCore {
    fn from(mutex: &'a Mutex<T>) -> Self {
        &mutex.core
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Same as [`tokio::sync::Mutex::new`].
    #[track_caller]
    pub fn new(t: T) -> Self
    where
        T: Sized,
    {
        Mutex {
            core: LockCore::new(ResourceKind::Mutex, 1, Location::caller()),
            value: LockedValue::new(t),
        }
    }

    /// Same as [`tokio::sync::Mutex::const_new`].
    #[track_caller]
    pub const fn const_new(t: T) -> Self
    where
        T: Sized,
    {
        Mutex {
            core: LockCore::const_new(ResourceKind::Mutex, 1, Location::caller()),
            value: LockedValue::new(t),
        }
    }

    /// Same as [`tokio::sync::Mutex::lock`].
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = MutexGuard<'_, T>> {
        let at = Location::caller();
        async move {
            let held = HeldPermits::acquire(self, 1, Operation::Lock, at).await;
            MutexGuard(Exclusive::new(held))
        }
    }

    /// Same as [`tokio::sync::Mutex::blocking_lock`].
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        let held = HeldPermits::block(self, 1, Operation::Lock, Location::caller());
        MutexGuard(Exclusive::new(held))
    }

    /// Same as [`tokio::sync::Mutex::blocking_lock_owned`].
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let held = HeldPermits::block(self, 1, Operation::Lock, Location::caller());
        OwnedMutexGuard(Exclusive::new(held))
    }

    /// Same as [`tokio::sync::Mutex::lock_owned`].
    #[track_caller]
    pub fn lock_owned(self: Arc<Self>) -> impl Future<Output = OwnedMutexGuard<T>> {
        let at = Location::caller();
        async move {
            let held = HeldPermits::acquire(self, 1, Operation::Lock, at).await;
            OwnedMutexGuard(Exclusive::new(held))
        }
    }

    /// Same as [`tokio::sync::Mutex::try_lock`].
    ///
    /// # Errors
    ///
    /// If the mutex is locked.
    #[track_caller]
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        let held = HeldPermits::try_acquire(self, 1, Location::caller())?;
        Ok(MutexGuard(Exclusive::new(held)))
    }

    /// Same as [`tokio::sync::Mutex::try_lock_owned`].
    ///
    /// # Errors
    ///
    /// If the mutex is locked.
    #[track_caller]
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        let held = HeldPermits::try_acquire(self, 1, Location::caller())?;
        Ok(OwnedMutexGuard(Exclusive::new(held)))
    }

    /// Same as [`tokio::sync::Mutex::get_mut`].
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Same as [`tokio::sync::Mutex::into_inner`].
    pub fn into_inner(self) -> T
    where
        T: Sized,
    {
        self.value.into_inner()
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> From<tokio_sync::Mutex<T>> for Mutex<T> {
    #[track_caller]
    fn from(mutex: tokio_sync::Mutex<T>) -> Self {
        Mutex::new(mutex.into_inner())
    }
}

impl<T> From<Mutex<T>> for tokio_sync::Mutex<T> {
    fn from(mutex: Mutex<T>) -> Self {
        tokio_sync::Mutex::new(mutex.into_inner())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => shown.field("data", &&*guard),
            Err(_) => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish()
    }
}
