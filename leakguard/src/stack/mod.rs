//! Where a future waits: takes its stack while it is polled, and puts names to it later; knows no task and no scope.
//!
//! A future that waits clones the waker it was polled with, so a waker that notes who clones it learns the exact
//! stack of every leaf. Noting costs microseconds and happens in the middle of the user's poll; putting names to the
//! addresses costs milliseconds and happens in [`Resolver`], on the thread that writes the report.

mod frame;
mod memo;
mod name;
mod notebook;
mod origin;
mod raw;
mod resolve;
mod source;
mod system;
pub(crate) mod thread;
mod trace;
mod wait;
mod waker;

pub use frame::Frame;
pub(crate) use notebook::Capture;
pub use origin::FrameOrigin;
pub(crate) use resolve::{Resolver, read_ahead};
pub(crate) use system::may_be_static;
pub use trace::Stack;
pub(crate) use wait::Class;
pub(crate) use waker::capture;

// Miri takes no stacks; it runs the tests in `waker`.
#[cfg(all(test, not(miri)))]
mod probe;
#[cfg(all(test, not(miri)))]
mod tests;
