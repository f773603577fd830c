//! The registers from which a stack is walked.

/// Those of the innermost frame. The walk finds those of the others.
#[derive(Clone, Copy, Debug)]
pub(in crate::stack) struct Registers {
    /// The next instruction.
    pub(in crate::stack) pc: usize,
    pub(in crate::stack) sp: usize,
    pub(in crate::stack) fp: usize,
    /// The return address where a processor keeps it in a register.
    #[cfg_attr(target_arch = "x86_64", expect(dead_code, reason = "it lies on the stack"))]
    pub(in crate::stack) lr: usize,
}

/// Those of the function that uses the macro. A function would return those of its own frame, which is gone by then.
macro_rules! registers_here {
    () => {{
        let (pc, sp, fp, lr): (usize, usize, usize, usize);
        // SAFETY: Copies registers, no more.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            std::arch::asm!(
                "lea {pc}, [rip]", "mov {sp}, rsp", "mov {fp}, rbp",
                pc = out(reg) pc, sp = out(reg) sp, fp = out(reg) fp,
                options(nomem, nostack, preserves_flags),
            );
            lr = 0;
        }
        // SAFETY: Copies registers, no more.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            std::arch::asm!(
                "adr {pc}, .", "mov {sp}, sp", "mov {fp}, x29", "mov {lr}, x30",
                pc = out(reg) pc, sp = out(reg) sp, fp = out(reg) fp, lr = out(reg) lr,
                options(nomem, nostack, preserves_flags),
            );
        }
        $crate::stack::unwind::Registers { pc, sp, fp, lr }
    }};
}
pub(super) use registers_here;

impl Registers {
    #[allow(dead_code, reason = "not every build takes stacks of threads")]
    pub(in crate::stack) const ZERO: Registers = Registers { pc: 0, sp: 0, fp: 0, lr: 0 };

    /// In the form in which framehop begins a walk.
    pub(super) fn for_walk(self) -> framehop::UnwindRegsNative {
        #[cfg(target_arch = "x86_64")]
        let (first, second, third) = (self.pc, self.sp, self.fp);
        #[cfg(target_arch = "aarch64")]
        let (first, second, third) = (self.lr, self.sp, self.fp);
        framehop::UnwindRegsNative::new(first as u64, second as u64, third as u64)
    }
}
