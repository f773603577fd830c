//! Exact twins of parking_lot's locks: the same names, signatures and behaviour, and each keeps a
//! record of who waits and holds.
//!
//! Write `leakguard::sync::parking_lot` where `parking_lot` stood, with the feature `parking_lot`. In
//! builds that do not watch, it is `parking_lot`. `Mutex`, `FairMutex`, `ReentrantMutex`, `RwLock`,
//! `Condvar` and their guards are twins; all else, such as `Once`, is parking_lot's own.
//!
//! Threads that wait for one another are a [deadlock](crate::findings::lg009), and so are tasks whose
//! polls do. A thread is known by the task it runs: one that [`leakguard::thread`](crate::thread)
//! starts, or an annotated function. A reader waits behind a writer that waits: so a thread that reads
//! again what it reads already is in a deadlock with a writer that came in between.
//!
//! A wait with a time limit shows in dumps as that of a thread, and no finding is built on it. Where
//! parking_lot's feature `send_guard` is on, a guard may have gone to another thread: who took the lock
//! is told, and a deadlock is built on it only where all are asleep.
//!
//! Left out is what a twin cannot have: the unsafe methods `force_unlock`, `raw`,
//! `make_guard_unchecked` and their like, the guards of the feature `arc_lock`, and what the features
//! `serde` and `owning_ref` add. A twin is a type of its own and no alias of one of `lock_api`'s; its
//! guards, other than mapped ones, go to other threads by reference only where `T` is `Send` too.
//!
//! ```
//! use leakguard::sync::parking_lot::{Condvar, Mutex, RwLock, RwLockUpgradableReadGuard};
//!
//! static COUNT: Mutex<u8> = Mutex::new(0);
//! let (names, changed) = (RwLock::new(vec!["left"]), Condvar::new());
//!
//! let reader = names.upgradable_read();
//! if !reader.contains(&"right") {
//!     RwLockUpgradableReadGuard::upgrade(reader).push("right");
//! }
//! *COUNT.lock() += names.read().len() as u8;
//! assert!(!changed.notify_one(), "nobody waits");
//! assert_eq!(*COUNT.lock(), 2);
//! ```

mod condvar;
mod guard;
mod hold;
mod lock;
mod mutex;
mod reentrant;
mod rwlock;
mod upgradable;

pub use condvar::Condvar;
pub use mutex::{
    FairMutex, FairMutexGuard, MappedFairMutexGuard, MappedMutexGuard, Mutex, MutexGuard,
    const_fair_mutex, const_mutex,
};
pub use reentrant::{
    MappedReentrantMutexGuard, ReentrantMutex, ReentrantMutexGuard, const_reentrant_mutex,
};
pub use rwlock::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
    const_rwlock,
};
pub use upgradable::RwLockUpgradableReadGuard;
// What is named above hides what this brings under the same name.
#[doc(no_inline)]
pub use ::parking_lot::*;
