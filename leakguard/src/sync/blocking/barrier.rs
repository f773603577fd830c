//! The twin of `std::sync::Barrier`.

use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::sync::lazy::Lazy;
use std::fmt;
use std::panic::Location;
use std::sync as std_sync;
use std::sync::BarrierWaitResult;

/// As [`std::sync::Barrier`].
pub struct Barrier {
    record: Lazy,
    inner: std_sync::Barrier,
}

impl Barrier {
    /// As [`std::sync::Barrier::new`].
    #[track_caller]
    pub const fn new(n: usize) -> Barrier {
        // std takes 0 for 1.
        let threads = if n == 0 { 1 } else { n };
        Barrier {
            record: Lazy::constant(ResourceKind::Barrier, Some(threads), Location::caller()),
            inner: std_sync::Barrier::new(n),
        }
    }

    /// As [`std::sync::Barrier::wait`].
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let at = Location::caller();
        // The last to come is in the queue as well, for no time at all.
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
