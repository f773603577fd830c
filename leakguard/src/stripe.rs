//! Spreads threads over stripes, so that threads that do the same at once rarely contend for a lock or a cache line.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Number of stripes.
pub(crate) const STRIPES: usize = 16;

/// The stripe of the current thread.
#[inline]
pub(crate) fn of_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static STRIPE: Cell<usize> = const { Cell::new(usize::MAX) });
    // A thread that is being torn down still ends and even spawns tasks, and creates channels.
    STRIPE
        .try_with(|stripe| {
            if stripe.get() == usize::MAX {
                stripe.set(NEXT.fetch_add(1, Relaxed) % STRIPES);
            }
            stripe.get()
        })
        .unwrap_or(0)
}
