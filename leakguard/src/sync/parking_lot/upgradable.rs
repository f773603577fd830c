//! The guard of a reader of parking_lot's that may become the writer.

use super::guard::{owner, view};
use super::hold::{Away, Raised};
use super::rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::fact::kind::Operation;
use crate::fact::kind::{MANY_READERS, UPGRADABLE};
use crate::site::CallSite;
use crate::sync::hold::Hold;
use crate::sync::waiting::Entry;
use parking_lot as original;
use std::panic::Location;
use std::time::{Duration, Instant};

/// As [`parking_lot::RwLockUpgradableReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockUpgradableReadGuard<'a, T: ?Sized> {
    // First: the next holder must find its predecessor gone.
    pub(super) hold: Hold<'a>,
    pub(super) inner: original::RwLockUpgradableReadGuard<'a, T>,
    pub(super) lock: &'a RwLock<T>,
}

view!(RwLockUpgradableReadGuard);
owner!(RwLockUpgradableReadGuard of RwLock as rwlock, Upgradable UPGRADABLE);

impl<'a, T: ?Sized> RwLockUpgradableReadGuard<'a, T> {
    /// As [`parking_lot::RwLockUpgradableReadGuard::downgrade`].
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        s.hold.lower(1);
        RwLockReadGuard {
            hold: s.hold,
            inner: original::RwLockUpgradableReadGuard::downgrade(s.inner),
            lock: s.lock,
        }
    }

    /// As [`parking_lot::RwLockUpgradableReadGuard::upgrade`].
    #[track_caller]
    pub fn upgrade(s: Self) -> RwLockWriteGuard<'a, T> {
        let s = match RwLockUpgradableReadGuard::try_upgrade(s) {
            Ok(writer) => return writer,
            Err(s) => s,
        };
        // From here on it keeps others out, though it has to wait for those who read.
        s.hold.raise();
        let _entry = wait(&s.hold, Location::caller());
        RwLockWriteGuard {
            inner: original::RwLockUpgradableReadGuard::upgrade(s.inner),
            hold: s.hold,
            lock: s.lock,
        }
    }

    /// As [`parking_lot::RwLockUpgradableReadGuard::try_upgrade`].
    ///
    /// # Errors
    ///
    /// The guard, if others read.
    pub fn try_upgrade(s: Self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        match original::RwLockUpgradableReadGuard::try_upgrade(s.inner) {
            Ok(inner) => {
                let (hold, lock) = (s.hold, s.lock);
                hold.raise();
                Ok(RwLockWriteGuard { hold, inner, lock })
            }
            Err(inner) => Err(RwLockUpgradableReadGuard { inner, ..s }),
        }
    }

    /// As [`parking_lot::RwLockUpgradableReadGuard::with_upgraded`].
    #[track_caller]
    pub fn with_upgraded<Ret, F: FnOnce(&mut T) -> Ret>(&mut self, f: F) -> Ret {
        let raised = Raised::new(&self.hold);
        let entry = wait(&self.hold, Location::caller());
        self.inner.with_upgraded(move |value| {
            drop(entry);
            raised.run(|| f(value))
        })
    }

    /// As [`parking_lot::RwLockUpgradableReadGuard::try_with_upgraded`].
    pub fn try_with_upgraded<Ret, F: FnOnce(&mut T) -> Ret>(&mut self, f: F) -> Option<Ret> {
        let hold = &self.hold;
        let run = |value: &mut T| Raised::new(hold).run(|| f(value));
        self.inner.try_with_upgraded(run)
    }
}

/// In the queue until all who read have gone. Who finds nobody there is in it as well, for no time at all.
fn wait(hold: &Hold<'_>, at: CallSite) -> Entry {
    let record = hold.record();
    record.block(Operation::Upgrade, MANY_READERS, at)
}

/// While it waits it keeps others out, and goes back to what it was if its time is over.
macro_rules! timed {
    ($($try_upgrade:ident $try_with_upgraded:ident $time:ident;)*) => {
        impl<'a, T: ?Sized> RwLockUpgradableReadGuard<'a, T> {
            $(
                #[doc = concat!("As [`parking_lot::RwLockUpgradableReadGuard::", stringify!($try_upgrade), "`].")]
                ///
                /// # Errors
                ///
                /// The guard, if others read for all that time.
                pub fn $try_upgrade(s: Self, timeout: $time) -> Result<RwLockWriteGuard<'a, T>, Self> {
                    s.hold.raise();
                    match original::RwLockUpgradableReadGuard::$try_upgrade(s.inner, timeout) {
                        Ok(inner) => Ok(RwLockWriteGuard { hold: s.hold, inner, lock: s.lock }),
                        Err(inner) => {
                            s.hold.lower(UPGRADABLE);
                            Err(RwLockUpgradableReadGuard { inner, ..s })
                        }
                    }
                }

                #[doc = concat!("As [`parking_lot::RwLockUpgradableReadGuard::", stringify!($try_with_upgraded), "`].")]
                pub fn $try_with_upgraded<Ret, F: FnOnce(&mut T) -> Ret>(
                    &mut self,
                    timeout: $time,
                    f: F,
                ) -> Option<Ret> {
                    let raised = Raised::new(&self.hold);
                    let run = move |value: &mut T| raised.run(|| f(value));
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
