//! The twin of `tokio::sync::Barrier`.

use crate::fact::kind::{Operation, ResourceKind};
use crate::sync::lazy::Lazy;
use std::future::Future;
use std::panic::Location;
use tokio::sync as tokio_sync;
use tokio::sync::BarrierWaitResult;

/// Instrumented drop-in for [`tokio::sync::Barrier`].
pub struct Barrier {
    inner: tokio_sync::Barrier,
    record: Lazy,
}

impl Barrier {
    /// Same as [`tokio::sync::Barrier::new`].
    #[track_caller]
    pub fn new(n: usize) -> Barrier {
        Barrier {
            inner: tokio_sync::Barrier::new(n),
            record: Lazy::new(ResourceKind::Barrier, Some(n.max(1)), Location::caller()),
        }
    }

    /// Returns tokio's own barrier, whose waits are no longer recorded.
    pub fn into_inner(self) -> tokio_sync::Barrier {
        self.inner
    }

    /// Same as [`tokio::sync::Barrier::wait`].
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = BarrierWaitResult> {
        let at = Location::caller();
        self.record.wait(Operation::Barrier, 1, at, self.inner.wait())
    }
}

impl From<Barrier> for tokio_sync::Barrier {
    fn from(barrier: Barrier) -> Self {
        barrier.into_inner()
    }
}

impl std::fmt::Debug for Barrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}
