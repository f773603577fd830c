//! Facts about an address from the system's loader.

// A program that is linked with all of musl has no loader.
#[cfg(all(any(target_os = "linux", target_os = "macos"), not(target_env = "musl")))]
mod loader;
#[cfg(not(all(any(target_os = "linux", target_os = "macos"), not(target_env = "musl"))))]
#[path = "absent.rs"]
mod loader;

pub(super) use loader::function;
pub(crate) use loader::may_be_static;

/// Whether a value at `address` certainly lies in the program itself or in a library. `false` where there is no loader.
pub(crate) fn is_static(address: usize) -> bool {
    let has_loader = cfg!(all(
        any(target_os = "linux", target_os = "macos"),
        not(any(target_env = "musl", miri))
    ));
    has_loader && may_be_static(address)
}
