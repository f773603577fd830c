//! Reads the registers from which a stack is walked out of the context of a signal's handler.
#![expect(unsafe_code, reason = "the system passes the context as a raw pointer")]

use crate::stack::unwind::Registers;
use std::ffi::c_void;

impl Registers {
    /// # Safety
    ///
    /// `context` is the third argument of a signal's handler that has not returned.
    pub(super) unsafe fn of(context: *mut c_void) -> Registers {
        // SAFETY: With `SA_SIGINFO` the third argument points to a `ucontext_t`.
        let context = unsafe { &*context.cast::<libc::ucontext_t>() };
        Self::read(context)
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn read(context: &libc::ucontext_t) -> Registers {
        let all = &context.uc_mcontext.gregs;
        let register = |index: i32| all[index as usize] as usize;
        Registers {
            pc: register(libc::REG_RIP),
            sp: register(libc::REG_RSP),
            fp: register(libc::REG_RBP),
            lr: 0,
        }
    }

    #[cfg(all(target_os = "linux", target_arch = "aarch64"))]
    fn read(context: &libc::ucontext_t) -> Registers {
        let all = &context.uc_mcontext;
        Registers {
            pc: all.pc as usize,
            sp: all.sp as usize,
            fp: all.regs[29] as usize,
            lr: all.regs[30] as usize,
        }
    }

    #[cfg(all(target_os = "macos", target_arch = "x86_64"))]
    fn read(context: &libc::ucontext_t) -> Registers {
        // SAFETY: The system fills in the pointer before it calls the handler.
        let all = unsafe { &(*context.uc_mcontext).__ss };
        Registers { pc: all.__rip as usize, sp: all.__rsp as usize, fp: all.__rbp as usize, lr: 0 }
    }

    #[cfg(all(target_os = "macos", target_arch = "aarch64"))]
    fn read(context: &libc::ucontext_t) -> Registers {
        // SAFETY: The system fills in the pointer before it calls the handler.
        let all = unsafe { &(*context.uc_mcontext).__ss };
        Registers {
            pc: all.__pc as usize,
            sp: all.__sp as usize,
            fp: all.__fp as usize,
            lr: all.__lr as usize,
        }
    }
}
