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
//! | [`bounded_channel`] | the same, and watches the channels that the function makes |
//! | [`sync`] | exact twins of tokio's channels and locks; [`sync::blocking`] of std's; `sync::parking_lot`, with the feature of that name, of parking_lot's |
//! | [`task`] | exact twins of what starts and joins tokio's tasks |
//! | [`thread`] | exact twins of what starts and joins std's threads |
//! | [`test`](macro@test) | `#[tokio::test]` that fails on any leak |
//! | [`main`](macro@main) | `#[tokio::main]` that reports at its end |
//! | [`find`], [`verify`], [`Scope`] | the same for one future, by hand |
//! | [`background`] | this task is meant to go on |
//! | [`Tracked`] | a value that must be gone by the end of its scope |
//! | [`Growth`] | looks for spawns whose live tasks only ever grow in number, and for results that nobody takes |
//! | [`Owner`] | a field of a value with which its tasks must end |
//! | [`dump`], [`dump_with_stacks`], [`timeout_stack_trace`], [`dump_on_signal`] | every live task and where it waits |
//! | [`supervise`], [`monitor`](macro@monitor) | supervised calls: a limit, a deadline, an alert; a heartbeat and another start. In every build |
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
mod duration;
#[cfg(any(debug_assertions, feature = "always"))]
mod fact;
#[cfg(any(debug_assertions, feature = "always"))]
mod growth;
#[cfg(any(debug_assertions, feature = "always"))]
mod judge;
#[cfg(any(debug_assertions, feature = "always"))]
mod ledger;
mod lock;
#[cfg(any(debug_assertions, feature = "always"))]
mod record;
#[cfg(any(debug_assertions, feature = "always"))]
mod registry;
#[cfg(any(debug_assertions, feature = "always"))]
mod report;
#[cfg(all(
    any(debug_assertions, feature = "always"),
    any(target_os = "linux", target_os = "macos")
))]
mod signal;
#[cfg(any(debug_assertions, feature = "always"))]
mod site;
#[cfg(any(debug_assertions, feature = "always"))]
mod snapshot;
#[cfg(any(debug_assertions, feature = "always"))]
mod stack;
#[cfg(any(debug_assertions, feature = "always"))]
mod watch;

#[doc(hidden)]
pub mod __private;

#[cfg(any(debug_assertions, feature = "always"))]
mod on {
    pub use crate::call::by_hand::{Scope, find, verify};
    pub use crate::call::owner::{Owned, Owner};
    pub use crate::config::{Config, configure};
    pub use crate::dump::Dump;
    pub use crate::fact::cause::Cause;
    pub use crate::fact::finding::{Code, Finding, Verdict};
    pub use crate::fact::options::Action;
    pub use crate::fact::position::Position;
    pub use crate::growth::{Growth, GrowthWatch};
    pub use crate::report::Report;
    pub use crate::site::{Site, sites};
    pub use crate::snapshot::{
        StackTraceGuard, dump, dump_on_signal, dump_with_stacks, timeout_stack_trace,
    };
    pub use crate::watch::future::{Background, background};
    pub use crate::watch::tracked::Tracked;
}
#[cfg(any(debug_assertions, feature = "always"))]
#[doc(inline)]
pub use on::*;

#[cfg(any(debug_assertions, feature = "always"))]
pub mod sync;

#[cfg(any(debug_assertions, feature = "always"))]
pub mod thread;

#[cfg(any(debug_assertions, feature = "always"))]
pub mod task;

#[cfg(not(any(debug_assertions, feature = "always")))]
mod off;
#[cfg(not(any(debug_assertions, feature = "always")))]
#[doc(inline)]
pub use off::*;

mod site_kind;
pub mod supervise;
mod time;
mod wait_kind;

pub use site_kind::SiteKind;
pub use wait_kind::WaitKind;

pub mod findings;
pub mod guide;

