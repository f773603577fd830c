//! The twins of parking_lot's `Mutex` and `FairMutex`.

use super::guard::{maps, owner, view};
use super::hold::{Away, take_timed};
use super::lock::{lock, ways};
use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::site::CallSite;
use crate::sync::hold::{Hold, take};
use crate::sync::lazy::Lazy;
use parking_lot as original;
use std::panic::Location;
use std::time::{Duration, Instant};

lock!(Mutex, const_mutex, ParkingMutex [raw_mutex: RawMutex]);
lock!(FairMutex, const_fair_mutex, ParkingMutex [raw_mutex: RawFairMutex]);

ways! { Mutex:
    MutexGuard lock try_lock try_lock_for try_lock_until, Lock 1;
}
ways! { FairMutex:
    FairMutexGuard lock try_lock try_lock_for try_lock_until, Lock 1;
}

/// As [`parking_lot::MutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MutexGuard<'a, T: ?Sized> {
    // First: the next holder must find its predecessor gone.
    hold: Hold<'a>,
    inner: original::MutexGuard<'a, T>,
    lock: &'a Mutex<T>,
}

/// As [`parking_lot::FairMutexGuard`].
#[must_use = "if unused the FairMutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct FairMutexGuard<'a, T: ?Sized> {
    hold: Hold<'a>,
    inner: original::FairMutexGuard<'a, T>,
    lock: &'a FairMutex<T>,
}

/// As [`parking_lot::MappedMutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    hold: Hold<'a>,
    inner: original::MappedMutexGuard<'a, T>,
}

/// As [`parking_lot::MappedFairMutexGuard`].
#[must_use = "if unused the FairMutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedFairMutexGuard<'a, T: ?Sized> {
    hold: Hold<'a>,
    inner: original::MappedFairMutexGuard<'a, T>,
}

view!(mut MutexGuard);
view!(mut FairMutexGuard);
view!(mut MappedMutexGuard);
view!(mut MappedFairMutexGuard);

owner!(MutexGuard of Mutex as mutex, Lock 1);
owner!(FairMutexGuard of FairMutex as mutex, Lock 1);

maps!(MutexGuard to MappedMutexGuard, [mut]);
maps!(FairMutexGuard to MappedFairMutexGuard, [mut]);
maps!(MappedMutexGuard to MappedMutexGuard, [mut]);
maps!(MappedFairMutexGuard to MappedFairMutexGuard, [mut]);

/// The lock stays held for ever, and the record says by whom.
macro_rules! leak {
    ($($guard:ident)*) => {
        $(
            impl<'a, T: ?Sized> $guard<'a, T> {
                #[doc = concat!("As [`parking_lot::", stringify!($guard), "::leak`].")]
                pub fn leak(s: Self) -> &'a mut T {
                    std::mem::forget(s.hold);
                    original::$guard::leak(s.inner)
                }
            }
        )*
    };
}

leak!(MutexGuard FairMutexGuard);

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// For a wait on a condvar, which lets go of the lock: the hold, away until that is over, and parking_lot's guard.
    pub(super) fn away(
        &mut self,
        at: CallSite,
    ) -> (Away<'_, 'a>, &mut original::MutexGuard<'a, T>) {
        (Away::new(&mut self.hold, 1, at), &mut self.inner)
    }
}
