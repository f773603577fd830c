//! The stack of another thread, which may be stuck anywhere; knows no task.
//!
//! A thread cannot be read from outside, so a signal has it copy its own stack to a page made ready for that, and that
//! is all the signal's code does: it runs in the middle of anything, of `malloc` and of the dynamic loader too. What
//! the copy says is worked out on the thread that asked.

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

pub(crate) use super::raw::RawStack as Unnamed;
pub(crate) use by_signal::{Asker, Target};

/// Which signal may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Preference {
    /// One that nobody else uses.
    #[default]
    Any,
    /// This one, if nobody else uses it.
    Only(i32),
    /// None: threads are not asked.
    Off,
}

/// Why there is no stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "what can go wrong depends on the system")]
pub(crate) enum Missing {
    /// It blocks signals, or the system does not let it run.
    NoAnswer,
    /// Each signal that might be used has a handler of somebody else's, or signals are not to be used.
    NoSignal,
    /// leakguard does not know how to reach the thread, or it has gone on since.
    OutOfReach,
    /// Not on this system, or not in this build.
    Unsupported,
}
