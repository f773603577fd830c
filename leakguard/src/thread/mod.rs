//! Exact twins of `std::thread`: each thread that is started is a task that leakguard knows, without
//! an attribute around, and whoever joins it is known to wait for it.
//!
//! Write `leakguard::thread` where `std::thread` stood. In builds that do not watch, it is
//! `std::thread`. What starts and joins threads is a twin; all else is std's own.
//!
//! A thread belongs to the scope of the task or thread that starts it, and must end with it:
//! [LG013](crate::findings::lg013). One that waits for a lock of
//! [`leakguard::sync::blocking`](crate::sync::blocking) whose holder joins it is part of a
//! [deadlock](crate::findings::lg009).
//!
//! ```
//! let doubled = leakguard::thread::spawn(|| 2 * 21);
//! assert_eq!(doubled.join().unwrap(), 42);
//!
//! let words = ["one", "two"];
//! let letters = leakguard::thread::scope(|s| {
//!     let counts = words.map(|word| s.spawn(move || word.len()));
//!     counts.into_iter().map(|count| count.join().unwrap()).sum::<usize>()
//! });
//! assert_eq!(letters, 6);
//! ```

mod builder;
mod handle;
mod kept;
mod scope;
#[cfg(test)]
mod tests;
mod unchecked;

pub use builder::{Builder, spawn};
pub use handle::{JoinHandle, ScopedJoinHandle};
pub use scope::{Scope, scope};
// What is named above hides what this brings under the same name.
#[doc(no_inline)]
pub use std::thread::*;
