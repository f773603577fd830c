//! The slot that a call occupies until it has ended.

use crate::lock::Lock;
use crate::supervise::load::Load;
use std::sync::{Arc, MutexGuard};
use tokio::time::Instant;

/// The only place that locks the calls of a monitor. No user code runs under the lock.
#[derive(Debug)]
pub(crate) struct SharedLoad(Lock<Load>);

impl SharedLoad {
    pub(crate) fn new(load: Load) -> Self {
        SharedLoad(Lock::new(load))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Load> {
        self.0.lock()
    }
}

/// Acquired before a call begins, and returned when its task has been dropped.
#[derive(Debug)]
pub(crate) struct CallSlot {
    load: Arc<SharedLoad>,
    pub(crate) number: u64,
    has_ended: bool,
}

impl CallSlot {
    /// `None` if the monitor is full.
    pub(crate) fn acquire(load: &Arc<SharedLoad>) -> Option<Self> {
        let number = load.lock().enter(Instant::now())?;
        Some(CallSlot { load: load.clone(), number, has_ended: false })
    }

    /// The call ended by itself.
    pub(crate) fn set_ended(&mut self) {
        self.has_ended = true;
    }
}

impl Drop for CallSlot {
    fn drop(&mut self) {
        // A call that panics also ends by itself.
        let cancelled = !self.has_ended && !std::thread::panicking();
        self.load.lock().leave(self.number, cancelled, Instant::now());
    }
}
