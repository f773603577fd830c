//! Instrumented drop-ins for parking_lot's locks: the same names, signatures and behaviour. Each records
//! which threads wait and hold.
//!
//! Write `leakguard::sync::parking_lot` in place of `parking_lot`, with the feature `parking_lot`. In
//! builds that do not watch, it is `parking_lot`. `Mutex`, `FairMutex`, `ReentrantMutex`, `RwLock`,
//! `Condvar` and their guards are instrumented. All else, such as `Once`, is parking_lot's own.
//!
//! Threads that wait for one another are a [deadlock](crate::findings::lg009), and so are tasks whose
//! polls do. A thread is known by the task it runs, which is one that
//! [`leakguard::thread`](crate::thread) spawned, or an annotated function. A reader waits behind a waiting
//! writer. A thread that holds a read lock and reads again is therefore in a deadlock with a writer that
//! came in between.
//!
//! A wait with a time limit shows in dumps as that of a thread, and is never part of a finding. With
//! parking_lot's feature `send_guard`, a guard may have been moved to another thread. The report then names
//! the thread that acquired the lock, and is about a deadlock only if all threads are asleep.
//!
//! A drop-in does not have the unsafe methods `force_unlock`, `raw`, `make_guard_unchecked` and similar
//! ones, the guards of the feature `arc_lock`, and what the features `serde` and `owning_ref` add. It is a
//! type of its own and no alias of a type of `lock_api`. Its guards, other than mapped ones, are `Sync`
//! only if `T` is `Send` too.
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
//! assert!(!changed.notify_one(), "no thread waits");
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
// The items above shadow those with the same name.
#[doc(no_inline)]
pub use ::parking_lot::*;
