//! The twin of `parking_lot::RwLock`, with the guards of readers and writers.

use super::guard::{maps, owner, view};
use super::hold::{SuspendedHold, acquire_timed};
use super::lock::{acquire, lock};
use super::upgradable::RwLockUpgradableReadGuard;
use crate::fact::kind::{MANY_READERS, Operation, ResourceKind, UPGRADABLE};
use crate::site::CallSite;
use crate::sync::hold::{self, GuardHold};
use crate::sync::lazy::Lazy;
use parking_lot as original;
use std::panic::Location;
use std::time::{Duration, Instant};

lock!(RwLock, const_rwlock, ParkingRwLock [raw_rwlock: RawRwLock]);

acquire! { RwLock:
    RwLockReadGuard read try_read try_read_for try_read_until, Read 1;
    RwLockReadGuard read_recursive try_read_recursive try_read_recursive_for try_read_recursive_until, ReadRecursive 1;
    RwLockUpgradableReadGuard
        upgradable_read try_upgradable_read try_upgradable_read_for try_upgradable_read_until, Upgradable UPGRADABLE;
    RwLockWriteGuard write try_write try_write_for try_write_until, Write MANY_READERS;
}

impl<T: ?Sized> RwLock<T> {
    /// Same as [`parking_lot::RwLock::is_locked_exclusive`].
    pub fn is_locked_exclusive(&self) -> bool {
        self.inner.is_locked_exclusive()
    }
}

/// Instrumented drop-in for [`parking_lot::RwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    // Dropped first, so that the next holder never finds its predecessor.
    pub(super) hold: GuardHold<'a>,
    pub(super) inner: original::RwLockReadGuard<'a, T>,
    pub(super) lock: &'a RwLock<T>,
}

/// Instrumented drop-in for [`parking_lot::RwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    pub(super) hold: GuardHold<'a>,
    pub(super) inner: original::RwLockWriteGuard<'a, T>,
    pub(super) lock: &'a RwLock<T>,
}

/// Instrumented drop-in for [`parking_lot::MappedRwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedRwLockReadGuard<'a, T: ?Sized> {
    hold: GuardHold<'a>,
    inner: original::MappedRwLockReadGuard<'a, T>,
}

/// Instrumented drop-in for [`parking_lot::MappedRwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedRwLockWriteGuard<'a, T: ?Sized> {
    hold: GuardHold<'a>,
    inner: original::MappedRwLockWriteGuard<'a, T>,
}

view!(RwLockReadGuard);
view!(mut RwLockWriteGuard);
view!(MappedRwLockReadGuard);
view!(mut MappedRwLockWriteGuard);

owner!(RwLockReadGuard of RwLock as rwlock, Read 1);
owner!(RwLockWriteGuard of RwLock as rwlock, Write MANY_READERS);

maps!(RwLockReadGuard to MappedRwLockReadGuard, []);
maps!(RwLockWriteGuard to MappedRwLockWriteGuard, [mut]);
// parking_lot's name differs here as well.
maps!(MappedRwLockReadGuard to MappedRwLockReadGuard, [], try_map_or_else);
maps!(MappedRwLockWriteGuard to MappedRwLockWriteGuard, [mut]);

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Same as [`parking_lot::RwLockWriteGuard::downgrade`].
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        s.hold.downgrade(1);
        RwLockReadGuard {
            hold: s.hold,
            inner: original::RwLockWriteGuard::downgrade(s.inner),
            lock: s.lock,
        }
    }

    /// Same as [`parking_lot::RwLockWriteGuard::downgrade_to_upgradable`].
    pub fn downgrade_to_upgradable(s: Self) -> RwLockUpgradableReadGuard<'a, T> {
        s.hold.downgrade(UPGRADABLE);
        RwLockUpgradableReadGuard {
            hold: s.hold,
            inner: original::RwLockWriteGuard::downgrade_to_upgradable(s.inner),
            lock: s.lock,
        }
    }
}
