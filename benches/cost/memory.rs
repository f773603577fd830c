//! Counts the bytes that are allocated, only while a measurement asks for it. It does not know the measurements.
//!
//! The crates for this (`stats_alloc`, `cap`, `allocation-counter`) count always, by two atomics or thread-locals for
//! each call. The timed workloads would pay for that, and a form that allocates more would pay more.
#![expect(unsafe_code, reason = "a global allocator is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

static COUNTS: AtomicBool = AtomicBool::new(false);
static BYTES: AtomicI64 = AtomicI64::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

/// Runs `work` and returns how many more bytes are allocated after it than before, by any thread.
pub fn grown<T>(work: impl FnOnce() -> T) -> (T, i64) {
    BYTES.store(0, Relaxed);
    COUNTS.store(true, Relaxed);
    let result = work();
    COUNTS.store(false, Relaxed);
    (result, BYTES.load(Relaxed))
}

fn note(more: usize, less: usize) {
    if COUNTS.load(Relaxed) {
        BYTES.fetch_add(more as i64 - less as i64, Relaxed);
    }
}

// SAFETY: each method passes its arguments to `System` unchanged and returns its result.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: the caller upholds the contract that `System` requires.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }
}
