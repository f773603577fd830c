//! Exact twins of `tokio::task`: each task that is started is known to leakguard, without an attribute
//! around, and it is known who joins it, and which have ended without anybody asking for their results.
//!
//! Write `leakguard::task` where `tokio::task` stood. In builds that do not watch, it is `tokio::task`.
//! What starts and joins tasks is a twin; all else is tokio's own. A `LocalSet` and a runtime's
//! `Handle` stay tokio's, and what they spawn has tokio's handle.
//!
//! A task belongs to the scope of the task that starts it, and must end with it:
//! [LG002](crate::findings::lg002). One that waits for a lock of [`leakguard::sync`](crate::sync) whose
//! holder joins it is part of a [deadlock](crate::findings::lg009).
//!
//! tokio keeps the result of a task that has ended for as long as somebody has its handle, or the
//! [`JoinSet`] it is in. Dumps show how many such results there are, and [`Growth`](crate::Growth) says
//! where there are ever more of them: [LG018](crate::findings::lg018).
//!
//! Where another library wants tokio's own type, `into` crosses the border, in every build. Where nothing
//! is watched it has nothing to do; the `into_inner` that the twins have is not there. What has crossed
//! is no longer counted.
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

mod handle;
mod member;
mod set;
mod spawn;
#[cfg(test)]
mod tests;

pub use handle::JoinHandle;
pub use set::JoinSet;
pub use spawn::{spawn, spawn_blocking, spawn_local};
// What is named above hides what this brings under the same name.
#[doc(no_inline)]
pub use tokio::task::*;
