//! Finds what never ends: tasks, blocking calls and threads that outlive the function that started
//! them, with the line where each one waits.
//!
//! ```
//! use std::time::Duration;
//!
//! /// The function and all that it starts end within 100 ms, or a report says what does not.
//! #[leakguard::must_terminate(timeout = "100ms")]
//! async fn process(term: &'static str) -> Option<usize> {
//!     let search = tokio::spawn(async move { term.len() });
//!     tokio::time::timeout(Duration::from_millis(50), search).await.ok()?.ok()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! assert_eq!(process("leak").await, Some(4));
//! # }
//! ```
//!
//! | item | meaning |
//! |---|---|
//! | [`must_terminate`] | all that is started during a call must end by `timeout` after its entry or by `grace` after its return, whichever is later |
//! | [`track`] | registers what is started; for functions that start what is meant to go on |
//! | [`test`](macro@test) | `#[tokio::test]` that fails on any leak |
//! | [`main`](macro@main) | `#[tokio::main]` that reports at its end |
//! | [`find`], [`verify`], [`Scope`] | the same for one future, by hand |
//! | [`background`] | this task is meant to go on |
//! | [`dump`], [`dump_with_stacks`], [`timeout_stack_trace`] | every live task and where it waits |
//! | [`sites`] | every annotated function and spawn, with counts |
//!
//! What is found has a stable code; [`findings`] has a page for each.
//!
//! # When it is on
//!
//! In builds with `debug_assertions`, and with the feature `always`. Otherwise each attribute gives
//! back the function as it was written, and the functions here are empty.

#[cfg(any(debug_assertions, feature = "always"))]
mod call;
#[cfg(any(debug_assertions, feature = "always"))]
mod check;
#[cfg(any(debug_assertions, feature = "always"))]
mod clock;
#[cfg(any(debug_assertions, feature = "always"))]
mod config;
#[cfg(any(debug_assertions, feature = "always"))]
mod context;
#[cfg(any(debug_assertions, feature = "always"))]
mod deadline;
#[cfg(any(debug_assertions, feature = "always"))]
mod dump;
#[cfg(any(debug_assertions, feature = "always"))]
mod judge;
#[cfg(any(debug_assertions, feature = "always"))]
mod record;
#[cfg(any(debug_assertions, feature = "always"))]
mod registry;
#[cfg(any(debug_assertions, feature = "always"))]
mod report;
#[cfg(any(debug_assertions, feature = "always"))]
mod site;
#[cfg(any(debug_assertions, feature = "always"))]
mod snapshot;
#[cfg(any(debug_assertions, feature = "always"))]
mod stack;
#[cfg(any(debug_assertions, feature = "always"))]
mod watch;

#[cfg(any(debug_assertions, feature = "always"))]
#[doc(hidden)]
pub mod private;

#[cfg(any(debug_assertions, feature = "always"))]
mod on {
    pub use crate::call::by_hand::{Scope, find, verify};
    pub use crate::config::{Config, configure};
    pub use crate::dump::Dump;
    pub use crate::record::finding::{Code, Finding, Verdict};
    pub use crate::record::options::Action;
    pub use crate::report::Report;
    pub use crate::site::{Site, SiteKind, sites};
    pub use crate::snapshot::{StackTraceGuard, dump, dump_with_stacks, timeout_stack_trace};
    pub use crate::watch::future::{Background, background};
}
#[cfg(any(debug_assertions, feature = "always"))]
#[doc(inline)]
pub use on::*;

#[cfg(not(any(debug_assertions, feature = "always")))]
mod off;
#[cfg(not(any(debug_assertions, feature = "always")))]
#[doc(inline)]
pub use off::*;

pub mod findings;

/// `#[tokio::main]`, with a report at the end on what is still alive.
///
/// Takes tokio's arguments and those of [`must_terminate`].
pub use leakguard_macros::main;
/// All that a function starts must end; see the [crate documentation](crate).
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `timeout = "100ms"` | how long its tasks may live after its entry; if the function itself still runs then, that is an overrun | none |
/// | `grace = "50ms"` | how long they may live after its return | 100 ms |
/// | `on_leak = "log"` | `log`, `panic`, `abort` or `ignore`; with `panic` its return waits for its tasks, until the limit at the most | `log` |
/// | `on_overrun = "log"` | likewise, when the function itself overruns | `log` |
/// | `name = "…"` | what reports call it | its name |
/// | `allow = "LG002, pool::start, src/pool.rs:27"` | findings to keep silent about | none |
/// | `crate = path` | where leakguard is found | `::leakguard` |
///
/// With `log` the function is never delayed: the report comes at the limit, from the watchdog's
/// thread, and not at all if the process has ended by then. [`find`], [`main`](macro@main) and tests
/// wait for it.
///
/// Durations are numbers with a unit: `ns`, `us`, `ms`, `s`, `m` or `h`.
///
/// Each annotated async function nests its future some ten types deeper. Where more than about ten
/// of them call one another, rustc may ask for `#![recursion_limit = "256"]`; without attributes it
/// does so after about forty.
///
/// It goes on functions and methods, sync or async, and on an `impl` block or an inline `mod` for
/// each function inside.
pub use leakguard_macros::must_terminate;
/// `#[tokio::test]` that fails on any leak inside it.
///
/// Takes tokio's arguments and those of [`must_terminate`]. Without a `timeout` a test that still
/// runs after 60 s says where it is, and goes on.
pub use leakguard_macros::test;
/// Registers what a function starts, and opens no scope.
pub use leakguard_macros::track;

#[doc(hidden)]
#[macro_export]
#[cfg(any(debug_assertions, feature = "always"))]
macro_rules! __gate {
    ({ $($on:tt)* } { $($off:tt)* }) => { $($on)* };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(any(debug_assertions, feature = "always")))]
macro_rules! __gate {
    ({ $($on:tt)* } { $($off:tt)* }) => { $($off)* };
}
