//! Numbers for resources, endpoints and waits.

use crate::fact::id::SUPPLY;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The first of `count` numbers that no other resource, endpoint or wait has. Those of one thread increase.
#[inline]
pub(crate) fn number(count: u64) -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(1);
    thread_local!(static FREE: Cell<(u64, u64)> = const { Cell::new((0, 0)) });
    FREE.with(|free| {
        let (mut first, mut end) = free.get();
        if end - first < count {
            first = LAST.fetch_add(SUPPLY, Relaxed);
            end = first + SUPPLY;
        }
        free.set((first + count, end));
        first
    })
}
