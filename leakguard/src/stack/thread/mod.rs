//! The stack of another thread, wherever that thread is stuck; knows no task.
//!
//! A thread cannot be read from outside, so a signal has it copy its own stack to a prepared buffer. The signal's
//! handler does nothing else, because it may run in the middle of `malloc` or of the dynamic loader. The thread that
//! requested the copy walks it.

#[cfg(not(all(
    feature = "native-stacks",
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
#[path = "absent.rs"]
mod by_signal;
#[cfg(all(
    feature = "native-stacks",
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod by_signal;

pub(crate) use super::raw::RawStack;
pub(crate) use by_signal::{Sampler, ThreadRef};

/// Which signal may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SignalPreference {
    /// Any that the program does not use.
    #[default]
    Any,
    /// This one, if the program does not use it.
    Only(i32),
    /// None: no stacks of threads are taken.
    Off,
}

/// Why there is no stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "what can go wrong depends on the system")]
pub(crate) enum Missing {
    /// The thread blocks signals, or the system does not let it run.
    NoResponse,
    /// Each signal that might be used has a handler of the program's, or signals are not to be used.
    NoSignal,
    /// leakguard does not know how to reach the thread, or the thread has left the task since.
    OutOfReach,
    /// Not on this system, or not in this build.
    Unsupported,
}
