//! Knows a stack again that was walked before, without walking it; `unsafe` only to read the thread's own stack.
#![expect(
    unsafe_code,
    reason = "what an unwinder reads, an unwinder's memory must read too"
)]

use super::raw::RawStack;
use std::collections::VecDeque;

/// So many stacks a thread knows.
const KNOWN: usize = 16;
const WORD: usize = size_of::<usize>();

/// Stacks by where their return addresses lie.
///
/// A function's frame has one size for each of its return addresses. So, from the inner end: if a return address lies
/// where it did, the next frame is of the same function and ends where it did, and its return address lies where it
/// did. If all are the same, to the edge, the stack is. That takes 10 ns, where walking takes 1 to 3 us.
#[derive(Default)]
pub(super) struct Memo(VecDeque<Known>);

struct Known {
    /// From `here` to the edge, in bytes.
    depth: usize,
    /// Each return address, and how far below the edge it lies.
    slots: Box<[(usize, usize)]>,
    stack: RawStack,
}

impl Memo {
    /// The stack between `here`, an address in the caller's frame, and `edge`, one further out on the same stack, if
    /// it is known.
    pub(super) fn find(&self, here: usize, edge: usize) -> Option<&RawStack> {
        let depth = edge.checked_sub(here)?;
        let same = |known: &&Known| {
            let is_there = |&(below, value): &(usize, usize)| read(edge - below) == value;
            known.depth == depth && known.slots.iter().all(is_there)
        };
        self.0.iter().find(same).map(|known| &known.stack)
    }

    /// Keeps a stack with the stack pointer of each frame, if its return addresses lie where they can be found again:
    /// right below that pointer, as on x86-64.
    pub(super) fn keep(&mut self, here: usize, edge: usize, pointers: &[usize], stack: &RawStack) {
        let Some(depth) = edge.checked_sub(here) else {
            return;
        };
        let mut slots = Vec::with_capacity(pointers.len());
        for (&pointer, &value) in pointers.iter().zip(stack.addresses()) {
            let slot = pointer.wrapping_sub(WORD);
            // What is called from `here` is not there when the stack is compared.
            if pointer <= here + WORD {
                continue;
            }
            if slot % WORD != 0 || slot >= edge || read(slot) != value {
                return;
            }
            slots.push((edge - slot, value));
        }
        self.0.truncate(KNOWN - 1);
        self.0.push_front(Known {
            depth,
            slots: slots.into(),
            stack: stack.clone(),
        });
    }
}

/// Reads a word of this thread's stack.
fn read(slot: usize) -> usize {
    let slot = std::ptr::with_exposed_provenance::<usize>(slot);
    // SAFETY: Both callers pass an aligned address between `here`, in a frame that is being executed, and the edge, in a
    // frame further out on the same thread's stack: `keep` checks the bounds, `find` has a `depth` equal to that of
    // `keep`. So the memory is mapped and readable, and no other thread writes to it. What lies there may be padding
    // of some frame; volatile, so that the compiler makes nothing of that, and only compared.
    unsafe { slot.read_volatile() }
}