/// Watches the channels that the function makes, and registers what it starts as [`track`] does.
///
/// A channel of tokio's whose endpoints provably stay inside the function, because they are only used
/// by method call, cloned into a variable, moved into the function's own tasks or dropped, becomes
/// leakguard's exact [twin](sync): mpsc, oneshot, broadcast and watch. All others keep their types, and
/// are observed: a dump knows where they were made, of which kind and how often, and a finding may
/// guess at one, but nobody knows who has their ends. So no annotation can break a build: what is not
/// sure is left alone. Write [`sync`] where you want a channel to be seen that leaves the function.
///
/// | argument | meaning |
/// |---|---|
/// | `wrap = "auto"` | as above; `"always"` for every channel bound to a pair of names, whatever is done with them; `"never"` |
/// | `capacity = 100` | a queue of an unbounded twin that grows longer is LG010, said once for each channel |
/// | `on_leak = "log"` | what happens on LG005, LG006 and LG010, as below; or `"panic"`, `"abort"`, `"ignore"` |
/// | `allow = "LG005, pool::start, src/pool.rs:27"` | such findings to keep silent about: by code, by the function that makes the channel, by the line that makes it or sends |
/// | `crate = path` | where leakguard is found |
///
/// [Messages that are lost](findings::lg005), [promises that are broken](findings::lg006) and
/// [queues that grow too long](findings::lg010) are spoken of where the channel was made in such a
/// function, as a twin or written as one, and nowhere else. Of a channel that keeps its type it is said where a `send` or
/// the wait on a oneshot, called on the name it was bound to, gives an error. A [`test`](macro@test) and [`find`] around the function gather
/// them; elsewhere they are logged when they happen, and what happens again and again at one place is counted and told
/// together, after 1 s, after 2, and so on up to a minute. With `"panic"` the send or receive that shows it
/// panics too, as if its result were unwrapped; what shows when an endpoint is dropped is only logged.
///
/// ```
/// #[leakguard::bounded_channel]
/// async fn echo() -> Option<u8> {
///     let (tx, mut rx) = tokio::sync::mpsc::channel(1);
///     tokio::spawn(async move { tx.send(1).await });
///     rx.recv().await
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(echo().await, Some(1));
/// # }
/// ```
///
/// It goes together with [`must_terminate`] on one function, above or below it.
pub use leakguard_macros::bounded_channel;
/// `#[tokio::main]`, with a report at the end on what is still alive, and dumps [on signals](dump_on_signal).
///
/// Takes tokio's arguments and those of [`must_terminate`].
pub use leakguard_macros::main;
/// Puts all calls of a function into one [`Monitor`](supervise::Monitor), in every build.
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `max_active = 10` | how many calls may run at a time; one more is [`CallError::Busy`](supervise::CallError::Busy) at once | no limit |
/// | `call_timeout = "50ms"` | when a caller is told [`CallError::TimedOut`](supervise::CallError::TimedOut); the call goes on, and counts | no limit |
/// | `alert_after = "1s"` | how long all places may be taken without a call that ends before an [`Alert`](supervise::Alert) is raised | none |
/// | `cancel_abandoned = true` | whether a call that its caller has given up is cancelled | `false` |
/// | `name = "…"` | what alerts call it | its name |
/// | `crate = path` | where leakguard is found | `::leakguard` |
///
/// It goes on an `async fn` that returns a `Result` whose error is `From<CallError>`. A call may
/// outlive its caller, so its arguments are owned or `'static`, and `Send`: no `&str`, no `&self`; a
/// method takes `self: Arc<Self>`. All instances of a generic function share one monitor. For a
/// blocking function there is [`Monitor::call_blocking`](supervise::Monitor::call_blocking).
///
/// Alerts go to `tracing`, or to standard error; for a callback or the numbers make a [`Monitor`](supervise::Monitor) by
/// hand.
///
/// ```
/// #[derive(Debug)]
/// enum Error {
///     Upstream(leakguard::supervise::CallError),
/// }
///
/// impl From<leakguard::supervise::CallError> for Error {
///     fn from(error: leakguard::supervise::CallError) -> Self {
///         Error::Upstream(error)
///     }
/// }
///
/// #[leakguard::monitor(max_active = 10, call_timeout = "50ms", alert_after = "1s")]
/// async fn price(article: u32) -> Result<u32, Error> {
///     Ok(article * 100)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(price(7).await.unwrap(), 700);
/// # }
/// ```
///
/// With [`must_terminate`] on the same function: above this attribute, each call that runs is a scope
/// of its own, which goes on with it; below, the scope is the caller's time, and a call that it leaves
/// behind is a leak.
pub use leakguard_macros::monitor;
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
/// Each annotated async function nests its future some types deeper. Where more than fifteen of them
/// call one another and are spawned, rustc may ask for `#![recursion_limit = "256"]`; without
/// attributes it does so after thirty-two.
///
/// It goes on functions and methods, sync or async, and on an `impl` block or an inline `mod` for
/// each function inside.
pub use leakguard_macros::must_terminate;
/// `#[tokio::test]` that fails on any leak inside it.
///
/// Takes tokio's arguments and those of [`must_terminate`]. Without a `timeout` a test that still
/// runs after 60 s says where it is, and goes on.
///
/// With one, that is the limit for the whole test. It runs on a thread of its own then, sync or
/// async, so that one that blocks its thread fails as well, a second after its timeout; the thread is
/// left behind. Where another attribute than the language's own stands below, or the function has
/// parameters, it stays on the harness's thread.
pub use leakguard_macros::test;
/// Registers what a function starts, and opens no scope.
pub use leakguard_macros::track;
