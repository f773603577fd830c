//! Has a function called when the process ends, by the return of `main` or by `exit`. std has no such hook.
#![cfg_attr(
    all(any(target_os = "linux", target_os = "macos"), not(miri)),
    expect(unsafe_code, reason = "the hook is the C library's")
)]

/// Has `act` called when the process ends, on the thread that ends it. Other threads may still run then. Does nothing on
/// systems without that function.
#[cfg(all(any(target_os = "linux", target_os = "macos"), not(miri)))]
pub(crate) fn call(act: extern "C" fn()) {
    // SAFETY: `act` has the type that `atexit` requires, and as `extern "C"` it cannot unwind into the C library. It is
    // code of the object that registers it, and an object that is unloaded has its functions called before.
    // A failure leaves nothing registered.
    let _ = unsafe { libc::atexit(act) };
}

#[cfg(not(all(any(target_os = "linux", target_os = "macos"), not(miri))))]
pub(crate) fn call(_: extern "C" fn()) {}
