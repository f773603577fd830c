//! A copy of one thread's registers and of the inner part of its stack.
#![expect(
    unsafe_code,
    reason = "to copy a stack is to read memory that is nobody's value"
)]

use super::registers::Registers;
use std::ops::Range;

/// So much of a stack is copied: more than a hundred frames of a build without optimisation.
const ROOM: usize = 256 << 10;
const WORD: usize = size_of::<u64>();

/// What a thread was doing.
pub(super) struct Page {
    /// Where the thread's stack lies.
    bounds: Range<usize>,
    registers: Registers,
    length: usize,
    stack: [u8; ROOM],
}

impl Page {
    pub(super) const EMPTY: Page = Page {
        bounds: 0..0,
        registers: Registers::ZERO,
        length: 0,
        stack: [0; ROOM],
    };

    /// For a thread whose stack lies there.
    pub(super) fn prepare(&mut self, bounds: Range<usize>) {
        self.bounds = bounds;
        self.registers = Registers::ZERO;
        self.length = 0;
    }

    /// Copies the stack of the calling thread, whose registers were these when it was interrupted. Takes no lock and
    /// allocates nothing.
    ///
    /// # Safety
    ///
    /// What was prepared is the calling thread's stack.
    pub(super) unsafe fn write(&mut self, registers: Registers) {
        self.registers = registers;
        // On another stack, as that of a coroutine, nobody knows where to stop: the registers alone name the function.
        if !self.bounds.contains(&registers.sp) {
            return;
        }
        let length = (self.bounds.end - registers.sp).min(ROOM);
        let start = std::ptr::with_exposed_provenance::<u8>(registers.sp);
        // SAFETY: The caller vouches that this is the thread's stack, which is mapped from its stack pointer to its
        // outer end, and nobody writes to it while its thread is here. `stack` has room for `length`. What lies there
        // may be no value of any type; to the C library it is bytes.
        unsafe { libc::memcpy(self.stack.as_mut_ptr().cast(), start.cast(), length) };
        self.length = length;
    }

    pub(super) fn registers(&self) -> Registers {
        self.registers
    }

    /// The word at an address of the thread's stack.
    pub(super) fn read(&self, address: u64) -> Option<u64> {
        let at = usize::try_from(address)
            .ok()?
            .checked_sub(self.registers.sp)?;
        let word = self.stack[..self.length].get(at..at.checked_add(WORD)?)?;
        Some(u64::from_ne_bytes(word.try_into().ok()?))
    }
}
