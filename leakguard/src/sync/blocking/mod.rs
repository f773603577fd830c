//! Instrumented drop-ins for `std::sync`: the same names, signatures and behaviour, including poisoning.
//! Each records which threads send, wait and hold.
//!
//! Write `leakguard::sync::blocking` in place of `std::sync`. In builds that do not watch, it is
//! `std::sync`. `Mutex`, `RwLock`, `Condvar`, `Barrier` and the channels of `mpsc` are instrumented. All
//! else is std's own.
//!
//! Threads that wait for one another are a [deadlock](crate::findings::lg009), and so are tasks whose
//! polls do. A thread is known by the task it runs, which is one that
//! [`leakguard::thread`](crate::thread) spawned, or an annotated function.
//!
//! std's locks have no fair queue. A dump therefore lists the waiting threads in the order in which they
//! came, and never claims that one is next. Whether a reader waits behind a waiting writer depends on the
//! platform: such a reader is reported, but is never part of a deadlock.
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
// The items above shadow those with the same name.
#[doc(no_inline)]
pub use std::sync::*;
