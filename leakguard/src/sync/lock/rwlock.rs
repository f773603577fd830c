//! The twin of `tokio::sync::RwLock`.

use super::cell::{Exclusive, HasValue, LockedValue, Shared};
use super::core::{HasCore, HeldPermits, LockCore};
use super::read_guard::{OwnedRwLockReadGuard, RwLockReadGuard};
use super::write_guard::{OwnedRwLockWriteGuard, RwLockWriteGuard};
use crate::fact::kind::{Operation, ResourceKind};
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use tokio::sync as tokio_sync;
use tokio::sync::TryLockError;

/// Maximum number of readers, which is tokio's.
const MAX_READS: u32 = u32::MAX >> 3;

/// Instrumented drop-in for [`tokio::sync::RwLock`].
pub struct RwLock<T: ?Sized> {
    core: LockCore,
    value: LockedValue<T>,
}

impl<T: ?Sized> HasCore for &RwLock<T> {
    fn core(&self) -> &LockCore {
        &self.core
    }
}

impl<T: ?Sized> HasCore for Arc<RwLock<T>> {
    const MOVABLE: bool = true;

    fn core(&self) -> &LockCore {
        &self.core
    }
}

impl<T: ?Sized> HasValue<T> for &RwLock<T> {
    fn value(&self) -> &LockedValue<T> {
        &self.value
    }
}

impl<T: ?Sized> HasValue<T> for Arc<RwLock<T>> {
    fn value(&self) -> &LockedValue<T> {
        &self.value
    }
}

impl<'a, T: ?Sized> From<&'a RwLock<T>> for &'a LockCore {
    fn from(lock: &'a RwLock<T>) -> Self {
        &lock.core
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Same as [`tokio::sync::RwLock::new`].
    #[track_caller]
    pub fn new(value: T) -> RwLock<T>
    where
        T: Sized,
    {
        RwLock::with_max_readers(value, MAX_READS)
    }

    /// Same as [`tokio::sync::RwLock::with_max_readers`].
    ///
    /// # Panics
    ///
    /// If `max_reads` is 0 or greater than `u32::MAX >> 3`.
    #[track_caller]
    pub fn with_max_readers(value: T, max_reads: u32) -> RwLock<T>
    where
        T: Sized,
    {
        assert_ne!(max_reads, 0, "a RwLock may not be created with 0 readers");
        assert!(
            max_reads <= MAX_READS,
            "a RwLock may not be created with more than {MAX_READS} readers"
        );
        RwLock {
            core: LockCore::new(ResourceKind::RwLock, max_reads, Location::caller()),
            value: LockedValue::new(value),
        }
    }

    /// Same as [`tokio::sync::RwLock::const_new`].
    #[track_caller]
    pub const fn const_new(value: T) -> RwLock<T>
    where
        T: Sized,
    {
        RwLock::const_with_max_readers(value, MAX_READS)
    }

    /// Same as [`tokio::sync::RwLock::const_with_max_readers`].
    ///
    /// # Panics
    ///
    /// If `max_reads` is 0 or greater than `u32::MAX >> 3`.
    #[track_caller]
    pub const fn const_with_max_readers(value: T, max_reads: u32) -> RwLock<T>
    where
        T: Sized,
    {
        assert!(max_reads != 0, "a RwLock may not be created with 0 readers");
        assert!(max_reads <= MAX_READS);
        RwLock {
            core: LockCore::const_new(ResourceKind::RwLock, max_reads, Location::caller()),
            value: LockedValue::new(value),
        }
    }

    /// Same as [`tokio::sync::RwLock::read`].
    #[track_caller]
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T>> {
        let at = Location::caller();
        async move {
            let held = HeldPermits::acquire(self, 1, Operation::Read, at).await;
            RwLockReadGuard::new(Shared::new(held).erase())
        }
    }

    /// Same as [`tokio::sync::RwLock::blocking_read`].
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        let held = HeldPermits::block(self, 1, Operation::Read, Location::caller());
        RwLockReadGuard::new(Shared::new(held).erase())
    }

    /// Same as [`tokio::sync::RwLock::read_owned`].
    #[track_caller]
    pub fn read_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockReadGuard<T>> {
        let at = Location::caller();
        async move {
            let held = HeldPermits::acquire(self, 1, Operation::Read, at).await;
            OwnedRwLockReadGuard::new(Shared::new(held))
        }
    }

    /// Same as [`tokio::sync::RwLock::try_read`].
    ///
    /// # Errors
    ///
    /// If a writer holds the lock or waits for it.
    #[track_caller]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        let held = HeldPermits::try_acquire(self, 1, Location::caller())?;
        Ok(RwLockReadGuard::new(Shared::new(held).erase()))
    }

    /// Same as [`tokio::sync::RwLock::try_read_owned`].
    ///
    /// # Errors
    ///
    /// If a writer holds the lock or waits for it.
    #[track_caller]
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        let held = HeldPermits::try_acquire(self, 1, Location::caller())?;
        Ok(OwnedRwLockReadGuard::new(Shared::new(held)))
    }

    /// Same as [`tokio::sync::RwLock::write`].
    #[track_caller]
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T>> {
        let at = Location::caller();
        async move {
            let held = HeldPermits::acquire(self, self.core.all(), Operation::Write, at).await;
            RwLockWriteGuard::new(Exclusive::new(held).erase())
        }
    }

    /// Same as [`tokio::sync::RwLock::blocking_write`].
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        let all = self.core.all();
        let held = HeldPermits::block(self, all, Operation::Write, Location::caller());
        RwLockWriteGuard::new(Exclusive::new(held).erase())
    }

    /// Same as [`tokio::sync::RwLock::write_owned`].
    #[track_caller]
    pub fn write_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockWriteGuard<T>> {
        let at = Location::caller();
        async move {
            let all = self.core.all();
            let held = HeldPermits::acquire(self, all, Operation::Write, at).await;
            OwnedRwLockWriteGuard::new(Exclusive::new(held))
        }
    }

    /// Same as [`tokio::sync::RwLock::try_write`].
    ///
    /// # Errors
    ///
    /// If a reader or writer holds the lock.
    #[track_caller]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        let held = HeldPermits::try_acquire(self, self.core.all(), Location::caller())?;
        Ok(RwLockWriteGuard::new(Exclusive::new(held).erase()))
    }

    /// Same as [`tokio::sync::RwLock::try_write_owned`].
    ///
    /// # Errors
    ///
    /// If a reader or writer holds the lock.
    #[track_caller]
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        let all = self.core.all();
        let held = HeldPermits::try_acquire(self, all, Location::caller())?;
        Ok(OwnedRwLockWriteGuard::new(Exclusive::new(held)))
    }

    /// Same as [`tokio::sync::RwLock::get_mut`].
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Same as [`tokio::sync::RwLock::into_inner`].
    pub fn into_inner(self) -> T
    where
        T: Sized,
    {
        self.value.into_inner()
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T> From<tokio_sync::RwLock<T>> for RwLock<T> {
    #[track_caller]
    fn from(lock: tokio_sync::RwLock<T>) -> Self {
        RwLock::new(lock.into_inner())
    }
}

impl<T> From<RwLock<T>> for tokio_sync::RwLock<T> {
    fn from(lock: RwLock<T>) -> Self {
        tokio_sync::RwLock::with_max_readers(lock.value.into_inner(), lock.core.all())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => shown.field("data", &&*guard),
            Err(_) => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish()
    }
}
