//! The holders of a lock or of its permits.

use crate::clock::{self, Instant};
use crate::fact::id::{OutsideThread, TaskId};
use crate::fact::resource::{ForgottenFacts, HoldFacts, LockFacts};
use crate::lock::Lock;
use crate::record::location::AtomicLocation;
use crate::record::resource::mark::{LastUse, Writer};
use crate::site::CallSite;
use crate::stack;
use slab::Slab;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{MutexGuard, OnceLock};

/// Maximum number of holders that are kept without a lock. The others share one.
const SLOTS: usize = 4;

/// One holder. The slot is free while its permits are 0.
#[derive(Debug, Default)]
struct HoldSlot {
    permits: AtomicUsize,
    acquired: LastUse,
    since: AtomicU64,
    movable: AtomicBool,
}

impl HoldSlot {
    fn write(&self, here: Writer, at: CallSite) {
        self.acquired.set(here.task, at);
        self.since.store(here.now.nanos(), Relaxed);
        self.movable.store(false, Relaxed);
    }

    fn facts(&self, total: usize) -> Option<HoldFacts> {
        let permits = self.permits.load(Relaxed);
        (permits > 0).then(|| HoldFacts {
            task: self.acquired.task(),
            thread_number: self.acquired.thread(),
            at: self.acquired.at(),
            since: clock::settled(Instant::from_nanos(self.since.load(Relaxed))),
            permits,
            exclusive: permits >= total,
            movable: self.movable.load(Relaxed),
        })
    }
}

/// What a guard keeps to find its hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HoldKey(u32);

impl HoldKey {
    /// The key of a guard without a hold.
    pub(crate) const NONE: HoldKey = HoldKey(u32::MAX);
}

/// All holds on one lock.
#[derive(Debug)]
pub(crate) struct Holds {
    /// One slot for a lock that has only one permit.
    slots: Box<[HoldSlot]>,
    more: OnceLock<Box<Lock<Slab<HoldSlot>>>>,
    /// All permits, held or not.
    total: AtomicUsize,
    released: AtomicU64,
    /// Where permits were last forgotten, and how many so far.
    forgotten_at: AtomicLocation,
    forgotten: AtomicUsize,
    /// Where the lock was when it was first used. A static never moves.
    address: usize,
}

impl Holds {
    pub(crate) fn new(total: usize) -> Self {
        Holds {
            slots: (0..if total == 1 { 1 } else { SLOTS }).map(|_| HoldSlot::default()).collect(),
            more: OnceLock::new(),
            total: AtomicUsize::new(total),
            released: AtomicU64::new(0),
            forgotten_at: AtomicLocation::default(),
            forgotten: AtomicUsize::new(0),
            address: 0,
        }
    }

    pub(crate) fn set_address(&mut self, address: usize) {
        self.address = address;
    }

