//! The twin of parking_lot's `RwLock`, with the guards of readers and writers.

use super::guard::{maps, owner, view};
use super::hold::{Away, take_timed};
use super::lock::{lock, ways};
use super::upgradable::RwLockUpgradableReadGuard;
use crate::fact::kind::Operation;
use crate::fact::kind::{MANY_READERS, ResourceKind, UPGRADABLE};
use crate::site::CallSite;
use crate::sync::hold::{Hold, take};
use crate::sync::lazy::Lazy;
use parking_lot as original;
use std::panic::Location;
use std::time::{Duration, Instant};

lock!(RwLock, const_rwlock, ParkingRwLock [raw_rwlock: RawRwLock]);

ways! { RwLock:
    RwLockReadGuard read try_read try_read_for try_read_until, Read 1;
    RwLockReadGuard read_recursive try_read_recursive try_read_recursive_for try_read_recursive_until, ReadRecursive 1;
    RwLockUpgradableReadGuard
        upgradable_read try_upgradable_read try_upgradable_read_for try_upgradable_read_until, Upgradable UPGRADABLE;
    RwLockWriteGuard write try_write try_write_for try_write_until, Write MANY_READERS;
}

impl<T: ?Sized> RwLock<T> {
    /// As [`parking_lot::RwLock::is_locked_exclusive`].
    pub fn is_locked_exclusive(&self) -> bool {
        self.inner.is_locked_exclusive()
    }
}

/// As [`parking_lot::RwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    // First: the next holder must find its predecessor gone.
    pub(super) hold: Hold<'a>,
    pub(super) inner: original::RwLockReadGuard<'a, T>,
    pub(super) lock: &'a RwLock<T>,
}

/// As [`parking_lot::RwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    pub(super) hold: Hold<'a>,
    pub(super) inner: original::RwLockWriteGuard<'a, T>,
    pub(super) lock: &'a RwLock<T>,
}

/// As [`parking_lot::MappedRwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedRwLockReadGuard<'a, T: ?Sized> {
    hold: Hold<'a>,
    inner: original::MappedRwLockReadGuard<'a, T>,
}

/// As [`parking_lot::MappedRwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
#[clippy::has_significant_drop]
pub struct MappedRwLockWriteGuard<'a, T: ?Sized> {
    hold: Hold<'a>,
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
// Its name is another there as well.
maps!(MappedRwLockReadGuard to MappedRwLockReadGuard, [], try_map_or_else);
maps!(MappedRwLockWriteGuard to MappedRwLockWriteGuard, [mut]);

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// As [`parking_lot::RwLockWriteGuard::downgrade`].
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        s.hold.lower(1);
        RwLockReadGuard {
            hold: s.hold,
            inner: original::RwLockWriteGuard::downgrade(s.inner),
            lock: s.lock,
        }
    }

    /// As [`parking_lot::RwLockWriteGuard::downgrade_to_upgradable`].
    pub fn downgrade_to_upgradable(s: Self) -> RwLockUpgradableReadGuard<'a, T> {
        s.hold.lower(UPGRADABLE);
        RwLockUpgradableReadGuard {
            hold: s.hold,
            inner: original::RwLockWriteGuard::downgrade_to_upgradable(s.inner),
            lock: s.lock,
        }
    }
}
