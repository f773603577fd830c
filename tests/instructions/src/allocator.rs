//! An allocator whose costs do not depend on what was allocated before.
//!
//! A call of malloc takes between 40 and 200 instructions, depending on which neighbours of a block are free. So a path
//! of another length, read at the start, changed the count of a spawn by 10 %.
#![expect(unsafe_code, reason = "an allocator returns memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

/// Keeps each freed block for the next allocation of its class.
pub(crate) struct Recycled;

/// Number of classes. The blocks of class `n` have 2ⁿ bytes, and are aligned to that up to a page.
const CLASSES: usize = 20;
const PAGE: usize = 4096;

/// The first word of a freed block holds the next free one.
type FreeBlock = Cell<*mut u8>;

thread_local! {
    /// A block is reused on the thread that freed it.
    static FREE: [FreeBlock; CLASSES] = const { [const { Cell::new(ptr::null_mut()) }; CLASSES] };
}

/// The class of `layout` and the layout of its blocks. `None` if such blocks are not kept.
fn class(layout: Layout) -> Option<(usize, Layout)> {
    let size = layout.size().max(layout.align()).max(size_of::<FreeBlock>()).next_power_of_two();
    let class = size.trailing_zeros() as usize;
    let is_kept = class < CLASSES && layout.align() <= PAGE;
    is_kept.then_some((class, Layout::from_size_align(size, size.min(PAGE)).ok()?))
}

// SAFETY: A block is at least as large and as aligned as its layout demands, because its class is. It is in a list only
// between `dealloc` and the next `alloc`.
unsafe impl GlobalAlloc for Recycled {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some((class, layout)) = class(layout) else {
            // SAFETY: As the caller promises.
            return unsafe { System.alloc(layout) };
        };
        FREE.with(|free| {
            let first = free[class].get();
            if first.is_null() {
                // SAFETY: The size is not zero.
                return unsafe { System.alloc(layout) };
            }
            // SAFETY: `dealloc` wrote the next block there.
            free[class].set(unsafe { first.cast::<*mut u8>().read() });
            first
        })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some((class, _)) = class(layout) else {
            // SAFETY: As the caller promises; it came from there.
            return unsafe { System.dealloc(block, layout) };
        };
        FREE.with(|free| {
            // SAFETY: The block is free, and has room and alignment for a pointer.
            unsafe { block.cast::<*mut u8>().write(free[class].replace(block)) };
        });
    }
}
