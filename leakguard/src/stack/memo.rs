//! Recognises a stack that was walked before without walking it; `unsafe` only to read the thread's own stack.
#![expect(unsafe_code, reason = "recognising a stack reads the same memory as unwinding it")]

use super::raw::RawStack;
use std::collections::VecDeque;

/// Maximum number of stacks that a thread remembers.
const CAPACITY: usize = 16;
const WORD: usize = size_of::<usize>();

/// Stacks by the positions of their return addresses.
///
/// A function's frame has one size for each of its return addresses. So, from the innermost frame outwards: if a return
/// address lies where it did before, the next frame belongs to the same function and ends where it did, and its return
/// address lies where it did. If all are the same up to the edge, the stack is the same. This takes 10 ns, and walking
/// takes 1 to 3 us.
#[derive(Default)]
pub(super) struct Memo(VecDeque<WalkedStack>);

struct WalkedStack {
    /// From `here` to the edge, in bytes.
    depth: usize,
    /// Each return address with its distance below the edge.
    slots: Box<[(usize, usize)]>,
    stack: RawStack,
}

impl Memo {
    /// The stack between `here`, an address in the caller's frame, and `edge`, one further out on the same stack, if
    /// it was walked before.
    pub(super) fn find(&self, here: usize, edge: usize) -> Option<&RawStack> {
        let depth = edge.checked_sub(here)?;
        let same = |walked: &&WalkedStack| {
            let is_there = |&(below, value): &(usize, usize)| read(edge - below) == value;
            walked.depth == depth && walked.slots.iter().all(is_there)
        };
        self.0.iter().find(same).map(|walked| &walked.stack)
    }

    /// Remembers a stack with the stack pointer of each frame, if each return address lies right below that pointer, as
    /// on x86-64.
    pub(super) fn keep(&mut self, here: usize, edge: usize, pointers: &[usize], stack: &RawStack) {
        let Some(depth) = edge.checked_sub(here) else {
            return;
        };
        let mut slots = Vec::with_capacity(pointers.len());
        for (&pointer, &value) in pointers.iter().zip(stack.addresses()) {
            let slot = pointer.wrapping_sub(WORD);
            // Frames called from `here` are not there when the stack is compared.
            if pointer <= here + WORD {
                continue;
            }
            if slot % WORD != 0 || slot >= edge || read(slot) != value {
                return;
            }
            slots.push((edge - slot, value));
        }
        self.0.truncate(CAPACITY - 1);
        self.0.push_front(WalkedStack { depth, slots: slots.into(), stack: stack.clone() });
    }
}

/// Reads a word of this thread's stack.
fn read(slot: usize) -> usize {
    let slot = std::ptr::with_exposed_provenance::<usize>(slot);
    // SAFETY: Both callers pass an aligned address between `here`, in a frame that is being executed, and the edge, in
    // a frame further out on the same thread's stack: `keep` checks the bounds, `find` has a `depth` equal to that of
    // `keep`. So the memory is mapped and readable, and no other thread writes to it. The word may be padding of a
    // frame. The read is volatile, so that the compiler assumes nothing of it, and the value is only compared.
    unsafe { slot.read_volatile() }
}
