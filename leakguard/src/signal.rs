//! Putting code behind a signal that nobody else uses, and what such code must keep as it was.
#![expect(unsafe_code, reason = "signals are the C library's")]

use std::ffi::{c_int, c_void};

/// What a signal runs: in any thread, in the middle of anything.
pub(crate) type Code = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// What a signal does for which nobody has code.
pub(crate) const FREE: [libc::sighandler_t; 1] = [libc::SIG_DFL];

/// The same, or nothing, mostly by the wish of who started the program.
pub(crate) const UNHEARD: [libc::sighandler_t; 2] = [libc::SIG_DFL, libc::SIG_IGN];

/// Whether this is what the signal runs.
pub(crate) fn runs(signal: c_int, code: Code) -> bool {
    does(signal, &[code as *const () as usize])
}

/// `false` too for a number that is no signal.
fn does(signal: c_int, what: &[libc::sighandler_t]) -> bool {
    // SAFETY: All zeroes are a valid `sigaction`; the call fills it in, or fails and leaves it.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        let got = libc::sigaction(signal, std::ptr::null(), &mut now);
        got == 0 && what.contains(&now.sa_sigaction)
    }
}

/// Puts `code` behind a signal that does one of `from`, such as [`FREE`]. Calls of the system that it interrupts go on,
/// where the system can do that.
///
/// # Safety
///
/// `code` takes no lock, allocates nothing and does not unwind.
pub(crate) unsafe fn claim(signal: c_int, code: Code, from: &[libc::sighandler_t]) -> bool {
    if !does(signal, from) {
        return false;
    }
    // SAFETY: All zeroes are a valid `sigaction`, and `code` has the type that `SA_SIGINFO` asks for. Both calls read
    // their second argument and write their third. What `code` may do, the caller vouches for.
    unsafe {
        let mut ours: libc::sigaction = std::mem::zeroed();
        ours.sa_sigaction = code as *const () as usize;
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
        let mut before: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(signal, &ours, &mut before) != 0 {
            return false;
        }
        // Somebody may have come first, after all.
        let free = from.contains(&before.sa_sigaction);
        if !free {
            libc::sigaction(signal, &before, std::ptr::null_mut());
        }
        free
    }
}

/// Has a signal do to this process what it does where nobody has said anything.
pub(crate) fn suffer(signal: c_int) {
    // SAFETY: All zeroes are a valid `sigaction`, that of `SIG_DFL`.
    unsafe {
        let default: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, &default, std::ptr::null_mut());
        libc::kill(libc::getpid(), signal);
    }
}

/// The code that was interrupted may be about to look at `errno`.
pub(crate) fn keep_errno(act: impl FnOnce()) {
    #[cfg(target_os = "linux")]
    // SAFETY: Takes nothing, and gives the address of this thread's own.
    let errno = unsafe { libc::__errno_location() };
    #[cfg(target_os = "macos")]
    // SAFETY: Takes nothing, and gives the address of this thread's own.
    let errno = unsafe { libc::__error() };
    // SAFETY: The address is valid for as long as the thread is.
    let before = unsafe { *errno };
    act();
    // SAFETY: As above.
    unsafe { *errno = before };
}
