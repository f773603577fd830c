//! A copy of one thread's registers and of the inner part of its stack.
#![expect(unsafe_code, reason = "copying a stack reads memory that has no Rust value")]

use crate::stack::unwind::Registers;
use std::ops::Range;

/// Maximum number of bytes copied: more than a hundred frames of a build without optimisation.
const CAPACITY: usize = 256 << 10;
const WORD: usize = size_of::<usize>();

/// What a thread was executing.
pub(super) struct StackCopy {
    /// Where the thread's stack lies.
    bounds: Range<usize>,
    registers: Registers,
    length: usize,
    bytes: [u8; CAPACITY],
}

impl StackCopy {
    pub(super) const EMPTY: StackCopy =
        StackCopy { bounds: 0..0, registers: Registers::ZERO, length: 0, bytes: [0; CAPACITY] };

    /// Prepares the copy for a thread whose stack has these bounds.
    pub(super) fn prepare(&mut self, bounds: Range<usize>) {
        self.bounds = bounds;
        self.registers = Registers::ZERO;
        self.length = 0;
    }

    /// Copies the stack of the calling thread, which was interrupted with these registers. Acquires no lock and
    /// allocates nothing.
    ///
    /// # Safety
    ///
    /// The prepared bounds are those of the calling thread's stack.
    pub(super) unsafe fn write(&mut self, registers: Registers) {
        self.registers = registers;
        // The bounds of another stack, such as a coroutine's, are unknown. The registers alone name the function.
        if !self.bounds.contains(&registers.sp) {
            return;
        }
        let length = (self.bounds.end - registers.sp).min(CAPACITY);
        let start = std::ptr::with_exposed_provenance::<u8>(registers.sp);
        // SAFETY: The caller vouches that this is the thread's stack, which is mapped from its stack pointer to its
        // outer bound, and no other thread writes to it while its thread is here. `bytes` has room for `length`. What
        // lies there may be no value of any type; to the C library it is bytes.
        unsafe { libc::memcpy(self.bytes.as_mut_ptr().cast(), start.cast(), length) };
        self.length = length;
    }

    pub(super) fn registers(&self) -> Registers {
        self.registers
    }

    /// The word at an address of the thread's stack.
    pub(super) fn read(&self, address: usize) -> Option<usize> {
        let at = address.checked_sub(self.registers.sp)?;
        let word = self.bytes[..self.length].get(at..at.checked_add(WORD)?)?;
        Some(usize::from_ne_bytes(word.try_into().ok()?))
    }
}
