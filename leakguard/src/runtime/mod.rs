//! Instrumented drop-ins for `tokio::runtime`. Each task that is spawned through a runtime or its handle is recorded,
//! without an attribute around it.
//!
//! Write `leakguard::runtime` in place of `tokio::runtime`. In builds that do not watch, it is `tokio::runtime`.
//! [`Builder`], [`Runtime`], [`LocalRuntime`] and [`Handle`] are instrumented. All else is tokio's own.
//!
//! A task belongs to the scope of the task that spawns it, as with [`task::spawn`](crate::task::spawn). The future that
//! `block_on` runs outside of every task is recorded as a task too.
//!
//! With `LEAKGUARD_ROOT=1` a runtime that [`Builder::build`] or [`Runtime::new`] returned has a scope of its own. What is
//! alive when the runtime is dropped is logged, with the name of the test. A task that was spawned on another runtime
//! belongs to that one, so that nothing is reported of a runtime in a static. Nothing is reported of a runtime that is
//! dropped inside of another one or while its thread panics.
//!
//! Where another library needs tokio's own type, `into` converts to it in every build. The method `into_inner` exists
//! only where tasks are watched.
//!
//! Methods that need a feature of tokio's need the feature of leakguard with the same name: `rt-multi-thread`, which is on
//! by default, and `test-util`. With `tokio_unstable` there are also `io-uring`, `schedule-latency`, `taskdump`, and
//! `tokio-tracing` for tokio's `tracing`, which do not switch on that of tokio.
//!
//! ```
//! let runtime = leakguard::runtime::Builder::new_current_thread().build().unwrap();
//! let doubled = runtime.spawn(async { 2 * 21 });
//! assert_eq!(runtime.block_on(doubled).unwrap(), 42);
//! ```

mod body;
mod builder;
mod handle;
mod instance;
#[cfg(any(
    not(leakguard_tokio_before = "1.51"),
    all(tokio_unstable, not(leakguard_tokio_before = "1.41"))
))]
mod local;
pub(crate) mod root;

pub use builder::Builder;
pub use handle::Handle;
pub use instance::Runtime;
#[cfg(any(
    not(leakguard_tokio_before = "1.51"),
    all(tokio_unstable, not(leakguard_tokio_before = "1.41"))
))]
pub use local::LocalRuntime;
// The items above shadow those with the same name.
#[doc(no_inline)]
pub use tokio::runtime::*;
