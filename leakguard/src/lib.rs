//! Finds tasks, blocking calls and threads that outlive the function that spawned them, and tasks that are stuck on a
//! lock or a channel. Reports show the line where each one waits.
//!
//! ```
//! use std::time::Duration;
//!
//! /// The function and all that it spawns end within 100 ms, or a report shows what does not.
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
//! # Attributes
//!
//! | attribute | meaning |
//! |---|---|
//! | [`test`](macro@test) | `#[tokio::test]` that fails on any leak |
//! | [`main`](macro@main) | `#[tokio::main]` that reports at its end |
//! | [`must_terminate`] | all that is spawned during a call must end by `timeout` after its entry or by `grace` after its return, whichever is later |
//! | [`track`] | registers what is spawned, for functions that spawn what is meant to keep running |
//! | [`bounded_channel`] | registers what is spawned, and watches the channels that the function creates |
//! | [`monitor`](macro@monitor) | puts all calls of a function into one [`Monitor`](supervise::Monitor) |
//!
//! # Scopes without an attribute
//!
//! | item | meaning |
//! |---|---|
//! | [`find`], [`verify`], [`Scope`] | runs one future in a scope, and returns its findings or panics with them |
//! | [`Owner`] | a field of a value: the tasks of the value must end when it is dropped |
//! | [`Tracked`] | a value that must be dropped by the end of its scope |
//! | [`background`] | a task that is meant to keep running |
//! | [`Growth`] | looks for spawns with ever more live tasks, and for results that are never taken |
//!
//! What is found has a stable [`Code`]; [`findings`] has a page for each.
//!
//! # Dumps
//!
//! | item | meaning |
//! |---|---|
//! | [`dump`], [`dump_with_stacks`] | every live task, and where it waits |
//! | [`dump_after`], [`timeout_stack_trace`] | a dump, if something takes too long |
//! | [`dump_on_signal`] | a dump at SIGQUIT and SIGTERM |
//! | [`sites`] | every annotated function and spawn, with counts |
//!
//! # Drop-in types
//!
//! | module | instrumented drop-ins for |
//! |---|---|
//! | [`runtime`] | runtimes of tokio, their handles and builders |
//! | [`sync`] | channels and locks of tokio; [`sync::blocking`] of std; `sync::parking_lot`, with the feature of that name, of parking_lot |
//! | [`task`] | what spawns and joins tokio's tasks |
//! | [`thread`] | what spawns and joins std's threads |
//!
//! # Supervision
//!
//! [`supervise`] works in every build: calls with a limit, a deadline and an alert, and workers with a heartbeat that are
//! restarted.
//!
//! # Builds that watch
//!
//! leakguard watches in builds with `debug_assertions`, and with the feature `always`. In all other builds each attribute
//! returns the function as it was written, the drop-in types are the original types, and all other functions are empty.
//!
//! [`guide`] has pages about findings as lines of JSON, about the signals that leakguard uses, and about faster debug builds.
//!
//! # Features
//!
//! | feature | default | effect |
//! |---|---|---|
//! | `macros` | yes | the attributes |
//! | `rt-multi-thread` | yes | [`runtime`] has runtimes with several threads |
//! | `native-stacks` | yes | stacks of threads that are busy or blocked, on Linux and macOS |
//! | `tracing` | yes | reports are `tracing` events where a subscriber listens; otherwise they go to stderr |
//! | `always` | no | watches in release builds too |
//! | `test-util` | no | `runtime::Builder::start_paused` |
//! | `tokio-util` | no | `sync::CancellationToken`, the drop-in for that of tokio-util |
//! | `parking_lot` | no | `sync::parking_lot`, the drop-ins for the locks of parking_lot |