    fn more(&self) -> MutexGuard<'_, Slab<HoldSlot>> {
        let more = self.more.get_or_init(Box::default);
        more.lock()
    }

    /// Adds a hold on `permits`, which were acquired.
    #[inline]
    pub(crate) fn acquire(&self, permits: usize, here: Writer, at: CallSite) -> HoldKey {
        if permits == 0 {
            return HoldKey::NONE;
        }
        for (index, slot) in self.slots.iter().enumerate() {
            let is_free = slot.permits.load(Relaxed) == 0;
            if is_free && slot.permits.compare_exchange(0, permits, Relaxed, Relaxed).is_ok() {
                slot.write(here, at);
                return HoldKey(index as u32);
            }
        }
        let slot = HoldSlot::default();
        slot.permits.store(permits, Relaxed);
        slot.write(here, at);
        let number = self.slots.len() + self.more().insert(slot);
        // Beyond four thousand million holders, the last ones would share a key.
        HoldKey(u32::try_from(number).unwrap_or(u32::MAX - 1))
    }

    /// As `acquire`, for all permits of a lock that never gets more. There is no other holder, so no other thread writes
    /// here, and this takes no atomic read-modify-write.
    pub(crate) fn acquire_all(&self, permits: usize, here: Writer, at: CallSite) -> HoldKey {
        self.slots[0].permits.store(permits, Relaxed);
        self.slots[0].write(here, at);
        HoldKey(0)
    }

    /// Looks at the slot of a key.
    fn with(&self, key: HoldKey, look: impl FnOnce(&HoldSlot)) {
        if let Some(slot) = self.slots.get(key.0 as usize) {
            return look(slot);
        }
        if key != HoldKey::NONE
            && let Some(slot) = self.more().get(key.0 as usize - self.slots.len())
        {
            look(slot);
        }
    }

    /// The holder of `key` now has `permits`.
    pub(crate) fn resize(&self, key: HoldKey, permits: usize) {
        self.with(key, |slot| slot.permits.store(permits, Relaxed));
    }

    /// All but `permits` are about to be released.
    pub(crate) fn shrink(&self, key: HoldKey, permits: usize, now: Instant) {
        self.released.store(now.nanos().max(1), Relaxed);
        self.resize(key, permits);
    }

    /// The guard of `key` may be moved to another task.
    pub(crate) fn set_movable(&self, key: HoldKey) {
        if key != HoldKey::NONE {
            self.with(key, |slot| slot.movable.store(true, Relaxed));
        }
    }

    /// The thread holds the lock outside of every task, and its guard stays there.
    pub(crate) fn set_thread(&self, key: HoldKey, thread: OutsideThread) {
        if key != HoldKey::NONE {
            self.with(key, |slot| slot.acquired.set_thread(thread));
        }
    }

    /// The guard of `key` went to `task`.
    pub(crate) fn hand_over(&self, key: HoldKey, task: TaskId) {
        if key != HoldKey::NONE {
            self.with(key, |slot| slot.acquired.move_to(task));
        }
    }

    /// Where the holder of `key` acquired its permits.
    pub(crate) fn acquired_at(&self, key: HoldKey) -> Option<CallSite> {
        let mut at = None;
        self.with(key, |slot| at = slot.acquired.at());
        at
    }

    /// The permits of `key` are about to be released.
    pub(crate) fn release(&self, key: HoldKey, now: Instant) {
        if key != HoldKey::NONE {
            self.released.store(now.nanos().max(1), Relaxed);
            self.remove(key);
        }
    }

    /// The permits of `key` are forgotten, and never released.
    pub(crate) fn forget(&self, key: HoldKey, permits: usize, at: CallSite) {
        self.remove(key);
        self.remove_permits(permits, at);
    }

    /// Removes a hold, for example because it is merged into another.
    #[inline]
    pub(crate) fn remove(&self, key: HoldKey) {
        if let Some(slot) = self.slots.get(key.0 as usize) {
            slot.permits.store(0, Relaxed);
        } else if key != HoldKey::NONE {
            self.more().try_remove(key.0 as usize - self.slots.len());
        }
    }

    /// The lock gets more permits.
    pub(crate) fn add_permits(&self, permits: usize, now: Instant) {
        self.total.fetch_add(permits, Relaxed);
        self.released.store(now.nanos().max(1), Relaxed);
    }

    /// Permits without a holder were forgotten.
    pub(crate) fn remove_permits(&self, permits: usize, at: CallSite) {
        self.total.fetch_sub(permits, Relaxed);
        if permits > 0 {
            self.forgotten_at.set(Some(at));
            self.forgotten.fetch_add(permits, Relaxed);
        }
    }

    fn forgotten(&self) -> Option<ForgottenFacts> {
        let permits = self.forgotten.load(Relaxed);
        self.forgotten_at.get().map(|at| ForgottenFacts { at, permits })
    }

    pub(crate) fn facts(&self) -> LockFacts {
        let total = self.total.load(Relaxed);
        let mut holds: Vec<_> = self.slots.iter().filter_map(|s| s.facts(total)).collect();
        if self.more.get().is_some() {
            holds.extend(self.more().iter().filter_map(|(_, s)| s.facts(total)));
        }
        holds.sort_by_key(|h| h.since);
        let released = self.released.load(Relaxed);
        LockFacts {
            permits: total,
            is_static: stack::may_be_static(self.address),
            released: (released > 0).then(|| Instant::from_nanos(released)),
            forgotten: self.forgotten(),
            holds,
        }
    }
}
