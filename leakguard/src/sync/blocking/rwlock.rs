//! The twin of `std::sync::RwLock`.

use super::poisoned::{at_once, like_std, map, map_try};
use crate::fact::kind::Operation;
use crate::fact::kind::{MANY_READERS, ResourceKind};
use crate::sync::hold::{Hold, take};
use crate::sync::lazy::Lazy;
use std::panic::Location;
use std::sync as std_sync;
use std::sync::{LockResult, TryLockResult};

/// As [`std::sync::RwLock`].
pub struct RwLock<T: ?Sized> {
    record: Lazy,
    inner: std_sync::RwLock<T>,
}

/// As [`std::sync::RwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    // First: the next holder must find its predecessor gone.
    _hold: Hold<'a>,
    inner: std_sync::RwLockReadGuard<'a, T>,
}

/// As [`std::sync::RwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    _hold: Hold<'a>,
    inner: std_sync::RwLockWriteGuard<'a, T>,
}

like_std!(lock RwLock);
like_std!(guard RwLockReadGuard);
like_std!(guard mut RwLockWriteGuard);

impl<T> RwLock<T> {
    /// As [`std::sync::RwLock::new`].
    #[track_caller]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock {
            record: Lazy::constant(ResourceKind::StdRwLock, None, Location::caller()),
            inner: std_sync::RwLock::new(value),
        }
    }
}

/// Both ways to take the lock differ in names only.
macro_rules! ways {
    ($($guard:ident $take:ident $try_take:ident $operation:ident $permits:expr, $busy:literal;)*) => {
        impl<T: ?Sized> RwLock<T> {
            $(
                #[doc = concat!("As [`std::sync::RwLock::", stringify!($take), "`].")]
                ///
                /// # Errors
                ///
                /// The guard, if a thread has panicked while it wrote.
                #[track_caller]
                pub fn $take(&self) -> LockResult<$guard<'_, T>> {
                    let at = Location::caller();
                    let (lock, wait) = (&self.inner, (Operation::$operation, $permits, at));
                    let try_now = || at_once(lock.$try_take());
                    let taken = take(&self.record, wait, try_now, || lock.$take());
                    map(taken, |inner| $guard {
                        _hold: Hold::new(&self.record, $permits, at),
                        inner,
                    })
                }

                #[doc = concat!("As [`std::sync::RwLock::", stringify!($try_take), "`].")]
                ///
                /// # Errors
                ///
                #[doc = concat!("If somebody ", $busy, "; the guard, if the lock is poisoned.")]
                #[track_caller]
                pub fn $try_take(&self) -> TryLockResult<$guard<'_, T>> {
                    let at = Location::caller();
                    map_try(self.inner.$try_take(), |inner| $guard {
                        _hold: Hold::new(&self.record, $permits, at),
                        inner,
                    })
                }
            )*
        }
    };
}

ways! {
    RwLockReadGuard read try_read Read 1, "writes, or on some platforms waits to write";
    RwLockWriteGuard write try_write Write MANY_READERS, "reads or writes";
}
