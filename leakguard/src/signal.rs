//! Installs handlers for signals that the program does not use, and keeps what a handler must not change.
#![expect(unsafe_code, reason = "signals are the C library's")]

use std::ffi::{c_int, c_void};

/// A signal's handler, which runs on any thread in the middle of anything.
pub(crate) type SignalFn = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// The disposition of a signal without a handler.
pub(crate) const DEFAULT: [libc::sighandler_t; 1] = [libc::SIG_DFL];

/// The same, or ignored, which a parent process mostly decides.
pub(crate) const DEFAULT_OR_IGNORED: [libc::sighandler_t; 2] = [libc::SIG_DFL, libc::SIG_IGN];

pub(crate) fn is_handled_by(signal: c_int, handler: SignalFn) -> bool {
    has_disposition(signal, &[handler as *const () as usize])
}

/// `false` too for a number that is no signal.
fn has_disposition(signal: c_int, among: &[libc::sighandler_t]) -> bool {
    // SAFETY: All zeroes are a valid `sigaction`; the call fills it in, or fails and leaves it.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        let got = libc::sigaction(signal, std::ptr::null(), &mut now);
        got == 0 && among.contains(&now.sa_sigaction)
    }
}

/// Installs `handler` for a signal whose disposition is one of `from`, such as [`DEFAULT`]. System calls that the
/// signal interrupts are restarted where the system can do that.
///
/// # Safety
///
/// `handler` acquires no lock, allocates nothing and does not unwind.
pub(crate) unsafe fn install(
    signal: c_int,
    handler: SignalFn,
    from: &[libc::sighandler_t],
) -> bool {
    if !has_disposition(signal, from) {
        return false;
    }
    // SAFETY: All zeroes are a valid `sigaction`, and `handler` has the type that `SA_SIGINFO` requires. Both calls
    // read their second argument and write their third. The caller vouches for what `handler` does.
    unsafe {
        let mut ours: libc::sigaction = std::mem::zeroed();
        ours.sa_sigaction = handler as *const () as usize;
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
        let mut before: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(signal, &ours, &mut before) != 0 {
            return false;
        }
        // Another thread may have installed a handler since the check above.
        let free = from.contains(&before.sa_sigaction);
        if !free {
            libc::sigaction(signal, &before, std::ptr::null_mut());
        }
        free
    }
}

/// Sends this process a signal with its default disposition.
pub(crate) fn raise_default(signal: c_int) {
    // SAFETY: All zeroes are a valid `sigaction`, that of `SIG_DFL`.
    unsafe {
        let default: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, &default, std::ptr::null_mut());
        libc::kill(libc::getpid(), signal);
    }
}

/// Restores `errno` after `act`, since the interrupted code may be about to read it.
pub(crate) fn preserving_errno(act: impl FnOnce()) {
    #[cfg(target_os = "linux")]
    // SAFETY: Takes nothing, and returns the address of this thread's own.
    let errno = unsafe { libc::__errno_location() };
    #[cfg(target_os = "macos")]
    // SAFETY: Takes nothing, and returns the address of this thread's own.
    let errno = unsafe { libc::__error() };
    // SAFETY: The address is valid for as long as the thread is.
    let before = unsafe { *errno };
    act();
    // SAFETY: As above.
    unsafe { *errno = before };
}
