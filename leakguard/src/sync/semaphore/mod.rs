//! The twin of `tokio::sync::Semaphore`, without what acquires its permits.

mod acquire;
mod permit;

pub use permit::{OwnedSemaphorePermit, SemaphorePermit};

use crate::fact::kind::ResourceKind;
use crate::sync::here;
use crate::sync::lazy::Lazy;
use std::fmt;
use std::panic::Location;
use tokio::sync as tokio_sync;

/// Instrumented drop-in for [`tokio::sync::Semaphore`].
pub struct Semaphore {
    inner: tokio_sync::Semaphore,
    record: Lazy,
}

impl Semaphore {
    /// Same as [`tokio::sync::Semaphore::MAX_PERMITS`].
    pub const MAX_PERMITS: usize = tokio_sync::Semaphore::MAX_PERMITS;

    /// Same as [`tokio::sync::Semaphore::new`].
    ///
    /// # Panics
    ///
    /// If `permits` is greater than [`Semaphore::MAX_PERMITS`].
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        Semaphore::from(tokio_sync::Semaphore::new(permits))
    }

    /// Same as [`tokio::sync::Semaphore::const_new`].
    ///
    /// # Panics
    ///
    /// If `permits` is greater than [`Semaphore::MAX_PERMITS`].
    #[track_caller]
    pub const fn const_new(permits: usize) -> Self {
        Semaphore {
            inner: tokio_sync::Semaphore::const_new(permits),
            record: Lazy::const_new(ResourceKind::Semaphore, Some(permits), Location::caller()),
        }
    }

    /// Returns tokio's own semaphore, which has the permits that are free now.
    pub fn into_inner(self) -> tokio_sync::Semaphore {
        self.inner
    }

    /// Same as [`tokio::sync::Semaphore::add_permits`].
    ///
    /// # Panics
    ///
    /// If there would be more than [`Semaphore::MAX_PERMITS`].
    pub fn add_permits(&self, n: usize) {
        if let Some(holds) = self.record.holds() {
            holds.add_permits(n, here::here().now);
        }
        self.inner.add_permits(n);
    }

    /// Same as [`tokio::sync::Semaphore::forget_permits`].
    #[track_caller]
    pub fn forget_permits(&self, n: usize) -> usize {
        let forgotten = self.inner.forget_permits(n);
        if let Some(holds) = self.record.holds() {
            holds.remove_permits(forgotten, Location::caller());
        }
        forgotten
    }

    forward! { "Semaphore";
        fn available_permits(&self) -> usize;
        fn close(&self) -> ();
        fn is_closed(&self) -> bool;
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl From<tokio_sync::Semaphore> for Semaphore {
    #[track_caller]
    fn from(inner: tokio_sync::Semaphore) -> Self {
        let permits = Some(inner.available_permits());
        let record = Lazy::new(ResourceKind::Semaphore, permits, Location::caller());
        Semaphore { inner, record }
    }
}

impl From<Semaphore> for tokio_sync::Semaphore {
    fn from(semaphore: Semaphore) -> Self {
        semaphore.into_inner()
    }
}
