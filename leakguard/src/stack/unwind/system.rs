//! Walks the calling thread's stack by the unwinder that std is linked with, which takes ten times as long.
#![expect(unsafe_code, reason = "the unwinder is a C library")]

use std::ffi::{c_int, c_void};

/// What the unwinder expects of a visit: the next frame, or an end.
const GO_ON: c_int = 0;
const STOP: c_int = 5;

type Add<'a> = &'a mut dyn FnMut(usize, usize) -> bool;

// SAFETY: As the Itanium C++ ABI declares them.
unsafe extern "C" {
    fn _Unwind_Backtrace(
        visit: extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(frame: *mut c_void) -> usize;
    fn _Unwind_GetCFA(frame: *mut c_void) -> usize;
}

/// Calls `add` with the return address and the stack pointer of each frame, innermost first, until it returns `false`.
pub(super) fn walk(mut add: Add<'_>) {
    extern "C" fn one(frame: *mut c_void, add: *mut c_void) -> c_int {
        // SAFETY: The unwinder passes a frame, and the pointer of the call below, which is used nowhere else meanwhile.
        let may_be_more = unsafe {
            let add = &mut *add.cast::<Add<'_>>();
            add(_Unwind_GetIP(frame), _Unwind_GetCFA(frame))
        };
        if may_be_more { GO_ON } else { STOP }
    }
    // SAFETY: `one` keeps no pointer beyond its call, and `add` outlives this one.
    unsafe { _Unwind_Backtrace(one, (&raw mut add).cast()) };
}
