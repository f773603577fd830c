//! Instrumented drop-ins for `std::thread`. Each spawned thread is recorded as a task, without an attribute
//! around it, and so is each wait of a thread that joins it.
//!
//! Write `leakguard::thread` in place of `std::thread`. In builds that do not watch, it is
//! `std::thread`. What spawns and joins threads is instrumented. All else is std's own.
//!
//! A thread belongs to the scope of the task or thread that spawns it, and must end with it:
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
mod lend;
mod scope;
#[cfg(test)]
mod tests;
mod unchecked;

pub use builder::{Builder, spawn};
pub use handle::{JoinHandle, ScopedJoinHandle};
pub use lend::scope;
pub use scope::Scope;
// The items above shadow those with the same name.
#[doc(no_inline)]
pub use std::thread::*;
