//! Captures the stack of a future while it is polled, and resolves it later; knows no task and no scope.
//!
//! A future that waits clones the waker it was polled with, so a waker that records the stack of each clone learns the
//! exact stack of every leaf. Recording costs microseconds and happens in the middle of the user's poll. Resolving
//! addresses to names costs milliseconds and happens in [`Resolver`], on the thread that writes the report.

mod frame;
#[cfg(not(miri))]
mod initialiser;
mod library;
mod memo;
mod name;
mod origin;
mod package;
mod raw;
mod recorder;
mod resolve;
mod source;
mod span;
#[cfg(not(miri))]
mod spawn;
mod system;
pub(crate) mod thread;
mod trace;
mod wait;
mod waker;

// Systems and processors for which walks and names are written. On others, the crate `backtrace` does both.
#[cfg(all(
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod module;
#[cfg(not(all(
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod portable;
#[cfg(all(
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod symbol;
#[cfg(all(
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod unwind;
#[cfg(not(all(
    any(target_os = "linux", target_os = "macos"),
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
use portable::{module, symbol, unwind};

pub use frame::Frame;
pub(crate) use library::LibraryCall;
pub use origin::FrameOrigin;
pub(crate) use recorder::Capture;
pub(crate) use resolve::{Resolver, read_ahead};
#[cfg(not(miri))]
pub(crate) use spawn::{Initialiser, SpawnStack};
#[cfg(test)]
pub(crate) use symbol::hold as hold_symbols;
pub(crate) use system::{is_static, may_be_static};
pub use trace::Stack;
pub(crate) use trace::in_order;
pub(crate) use unwind::prepare;
pub(crate) use wait::Class;
pub(crate) use waker::capture;

// Miri cannot unwind; it runs the tests in `waker`.
#[cfg(all(test, not(miri)))]
mod probe;
#[cfg(all(test, not(miri)))]
mod tests;
