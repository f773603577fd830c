//! Instrumented drop-ins for `tokio::task`. Each spawned task is recorded, without an attribute around it.
//! Dumps also show the tasks that join it, and ended tasks that were never joined.
//!
//! Write `leakguard::task` in place of `tokio::task`. In builds that do not watch, it is `tokio::task`.
//! What spawns and joins tasks is instrumented. All else is tokio's own. The drop-ins for runtimes and
//! their handles are in [`runtime`](crate::runtime).
//!
//! A task belongs to the scope of the task that spawns it, and must end with it:
//! [LG002](crate::findings::lg002). One that waits for a lock of [`leakguard::sync`](crate::sync) whose
//! holder joins it is part of a [deadlock](crate::findings::lg009).
//!
//! tokio keeps the result of an ended task as long as its handle, or its [`JoinSet`], lives. Dumps show the
//! number of such results, and [`Growth`](crate::Growth) reports where their number keeps growing:
//! [LG018](crate::findings::lg018).
//!
//! Where another library needs tokio's own type, `into` converts to it in every build. In builds that do
//! not watch, `into` does nothing and `into_inner` does not exist. A converted handle or set is no longer
//! counted.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let doubled = leakguard::task::spawn(async { 2 * 21 });
//! assert_eq!(doubled.await.unwrap(), 42);
//!
//! let mut set = leakguard::task::JoinSet::new();
//! set.spawn(async { 1 });
//! set.spawn(async { 2 });
//! assert_eq!(set.join_all().await.iter().sum::<i32>(), 3);
//! # }
//! ```

#[cfg(all(tokio_unstable, feature = "tokio-tracing"))]
mod builder;
mod handle;
mod local;
mod set;
#[cfg(all(tokio_unstable, feature = "tokio-tracing"))]
mod set_builder;
pub(crate) mod spawn;
mod spawned;
#[cfg(test)]
mod tests;

#[cfg(all(tokio_unstable, feature = "tokio-tracing"))]
pub use builder::Builder;
pub use handle::JoinHandle;
pub use local::LocalSet;
pub use set::JoinSet;
pub use spawn::{spawn, spawn_blocking, spawn_local};
/// The set of [`JoinSet`], and its builder.
#[cfg(tokio_unstable)]
pub mod join_set {
    pub use super::set::JoinSet;
    #[cfg(feature = "tokio-tracing")]
    pub use super::set_builder::Builder;
}
// The items above shadow those with the same name.
#[doc(no_inline)]
pub use tokio::task::*;
