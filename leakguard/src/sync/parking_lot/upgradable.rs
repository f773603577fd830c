//! The guard of a reader that may become the writer.

use super::guard::{owner, view};
use super::hold::{SuspendedHold, UpgradedHold};
use super::rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::fact::kind::{MANY_READERS, Operation, UPGRADABLE};
use crate::site::CallSite;
use crate::sync::hold::GuardHold;
use crate::sync::waiting::QueueEntry;
use parking_lot as original;
use std::panic::Location;
use std::time::{Duration, Instant};

/// Instrumented drop-in for [`parking_lot::RwLockUpgradableReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockUpgradableReadGuard<'a, T: ?Sized> {
    // Dropped first, so that the next holder never finds its predecessor.
    pub(super) hold: GuardHold<'a>,
    pub(super) inner: original::RwLockUpgradableReadGuard<'a, T>,
    pub(super) lock: &'a RwLock<T>,
}

view!(RwLockUpgradableReadGuard);
owner!(RwLockUpgradableReadGuard of RwLock as rwlock, Upgradable UPGRADABLE);

impl<'a, T: ?Sized> RwLockUpgradableReadGuard<'a, T> {
    /// Same as [`parking_lot::RwLockUpgradableReadGuard::downgrade`].
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        s.hold.downgrade(1);
        RwLockReadGuard {
            hold: s.hold,
            inner: original::RwLockUpgradableReadGuard::downgrade(s.inner),
            lock: s.lock,
        }
    }

    /// Same as [`parking_lot::RwLockUpgradableReadGuard::upgrade`].
    #[track_caller]
    pub fn upgrade(s: Self) -> RwLockWriteGuard<'a, T> {
        let s = match RwLockUpgradableReadGuard::try_upgrade(s) {
            Ok(writer) => return writer,
            Err(s) => s,
        };
        // From here on the guard excludes new readers, though it waits for those that still read.
        s.hold.upgrade();
        let _entry = wait(&s.hold, Location::caller());
        RwLockWriteGuard {
            inner: original::RwLockUpgradableReadGuard::upgrade(s.inner),
            hold: s.hold,
            lock: s.lock,
        }
    }

    /// Same as [`parking_lot::RwLockUpgradableReadGuard::try_upgrade`].
    ///
    /// # Errors
    ///
    /// The guard, if there are other readers.
    pub fn try_upgrade(s: Self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        match original::RwLockUpgradableReadGuard::try_upgrade(s.inner) {
            Ok(inner) => {
                let (hold, lock) = (s.hold, s.lock);
                hold.upgrade();
                Ok(RwLockWriteGuard { hold, inner, lock })
            }
            Err(inner) => Err(RwLockUpgradableReadGuard { inner, ..s }),
        }
    }

    /// Same as [`parking_lot::RwLockUpgradableReadGuard::with_upgraded`].
    #[track_caller]
    pub fn with_upgraded<Ret, F: FnOnce(&mut T) -> Ret>(&mut self, f: F) -> Ret {
        let upgraded = UpgradedHold::new(&self.hold);
        let entry = wait(&self.hold, Location::caller());
        self.inner.with_upgraded(move |value| {
            drop(entry);
            upgraded.run(|| f(value))
        })
    }

    /// Same as [`parking_lot::RwLockUpgradableReadGuard::try_with_upgraded`].
    pub fn try_with_upgraded<Ret, F: FnOnce(&mut T) -> Ret>(&mut self, f: F) -> Option<Ret> {
        let hold = &self.hold;
        let run = |value: &mut T| UpgradedHold::new(hold).run(|| f(value));
        self.inner.try_with_upgraded(run)
    }
}

/// The thread is in the queue until all readers have left, also if there are none.
fn wait(hold: &GuardHold<'_>, at: CallSite) -> QueueEntry {
    hold.record.block(Operation::Upgrade, MANY_READERS, at)
}

/// While it waits, the guard excludes new readers. If its time is over, it is upgradable again.
macro_rules! timed {
    ($($try_upgrade:ident $try_with_upgraded:ident $time:ident;)*) => {
        impl<'a, T: ?Sized> RwLockUpgradableReadGuard<'a, T> {
            $(
                #[doc = concat!("Same as [`parking_lot::RwLockUpgradableReadGuard::", stringify!($try_upgrade), "`].")]
                ///
                /// # Errors
                ///
                /// The guard, if there are other readers for all of that time.
                pub fn $try_upgrade(s: Self, timeout: $time) -> Result<RwLockWriteGuard<'a, T>, Self> {
                    s.hold.upgrade();
                    match original::RwLockUpgradableReadGuard::$try_upgrade(s.inner, timeout) {
                        Ok(inner) => Ok(RwLockWriteGuard { hold: s.hold, inner, lock: s.lock }),
                        Err(inner) => {
                            s.hold.downgrade(UPGRADABLE);
                            Err(RwLockUpgradableReadGuard { inner, ..s })
                        }
                    }
                }

                #[doc = concat!("Same as [`parking_lot::RwLockUpgradableReadGuard::", stringify!($try_with_upgraded), "`].")]
                pub fn $try_with_upgraded<Ret, F: FnOnce(&mut T) -> Ret>(
                    &mut self,
                    timeout: $time,
                    f: F,
                ) -> Option<Ret> {
                    let upgraded = UpgradedHold::new(&self.hold);
                    let run = move |value: &mut T| upgraded.run(|| f(value));
                    self.inner.$try_with_upgraded(timeout, run)
                }
            )*
        }
    };
}

timed! {
    try_upgrade_for try_with_upgraded_for Duration;
    try_upgrade_until try_with_upgraded_until Instant;
}
