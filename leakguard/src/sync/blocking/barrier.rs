//! The twin of `std::sync::Barrier`.

use crate::fact::kind::{Operation, ResourceKind};
use crate::sync::lazy::Lazy;
use std::fmt;
use std::panic::Location;
use std::sync as std_sync;
use std::sync::BarrierWaitResult;

/// Instrumented drop-in for [`std::sync::Barrier`].
pub struct Barrier {
    record: Lazy,
    inner: std_sync::Barrier,
}

impl Barrier {
    /// Same as [`std::sync::Barrier::new`].
    #[track_caller]
    pub const fn new(n: usize) -> Barrier {
        // std reads 0 as 1.
        let threads = if n == 0 { 1 } else { n };
        Barrier {
            record: Lazy::const_new(ResourceKind::Barrier, Some(threads), Location::caller()),
            inner: std_sync::Barrier::new(n),
        }
    }

    /// Same as [`std::sync::Barrier::wait`].
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let at = Location::caller();
        // The last thread enters the queue as well, and leaves it at once.
        let _entry = self.record.block(Operation::Barrier, 1, at);
        self.inner.wait()
    }
}

impl std::panic::UnwindSafe for Barrier {}
impl std::panic::RefUnwindSafe for Barrier {}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
