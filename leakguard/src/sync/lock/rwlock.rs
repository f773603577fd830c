//! The twin of `tokio::sync::RwLock`.

use super::cell::{Exclusive, LockOf, Shared, Value};
use super::core::{Core, Grip, Lock};
use super::read_guard::{OwnedRwLockReadGuard, RwLockReadGuard};
use super::write_guard::{OwnedRwLockWriteGuard, RwLockWriteGuard};
use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use tokio::sync as tokio_sync;
use tokio::sync::TryLockError;

/// As many as tokio allows.
const MAX_READS: u32 = u32::MAX >> 3;

/// As [`tokio::sync::RwLock`].
pub struct RwLock<T: ?Sized> {
    core: Core,
    value: Value<T>,
}

impl<T: ?Sized> Lock for &RwLock<T> {
    fn core(&self) -> &Core {
        &self.core
    }
}

impl<T: ?Sized> Lock for Arc<RwLock<T>> {
    const MOVABLE: bool = true;

    fn core(&self) -> &Core {
        &self.core
    }
}

impl<T: ?Sized> LockOf<T> for &RwLock<T> {
    fn value(&self) -> &Value<T> {
        &self.value
    }
}

impl<T: ?Sized> LockOf<T> for Arc<RwLock<T>> {
    fn value(&self) -> &Value<T> {
        &self.value
    }
}

impl<'a, T: ?Sized> From<&'a RwLock<T>> for &'a Core {
    fn from(lock: &'a RwLock<T>) -> Self {
        &lock.core
    }
}

impl<T: ?Sized> RwLock<T> {
    /// As [`tokio::sync::RwLock::new`].
    #[track_caller]
    pub fn new(value: T) -> RwLock<T>
    where
        T: Sized,
    {
        RwLock::with_max_readers(value, MAX_READS)
    }

    /// As [`tokio::sync::RwLock::with_max_readers`].
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
            core: Core::new(ResourceKind::RwLock, max_reads, Location::caller()),
            value: Value::new(value),
        }
    }

    /// As [`tokio::sync::RwLock::const_new`].
    #[track_caller]
    pub const fn const_new(value: T) -> RwLock<T>
    where
        T: Sized,
    {
        RwLock::const_with_max_readers(value, MAX_READS)
    }

    /// As [`tokio::sync::RwLock::const_with_max_readers`].
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
            core: Core::constant(ResourceKind::RwLock, max_reads, Location::caller()),
            value: Value::new(value),
        }
    }

    /// As [`tokio::sync::RwLock::read`].
    #[track_caller]
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T>> {
        let at = Location::caller();
        async move {
            let grip = Grip::acquire(self, 1, Operation::Read, at).await;
            RwLockReadGuard::new(Shared::new(grip).erase())
        }
    }

    /// As [`tokio::sync::RwLock::blocking_read`].
    ///
    /// # Panics
    ///
    /// Inside an asynchronous context.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        let grip = Grip::block(self, 1, Operation::Read, Location::caller());
        RwLockReadGuard::new(Shared::new(grip).erase())
    }

    /// As [`tokio::sync::RwLock::read_owned`].
    #[track_caller]
    pub fn read_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockReadGuard<T>> {
        let at = Location::caller();
        async move {
            let grip = Grip::acquire(self, 1, Operation::Read, at).await;
            OwnedRwLockReadGuard::new(Shared::new(grip))
        }
    }

    /// As [`tokio::sync::RwLock::try_read`].
    ///
    /// # Errors
    ///
    /// If somebody writes, or waits to write.
    #[track_caller]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        let grip = Grip::try_acquire(self, 1, Location::caller())?;
        Ok(RwLockReadGuard::new(Shared::new(grip).erase()))
    }

    /// As [`tokio::sync::RwLock::try_read_owned`].
    ///
    /// # Errors
    ///
    /// If somebody writes, or waits to write.
    #[track_caller]
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        let grip = Grip::try_acquire(self, 1, Location::caller())?;
        Ok(OwnedRwLockReadGuard::new(Shared::new(grip)))
    }

    /// As [`tokio::sync::RwLock::write`].
    #[track_caller]
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T>> {
        let at = Location::caller();
        async move {
            let grip = Grip::acquire(self, self.core.all(), Operation::Write, at).await;
            RwLockWriteGuard::new(Exclusive::new(grip).erase())
        }
    }

    /// As [`tokio::sync::RwLock::blocking_write`].
    ///
    /// # Panics
    ///
    /// Inside an asynchronous context.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        let all = self.core.all();
        let grip = Grip::block(self, all, Operation::Write, Location::caller());
        RwLockWriteGuard::new(Exclusive::new(grip).erase())
    }

    /// As [`tokio::sync::RwLock::write_owned`].
    #[track_caller]
    pub fn write_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockWriteGuard<T>> {
        let at = Location::caller();
        async move {
            let all = self.core.all();
            let grip = Grip::acquire(self, all, Operation::Write, at).await;
            OwnedRwLockWriteGuard::new(Exclusive::new(grip))
        }
    }

    /// As [`tokio::sync::RwLock::try_write`].
    ///
    /// # Errors
    ///
    /// If somebody reads or writes.
    #[track_caller]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        let grip = Grip::try_acquire(self, self.core.all(), Location::caller())?;
        Ok(RwLockWriteGuard::new(Exclusive::new(grip).erase()))
    }

    /// As [`tokio::sync::RwLock::try_write_owned`].
    ///
    /// # Errors
    ///
    /// If somebody reads or writes.
    #[track_caller]
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        let all = self.core.all();
        let grip = Grip::try_acquire(self, all, Location::caller())?;
        Ok(OwnedRwLockWriteGuard::new(Exclusive::new(grip)))
    }

    /// As [`tokio::sync::RwLock::get_mut`].
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// As [`tokio::sync::RwLock::into_inner`].
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
