//! The twin of `std::sync::RwLock`.

use super::poisoned::{at_once, like_std, map, map_try};
use crate::fact::kind::{MANY_READERS, Operation, ResourceKind};
use crate::sync::hold::{GuardHold, acquire};
use crate::sync::lazy::Lazy;
use std::panic::Location;
use std::sync as std_sync;
use std::sync::{LockResult, TryLockResult};

/// Instrumented drop-in for [`std::sync::RwLock`].
pub struct RwLock<T: ?Sized> {
    record: Lazy,
    inner: std_sync::RwLock<T>,
}

/// Instrumented drop-in for [`std::sync::RwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    // Dropped first, so that the next holder never finds its predecessor.
    _hold: GuardHold<'a>,
    inner: std_sync::RwLockReadGuard<'a, T>,
}

/// Instrumented drop-in for [`std::sync::RwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    _hold: GuardHold<'a>,
    inner: std_sync::RwLockWriteGuard<'a, T>,
}

like_std!(lock RwLock);
like_std!(guard RwLockReadGuard);
like_std!(guard mut RwLockWriteGuard);

impl<T> RwLock<T> {
    /// Same as [`std::sync::RwLock::new`].
    #[track_caller]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock {
            record: Lazy::const_new(ResourceKind::StdRwLock, None, Location::caller()),
            inner: std_sync::RwLock::new(value),
        }
    }
}

/// Reading and writing differ in names only.
macro_rules! acquire {
    ($($guard:ident $acquire:ident $try_acquire:ident $operation:ident $permits:expr, $busy:literal;)*) => {
        impl<T: ?Sized> RwLock<T> {
            $(
                #[doc = concat!("Same as [`std::sync::RwLock::", stringify!($acquire), "`].")]
                ///
                /// # Errors
                ///
                /// The guard, if a thread panicked while it wrote.
                #[track_caller]
                pub fn $acquire(&self) -> LockResult<$guard<'_, T>> {
                    let at = Location::caller();
                    let (lock, wait) = (&self.inner, (Operation::$operation, $permits, at));
                    let try_now = || at_once(lock.$try_acquire());
                    let acquired = acquire(&self.record, wait, try_now, || lock.$acquire());
                    map(acquired, |inner| $guard {
                        _hold: GuardHold::new(&self.record, $permits, at),
                        inner,
                    })
                }

                #[doc = concat!("Same as [`std::sync::RwLock::", stringify!($try_acquire), "`].")]
                ///
                /// # Errors
                ///
                #[doc = concat!("If ", $busy, ". The guard, if the lock is poisoned.")]
                #[track_caller]
                pub fn $try_acquire(&self) -> TryLockResult<$guard<'_, T>> {
                    let at = Location::caller();
                    map_try(self.inner.$try_acquire(), |inner| $guard {
                        _hold: GuardHold::new(&self.record, $permits, at),
                        inner,
                    })
                }
            )*
        }
    };
}

acquire! {
    RwLockReadGuard read try_read Read 1, "a writer holds the lock, or on some platforms waits for it";
    RwLockWriteGuard write try_write Write MANY_READERS, "a reader or writer holds the lock";
}
