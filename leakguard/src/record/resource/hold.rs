//! Who holds a lock or its permits.

use crate::clock::{self, Moment};
use crate::fact::id::TaskId;
use crate::fact::resource::{HoldFacts, LockFacts};
use crate::lock::Lock;
use crate::record::resource::mark::{Here, Touch};
use crate::stack;
use slab::Slab;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{MutexGuard, OnceLock};

/// No more holders than this are kept without a lock; the others share one.
const SLOTS: usize = 4;

/// One holder. Free while its permits are 0.
#[derive(Debug, Default)]
struct Slot {
    permits: AtomicUsize,
    touch: Touch,
    since: AtomicU64,
    movable: AtomicBool,
}

impl Slot {
    fn write(&self, here: Here, at: &'static Location<'static>) {
        self.touch.set(here.task, at);
        self.since.store(here.now.nanos(), Relaxed);
        self.movable.store(false, Relaxed);
    }

    fn facts(&self, total: usize) -> Option<HoldFacts> {
        let permits = self.permits.load(Relaxed);
        (permits > 0).then(|| HoldFacts {
            task: self.touch.task(),
            at: self.touch.at(),
            since: clock::settled(Moment::from_nanos(self.since.load(Relaxed))),
            permits,
            exclusive: permits >= total,
            movable: self.movable.load(Relaxed),
        })
    }
}

/// What a guard keeps to find its hold again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u32);

impl Ticket {
    /// That of a guard nobody watches.
    pub(crate) const NONE: Ticket = Ticket(u32::MAX);
}

/// All holds on one lock.
#[derive(Debug)]
pub(crate) struct Holds {
    /// One for a lock that only one can hold.
    slots: Box<[Slot]>,
    more: OnceLock<Box<Lock<Slab<Slot>>>>,
    /// All permits there are, held or not.
    total: AtomicUsize,
    /// Permits that their holder forgot on purpose.
    forgotten: AtomicUsize,
    released: AtomicU64,
    /// Where the lock was when it was first used; a static never moves.
    address: usize,
}

impl Holds {
    pub(crate) fn new(total: usize) -> Self {
        Holds {
            slots: (0..if total == 1 { 1 } else { SLOTS })
                .map(|_| Slot::default())
                .collect(),
            more: OnceLock::new(),
            total: AtomicUsize::new(total),
            forgotten: AtomicUsize::new(0),
            released: AtomicU64::new(0),
            address: 0,
        }
    }

    pub(crate) fn set_address(&mut self, address: usize) {
        self.address = address;
    }

    fn more(&self) -> MutexGuard<'_, Slab<Slot>> {
        let more = self.more.get_or_init(Box::default);
        more.lock()
    }

    /// Somebody has acquired `permits`.
    #[inline]
    pub(crate) fn take(
        &self,
        permits: usize,
        here: Here,
        at: &'static Location<'static>,
    ) -> Ticket {
        if permits == 0 {
            return Ticket::NONE;
        }
        for (index, slot) in self.slots.iter().enumerate() {
            let claim = slot.permits.load(Relaxed) == 0;
            if claim
                && slot
                    .permits
                    .compare_exchange(0, permits, Relaxed, Relaxed)
                    .is_ok()
            {
                slot.write(here, at);
                return Ticket(index as u32);
            }
        }
        let slot = Slot::default();
        slot.permits.store(permits, Relaxed);
        slot.write(here, at);
        let number = self.slots.len() + self.more().insert(slot);
        // Four thousand million holders: the last would share a number.
        Ticket(u32::try_from(number).unwrap_or(u32::MAX - 1))
    }

    /// Somebody has acquired all `permits` of a lock that never gets more. Nobody else holds any, or writes here
    /// meanwhile, so nothing is locked for that.
    pub(crate) fn take_all(
        &self,
        permits: usize,
        here: Here,
        at: &'static Location<'static>,
    ) -> Ticket {
        self.slots[0].permits.store(permits, Relaxed);
        self.slots[0].write(here, at);
        Ticket(0)
    }

    /// Looks at the slot of a ticket.
    fn with(&self, ticket: Ticket, look: impl FnOnce(&Slot)) {
        if let Some(slot) = self.slots.get(ticket.0 as usize) {
            return look(slot);
        }
        if ticket != Ticket::NONE
            && let Some(slot) = self.more().get(ticket.0 as usize - self.slots.len())
        {
            look(slot);
        }
    }

    /// The holder of `ticket` now has so many.
    pub(crate) fn resize(&self, ticket: Ticket, permits: usize) {
        self.with(ticket, |slot| slot.permits.store(permits, Relaxed));
    }

    /// All but `permits` of the holder go back; called before they do.
    pub(crate) fn shrink(&self, ticket: Ticket, permits: usize, now: Moment) {
        self.released.store(now.nanos().max(1), Relaxed);
        self.resize(ticket, permits);
    }

    /// The guard of `ticket` is one that other tasks may be given.
    pub(crate) fn set_movable(&self, ticket: Ticket) {
        if ticket != Ticket::NONE {
            self.with(ticket, |slot| slot.movable.store(true, Relaxed));
        }
    }

    /// The guard of `ticket` went to `task`.
    pub(crate) fn hand(&self, ticket: Ticket, task: TaskId) {
        if ticket != Ticket::NONE {
            self.with(ticket, |slot| slot.touch.move_to(task));
        }
    }

    /// Where the holder of `ticket` took its permits.
    pub(crate) fn taken_at(&self, ticket: Ticket) -> Option<&'static Location<'static>> {
        let mut at = None;
        self.with(ticket, |slot| at = slot.touch.at());
        at
    }

    /// The permits of `ticket` go back; called before they do.
    pub(crate) fn release(&self, ticket: Ticket, now: Moment) {
        if ticket != Ticket::NONE {
            self.released.store(now.nanos().max(1), Relaxed);
            self.drop_ticket(ticket);
        }
    }

    /// The permits of `ticket` are gone for good.
    pub(crate) fn forget(&self, ticket: Ticket, permits: usize) {
        self.drop_ticket(ticket);
        self.total.fetch_sub(permits, Relaxed);
        self.forgotten.fetch_add(permits, Relaxed);
    }

    /// The hold of `ticket` is gone, as when it is merged into another.
    #[inline]
    pub(crate) fn drop_ticket(&self, ticket: Ticket) {
        if let Some(slot) = self.slots.get(ticket.0 as usize) {
            slot.permits.store(0, Relaxed);
        } else if ticket != Ticket::NONE {
            self.more().try_remove(ticket.0 as usize - self.slots.len());
        }
    }

    /// New permits were made.
    pub(crate) fn add(&self, permits: usize, now: Moment) {
        self.total.fetch_add(permits, Relaxed);
        self.released.store(now.nanos().max(1), Relaxed);
    }

    /// Permits that nobody held were taken away.
    pub(crate) fn remove(&self, permits: usize) {
        self.total.fetch_sub(permits, Relaxed);
        self.forgotten.fetch_add(permits, Relaxed);
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
            forgotten: self.forgotten.load(Relaxed),
            is_static: stack::may_be_static(self.address),
            released: (released > 0).then(|| Moment::from_nanos(released)),
            holds,
        }
    }
}