/// As the crate cfg-if. rustfmt knows that name, and formats the files of the modules inside.
macro_rules! cfg_if {
    (if #[cfg($condition:meta)] { $($on:item)* } else { $($off:item)* }) => {
        $(#[cfg($condition)] $on)*
        $(#[cfg(not($condition))] $off)*
    };
}

cfg_if! {
    if #[cfg(any(debug_assertions, feature = "always"))] {
        mod at_exit;
        mod call;
        mod check;
        mod clock;
        mod config;
        mod context;
        mod deadline;
        mod dump;
        mod duration;
        mod fact;
        mod growth;
        mod journal;
        mod json;
        mod judge;
        mod ledger;
        mod older;
        mod pool;
        mod record;
        mod registry;
        mod report;
        pub mod runtime;
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        mod signal;
        mod site;
        mod snapshot;
        mod stack;
        mod stripe;
        pub mod sync;
        pub mod task;
        pub mod thread;
        mod watch;

        pub use call::by_hand::{Scope, find, verify};
        pub use call::owner::{Owned, Owner};
        pub use config::{Config, configure};
        pub use dump::Dump;
        pub use fact::finding::Finding;
        pub use fact::position::Position;
        pub use growth::{Growth, GrowthWatch};
        pub use report::Report;
        pub use site::{Site, sites};
        pub use snapshot::{
            StackTraceGuard, dump, dump_after, dump_on_signal, dump_with_stacks,
            timeout_stack_trace,
        };
        pub use watch::future::{Background, background};
        pub use watch::tracked::Tracked;
    } else {
        mod off;

        pub use off::*;
    }
}

#[doc(hidden)]
pub mod __private;
pub mod findings;
pub mod guide;
mod lock;
pub mod supervise;
mod time;
mod vocabulary;

pub use vocabulary::{Action, Cause, Certainty, Code, SiteKind, Verdict, WaitKind};

/// Watches the channels that the function creates, and registers what it spawns as [`track`] does.
///
/// A channel of tokio's becomes an instrumented drop-in of [`sync`] if its endpoints provably stay inside the function:
/// they are only used by method call, cloned into a variable, moved into the function's own tasks, or dropped. This
/// includes mpsc, oneshot, broadcast and watch. All other channels keep their types, so that the attribute cannot break a
/// build. They are only observed: a dump shows their kind, their number and where they were created. A finding may name
/// one as a possible cause, because it is not known which tasks hold its endpoints. Use the types of [`sync`] for a
/// channel that leaves the function.
///
/// | argument | meaning |
/// |---|---|
/// | `wrap = "auto"` | as above; `"always"` for every channel bound to a pair of names, however they are used; `"never"` |
/// | `capacity = 100` | an unbounded drop-in whose queue grows longer is LG010, reported once for each channel |
/// | `on_leak = "log"` | what happens on LG005, LG006 and LG010; or `"panic"`, `"abort"`, `"ignore"` |
/// | `allow = "LG005, pool::start, src/pool.rs:27"` | findings that are not reported: by code, by the function that creates the channel, by the line that creates it or sends |
/// | `crate = path` | the path of leakguard |
///
/// [Lost messages](findings::lg005), [broken promises](findings::lg006) and [long queues](findings::lg010) are reported
/// only for channels that are created in such a function, as a drop-in or written as one. For a channel that keeps its
/// type they are reported where a `send`, or the wait on a oneshot, returns an error and is called on the name that the
/// channel was bound to.
///
/// A [`test`](macro@test) or [`find`] around the function collects these findings. Elsewhere they are logged when they
/// happen. Repeated findings at one place are counted and reported together after 1 s, after 2 s, and so on up to a
/// minute. With `"panic"` the send or receive that shows the finding panics, as if its result were unwrapped. Findings
/// that show when an endpoint is dropped are only logged.
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
/// It can stand above or below [`must_terminate`] on the same function.
#[cfg(feature = "macros")]
pub use leakguard_macros::bounded_channel;
/// `#[tokio::main]` that reports at its end what is still alive, and dumps [on signals](dump_on_signal).
///
/// Takes tokio's arguments and those of [`must_terminate`].
#[cfg(feature = "macros")]
pub use leakguard_macros::main;
/// Puts all calls of a function into one [`Monitor`](supervise::Monitor), in every build.
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `max_active = 10` | how many calls may run at a time; one more is refused with [`CallError::Busy`](supervise::CallError::Busy) | no limit |
/// | `call_timeout = "50ms"` | when a caller gets [`CallError::TimedOut`](supervise::CallError::TimedOut); the call continues, and counts | no limit |
/// | `alert_after = "1s"` | how long the monitor may be full without a call that ends before an [`Alert`](supervise::Alert) is raised | none |
/// | `cancel_abandoned = true` | whether a call is cancelled when its caller stops waiting | `false` |
/// | `name = "…"` | its name in alerts | the function's name |
/// | `crate = path` | the path of leakguard | `::leakguard` |
///
/// It goes on an `async fn` that returns a `Result` whose error is `From<CallError>`. A call may outlive its caller, so its
/// arguments must be owned or `'static`, and `Send`. A method takes `self: Arc<Self>`. All instances of a generic function
/// share one monitor. For a blocking function there is
/// [`Monitor::call_blocking`](supervise::Monitor::call_blocking).
///
/// Alerts go to `tracing`, or to stderr. For a callback or the numbers, create a [`Monitor`](supervise::Monitor).
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
/// With [`must_terminate`] above this attribute, each running call is a scope of its own, which lasts as long as the call.
/// With [`must_terminate`] below it, the scope lasts as long as the caller waits, and a call that it leaves behind is a
/// leak.
#[cfg(feature = "macros")]
pub use leakguard_macros::monitor;
/// All that a function spawns must end.
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `timeout = "100ms"` | how long its tasks may live after its entry; a function that still runs then is an overrun | none |
/// | `grace = "50ms"` | how long they may live after its return | 100 ms |
/// | `on_leak = "log"` | `log`, `panic`, `abort` or `ignore`; with `panic` its return waits for its tasks, at most until the limit | `log` |
/// | `on_overrun = "log"` | the same for an overrun of the function itself | `log` |
/// | `name = "…"` | its name in reports | the function's name |
/// | `allow = "LG002, pool::start, worker, src/pool.rs:27"` | findings that are not reported, as [`Config::allow`] | none |
/// | `crate = path` | the path of leakguard | `::leakguard` |
///
/// With `log` the function is never delayed. The watchdog's thread reports at the limit, or not at all if the process has
/// ended by then. [`find`], [`main`](macro@main) and tests wait for the report.
///
/// Durations are numbers with a unit: `ns`, `us`, `ms`, `s`, `m` or `h`.
///
/// Each annotated async function nests its future some types deeper. Where more than fifteen of them call one another and
/// are spawned, rustc may ask for `#![recursion_limit = "256"]`; without attributes it does so after thirty-two.
///
/// It goes on functions and methods, sync or async, and on an `impl` block or an inline `mod` for each function inside.
#[cfg(feature = "macros")]
pub use leakguard_macros::must_terminate;
/// `#[tokio::test]` that fails on any leak inside it.
///
/// Takes tokio's arguments and those of [`must_terminate`]. A test without a `timeout` that still runs after 60 s is
/// reported with its position, and continues.
///
/// At the end of the first test of a process that leaves tasks behind which leakguard did not see start, a note says how
/// many there are. With `strict`, and with `LEAKGUARD_STRICT=1`, such a test fails. What annotated functions do in those
/// tasks while the body of the test runs belongs to the test: what they spawn must end, and so must a call of a
/// [`must_terminate`] function.
///
/// With `on_leak = "log"`, and with `LEAKGUARD=log`, a test prints its report in its output and passes. At the end of the
/// process a summary counts the tests for each spawn site, past the harness: see [`guide::adopting`].
///
/// A `timeout` is the limit for the whole test. Such a test, sync or async, runs on a thread of its own, so that it also
/// fails if it blocks its thread: a second after its timeout, and the thread is left behind. If the function has
/// parameters, or an attribute below that is not built into the language, it stays on the harness's thread.
///
/// A report is no panic that `#[should_panic]` asks for, so a test that only leaks fails in spite of it. Only
/// `expected = "LG002"`, or another text with the code of the report, asks for the report.
#[cfg(feature = "macros")]
pub use leakguard_macros::test;
/// Registers what a function spawns, and opens no scope.
#[cfg(feature = "macros")]
pub use leakguard_macros::track;
