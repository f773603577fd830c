//! The place that a call takes until it is over.

use crate::lock::Lock;
use crate::supervise::load::Load;
use std::sync::{Arc, MutexGuard};
use tokio::time::Instant;

/// The one place that locks the calls of a monitor; no code of the user's runs under it.
#[derive(Debug)]
pub(crate) struct Shelf(Lock<Load>);

impl Shelf {
    pub(crate) fn new(load: Load) -> Self {
        Shelf(Lock::new(load))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Load> {
        self.0.lock()
    }
}

/// Taken before a call begins, and given back when the last of it is gone.
#[derive(Debug)]
pub(crate) struct Slot {
    shelf: Arc<Shelf>,
    pub(crate) number: u64,
    over: bool,
}

impl Slot {
    /// `None` if all places are taken.
    pub(crate) fn take(shelf: &Arc<Shelf>) -> Option<Self> {
        let number = shelf.lock().enter(Instant::now())?;
        Some(Slot {
            shelf: shelf.clone(),
            number,
            over: false,
        })
    }

    /// The call has come to its own end.
    pub(crate) fn is_over(&mut self) {
        self.over = true;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // A panic is an end of its own, too.
        let cancelled = !self.over && !std::thread::panicking();
        self.shelf
            .lock()
            .leave(self.number, cancelled, Instant::now());
    }
}
