//! Exact twins of `std::sync`: the same names, signatures and behaviour, poison included, and each
//! keeps a record of who sends, waits and holds.
//!
//! Write `leakguard::sync::blocking` where `std::sync` stood. In builds that do not watch, it is
//! `std::sync`. `Mutex`, `RwLock`, `Condvar`, `Barrier` and the channels of `mpsc` are twins; all
//! else is std's own.
//!
//! Threads that wait for one another are a [deadlock](crate::findings::lg009), and so are tasks whose
//! polls do. A thread is known by the task it runs: one that [`leakguard::thread`](crate::thread)
//! starts, or an annotated function.
//!
//! std's locks have no fair queue. So a dump says who waits, in the order of coming, and never that
//! one is served next. Whether a reader lets a waiting writer go first depends on the platform: a
//! reader that waits behind one is told of, and no deadlock is built on it.
//!
//! ```
//! use leakguard::sync::blocking::{Mutex, mpsc};
//!
//! static COUNT: Mutex<u8> = Mutex::new(0);
//!
//! let (sender, receiver) = mpsc::channel();
//! sender.send(1).unwrap();
//! *COUNT.lock().unwrap() += receiver.recv().unwrap();
//! assert_eq!(*COUNT.lock().unwrap(), 1);
//! ```

mod barrier;
mod condvar;
pub mod mpsc;
mod mutex;
mod poisoned;
mod rwlock;

pub use barrier::Barrier;
pub use condvar::Condvar;
pub use mutex::{Mutex, MutexGuard};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
// What is named above hides what this brings under the same name.
#[doc(no_inline)]
pub use std::sync::*;
