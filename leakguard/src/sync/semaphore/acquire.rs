//! The ways to acquire permits of a semaphore.

use super::Semaphore;
use super::permit::{OwnedSemaphorePermit, SemaphorePermit};
use crate::fact::kind::Operation;
use crate::site::CallSite;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use tokio::sync as tokio_sync;
use tokio::sync::{AcquireError, TryAcquireError};

impl Semaphore {
    /// Same as [`tokio::sync::Semaphore::acquire`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        self.acquire_many(1)
    }

    /// Same as [`tokio::sync::Semaphore::acquire_many`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    #[track_caller]
    pub fn acquire_many(
        &self,
        n: u32,
    ) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let at = Location::caller();
        async move {
            let acquire = self.inner.acquire_many(n);
            let wait = self.record.wait(Operation::Acquire, n as usize, at, acquire);
            Ok(SemaphorePermit::new(self, wait.await?, at))
        }
    }

    /// Same as [`tokio::sync::Semaphore::try_acquire`].
    ///
    /// # Errors
    ///
    /// If no permit is free, or the semaphore has been closed.
    #[track_caller]
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Same as [`tokio::sync::Semaphore::try_acquire_many`].
    ///
    /// # Errors
    ///
    /// If too few permits are free, or the semaphore has been closed.
    #[track_caller]
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        let permit = self.inner.try_acquire_many(n)?;
        Ok(SemaphorePermit::new(self, permit, Location::caller()))
    }

    /// Same as [`tokio::sync::Semaphore::blocking_acquire`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[cfg(not(leakguard_tokio_before = "1.54"))]
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.blocking_acquire_many(1)
    }

    /// Same as [`tokio::sync::Semaphore::blocking_acquire_many`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[cfg(not(leakguard_tokio_before = "1.54"))]
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        let at = Location::caller();
        let permit = self.block(n, at)?;
        Ok(SemaphorePermit::new(self, permit, at))
    }

    /// Same as [`tokio::sync::Semaphore::acquire_owned`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    #[track_caller]
    pub fn acquire_owned(
        self: Arc<Self>,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        self.acquire_many_owned(1)
    }

    /// Same as [`tokio::sync::Semaphore::acquire_many_owned`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    #[track_caller]
    pub fn acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let at = Location::caller();
        async move {
            let acquire = self.inner.acquire_many(n);
            let wait = self.record.wait(Operation::Acquire, n as usize, at, acquire);
            wait.await?.forget();
            Ok(OwnedSemaphorePermit::new(self, n as usize, at))
        }
    }

    /// Same as [`tokio::sync::Semaphore::try_acquire_owned`].
    ///
    /// # Errors
    ///
    /// If no permit is free, or the semaphore has been closed.
    #[track_caller]
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// Same as [`tokio::sync::Semaphore::try_acquire_many_owned`].
    ///
    /// # Errors
    ///
    /// If too few permits are free, or the semaphore has been closed.
    #[track_caller]
    pub fn try_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.inner.try_acquire_many(n)?.forget();
        let at = Location::caller();
        Ok(OwnedSemaphorePermit::new(self, n as usize, at))
    }

    /// Same as [`tokio::sync::Semaphore::blocking_acquire_owned`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[cfg(not(leakguard_tokio_before = "1.54"))]
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.blocking_acquire_many_owned(1)
    }

    /// Same as [`tokio::sync::Semaphore::blocking_acquire_many_owned`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[cfg(not(leakguard_tokio_before = "1.54"))]
    #[track_caller]
    pub fn blocking_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        let at = Location::caller();
        self.block(n, at)?.forget();
        Ok(OwnedSemaphorePermit::new(self, n as usize, at))
    }

    #[cfg(not(leakguard_tokio_before = "1.54"))]
    #[track_caller]
    fn block(&self, n: u32, at: CallSite) -> Result<tokio_sync::SemaphorePermit<'_>, AcquireError> {
        let _entry = self.record.block(Operation::Acquire, n as usize, at);
        self.inner.blocking_acquire_many(n)
    }
}
