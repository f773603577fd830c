//! The twins of `parking_lot::Mutex` and `parking_lot::FairMutex`.

use super::guard::{maps, owner, view};
use super::hold::{SuspendedHold, acquire_timed};
use super::lock::{acquire, lock};
use crate::fact::kind::{Operation, ResourceKind};
use crate::site::CallSite;
use crate::sync::hold::{self, GuardHold};
use crate::sync::lazy::Lazy;
use parking_lot as original;
use std::panic::Location;
use std::time::{Duration, Instant};

lock!(Mutex, const_mutex, ParkingMutex [raw_mutex: RawMutex]);
lock!(FairMutex, const_fair_mutex, ParkingMutex [raw_mutex: RawFairMutex]);

acquire! { Mutex:
    MutexGuard lock try_lock try_lock_for try_lock_until, Lock 1;
}
acquire! { FairMutex:
    FairMutexGuard lock try_lock try_lock_for try_lock_until, Lock 1;
}

/// Instrumented drop-in for [`parking_lot::MutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MutexGuard<'a, T: ?Sized> {
    // Dropped first, so that the next holder never finds its predecessor.
    hold: GuardHold<'a>,
    inner: original::MutexGuard<'a, T>,
    lock: &'a Mutex<T>,
}

/// Instrumented drop-in for [`parking_lot::FairMutexGuard`].
#[must_use = "if unused the FairMutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct FairMutexGuard<'a, T: ?Sized> {
    hold: GuardHold<'a>,
    inner: original::FairMutexGuard<'a, T>,
    lock: &'a FairMutex<T>,
}

/// Instrumented drop-in for [`parking_lot::MappedMutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    hold: GuardHold<'a>,
    inner: original::MappedMutexGuard<'a, T>,
}

/// Instrumented drop-in for [`parking_lot::MappedFairMutexGuard`].
#[must_use = "if unused the FairMutex will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedFairMutexGuard<'a, T: ?Sized> {
    hold: GuardHold<'a>,
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

/// The lock stays held for ever, and the record keeps its holder.
macro_rules! leak {
    ($($guard:ident)*) => {
        $(
            impl<'a, T: ?Sized> $guard<'a, T> {
                #[doc = concat!("Same as [`parking_lot::", stringify!($guard), "::leak`].")]
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
    /// Suspends the hold during a wait on a condvar, which releases the lock.
    pub(super) fn suspend(
        &mut self,
        at: CallSite,
    ) -> (SuspendedHold<'_, 'a>, &mut original::MutexGuard<'a, T>) {
        (SuspendedHold::new(&mut self.hold, 1, at), &mut self.inner)
    }
}
