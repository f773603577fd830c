//! The record of one channel, lock or signal; knows nothing of the types that write it.

#![allow(dead_code, reason = "some facts still wait for their judges")]

pub(crate) mod charge;
pub(crate) mod end;
pub(crate) mod event;
pub(crate) mod facts;
pub(crate) mod flow;
pub(crate) mod hold;
pub(crate) mod join;
pub(crate) mod mark;
pub(crate) mod set;
pub(crate) mod signal;
pub(crate) mod wait;

use crate::clock::{self, Moment};
use crate::record::id::{ScopeId, TaskId};
use crate::record::resource::facts::{Detail, ResourceFacts};
use crate::record::resource::flow::Flow;
use crate::record::resource::hold::Holds;
use crate::record::resource::join::Joined;
use crate::record::resource::set::Set;
use crate::record::resource::signal::{Notices, Token};
use crate::record::resource::wait::Queue;
use std::cell::Cell;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// What a writer of std's or parking_lot's takes. No reader counts that far.
pub(crate) const MANY_READERS: usize = u32::MAX as usize;

/// What an upgradable reader of parking_lot's takes: there can be one, beside others who only read.
pub(crate) const UPGRADABLE: usize = MANY_READERS / 2 + 1;

/// A number that no other channel or lock of the process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ResourceId(pub(crate) u64);

/// A counter that all threads share costs as much as the rest of a oneshot's record: each takes so many at once.
const SUPPLY: u64 = 1024;

/// Whether `first` is certainly a number that was given before `next` was the next to give: one thread gave both.
pub(crate) fn comes_before(first: u64, next: u64) -> bool {
    let supply = |number: u64| (number - 1) / SUPPLY;
    first < next && supply(first) == supply(next - 1)
}

/// The first of `count` numbers that no other resource or endpoint has. Those of one thread grow.
#[inline]
pub(crate) fn number(count: u64) -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(1);
    thread_local!(static FREE: Cell<(u64, u64)> = const { Cell::new((0, 0)) });
    FREE.with(|free| {
        let (mut first, mut end) = free.get();
        if end - first < count {
            first = LAST.fetch_add(SUPPLY, Relaxed);
            end = first + SUPPLY;
        }
        free.set((first + count, end));
        first
    })
}

/// The key of a resource that is in no list.
pub(crate) const NOT_LISTED: usize = usize::MAX;

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Mpsc,
    UnboundedMpsc,
    Oneshot,
    Broadcast,
    Watch,
    Mutex,
    RwLock,
    Semaphore,
    Notify,
    Barrier,
    OnceCell,
    SetOnce,
    Token,
    /// Not waited on: see `Tracked`.
    Value,
    /// Those of std have no fair queue: nobody is granted anything.
    StdMutex,
    StdRwLock,
    /// Nor those of parking_lot, but a writer that waits goes first.
    ParkingMutex,
    ParkingRwLock,
    Condvar,
    /// The end of threads.
    Join,
    /// The end of one task.
    JoinTask,
    JoinSet,
}

impl Kind {
    pub(crate) fn is_channel(self) -> bool {
        self <= Kind::Watch
    }

    /// Whether it is the end of something.
    pub(crate) fn is_join(self) -> bool {
        matches!(self, Kind::Join | Kind::JoinTask | Kind::JoinSet)
    }

    /// Whether somebody can hold it.
    pub(crate) fn is_lock(self) -> bool {
        matches!(
            self,
            Kind::Mutex | Kind::RwLock | Kind::Semaphore | Kind::OnceCell
        ) || self.blocks()
    }

    /// Whether it is a lock for which a thread waits as a whole.
    pub(crate) fn blocks(self) -> bool {
        matches!(
            self,
            Kind::StdMutex | Kind::StdRwLock | Kind::ParkingMutex | Kind::ParkingRwLock
        )
    }
}

/// Who made it, and where. Plain numbers, 0 for nobody: it is copied for each channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) made: &'static Location<'static>,
    by: u64,
    scope: u64,
}

impl Origin {
    pub(crate) const fn unknown(made: &'static Location<'static>) -> Self {
        Origin {
            made,
            by: 0,
            scope: 0,
        }
    }

    pub(crate) fn new(
        made: &'static Location<'static>,
        by: Option<TaskId>,
        scope: Option<ScopeId>,
    ) -> Self {
        Origin {
            made,
            by: by.map_or(0, |task| task.0),
            scope: scope.map_or(0, |scope| scope.0),
        }
    }

    pub(crate) fn by(&self) -> Option<TaskId> {
        Some(TaskId(self.by)).filter(|task| task.0 != 0)
    }

    pub(crate) fn scope(&self) -> Option<ScopeId> {
        Some(ScopeId(self.scope)).filter(|scope| scope.0 != 0)
    }
}

/// What only some kinds have.
#[derive(Debug)]
pub(crate) enum Part {
    Channel(Flow),
    Lock(Holds),
    Notify(Notices),
    Token(Token),
    /// Gives the name of its type.
    Value(fn() -> &'static str),
    Join(Joined),
    Set(Set),
    Plain,
}

/// One live channel, lock or signal. Whoever uses it writes with relaxed stores; everybody may read.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) id: ResourceId,
    pub(crate) kind: Kind,
    /// Messages of a bounded channel, permits of a lock, tasks of a barrier.
    pub(crate) capacity: Option<usize>,
    pub(crate) origin: Origin,
    pub(crate) began: Moment,
    /// Where the ledger keeps it.
    pub(crate) key: AtomicUsize,
    pub(crate) part: Part,
    pub(crate) waits: Queue,
    /// Somebody may hold an endpoint of it that is not seen here.
    outside: AtomicBool,
}

impl Resource {
    #[inline]
    pub(crate) fn new(kind: Kind, capacity: Option<usize>, origin: Origin, now: Moment) -> Self {
        if kind.is_channel() {
            return Resource::channel(kind, capacity, origin, now);
        }
        let part = match kind {
            Kind::Mutex | Kind::RwLock | Kind::Semaphore | Kind::OnceCell => {
                Part::Lock(Holds::new(capacity.unwrap_or(1)))
            }
            Kind::StdMutex | Kind::ParkingMutex => Part::Lock(Holds::new(1)),
            Kind::StdRwLock | Kind::ParkingRwLock => Part::Lock(Holds::new(MANY_READERS)),
            Kind::Notify | Kind::Condvar => Part::Notify(Notices::default()),
            Kind::Join | Kind::JoinTask => Part::Join(Joined::default()),
            Kind::JoinSet => Part::Set(Set::default()),
            Kind::Token => Part::Token(Token::default()),
            _ => Part::Plain,
        };
        Resource::with(number(1), kind, capacity, origin, now, part)
    }

    /// That of a channel with its first two ends.
    #[inline]
    pub(crate) fn channel(
        kind: Kind,
        capacity: Option<usize>,
        origin: Origin,
        now: Moment,
    ) -> Self {
        let id = number(3);
        let part = Part::Channel(Flow::new(id, origin));
        Resource::with(id, kind, capacity, origin, now, part)
    }

    #[inline]
    pub(crate) fn oneshot(origin: Origin, now: Moment) -> Self {
        Resource::channel(Kind::Oneshot, Some(1), origin, now)
    }

    /// Makes the record of a oneshot, whose flow [is plain](Flow::is_plain), that of another; `false` where somebody
    /// waits for ever.
    #[inline]
    pub(crate) fn renew(&mut self, origin: Origin, now: Moment) -> bool {
        let id = number(3);
        if let Part::Channel(flow) = &mut self.part {
            flow.renew(id, origin);
        }
        self.id = ResourceId(id);
        self.origin = origin;
        self.began = now;
        *self.key.get_mut() = NOT_LISTED;
        *self.outside.get_mut() = false;
        self.waits.is_empty()
    }

    #[inline]
    fn with(
        id: u64,
        kind: Kind,
        capacity: Option<usize>,
        origin: Origin,
        now: Moment,
        part: Part,
    ) -> Self {
        Resource {
            id: ResourceId(id),
            kind,
            capacity,
            origin,
            began: now,
            key: AtomicUsize::new(NOT_LISTED),
            part,
            waits: Queue::default(),
            outside: AtomicBool::new(false),
        }
    }

    /// The token that cancels this one, for a token.
    pub(crate) fn with_parent(mut self, parent: Option<Arc<Resource>>) -> Self {
        if let Part::Token(token) = &mut self.part {
            token.parent = parent;
        }
        self
    }

    /// A lock that lies at `address`.
    pub(crate) fn with_address(mut self, address: usize) -> Self {
        if let Part::Lock(holds) = &mut self.part {
            holds.set_address(address);
        }
        self
    }

    /// The name of its type, for a value.
    pub(crate) fn with_type(mut self, name: fn() -> &'static str) -> Self {
        self.part = Part::Value(name);
        self
    }

    pub(crate) fn flow(&self) -> Option<&Flow> {
        match &self.part {
            Part::Channel(flow) => Some(flow),
            _ => None,
        }
    }

    pub(crate) fn holds(&self) -> Option<&Holds> {
        match &self.part {
            Part::Lock(holds) => Some(holds),
            _ => None,
        }
    }

    pub(crate) fn notices(&self) -> Option<&Notices> {
        match &self.part {
            Part::Notify(notices) => Some(notices),
            _ => None,
        }
    }

    pub(crate) fn token(&self) -> Option<&Token> {
        match &self.part {
            Part::Token(token) => Some(token),
            _ => None,
        }
    }

    /// Whether the ledger has it, or is about to.
    #[inline]
    pub(crate) fn is_listed(&self) -> bool {
        self.key.load(Relaxed) != NOT_LISTED
    }

    pub(crate) fn joined(&self) -> Option<&Joined> {
        match &self.part {
            Part::Join(joined) => Some(joined),
            _ => None,
        }
    }

    pub(crate) fn set(&self) -> Option<&Set> {
        match &self.part {
            Part::Set(set) => Some(set),
            _ => None,
        }
    }

    /// An endpoint came from outside or went there: who else has one, nobody knows.
    pub(crate) fn set_outside(&self) {
        self.outside.store(true, Relaxed);
    }

    pub(crate) fn is_outside(&self) -> bool {
        self.outside.load(Relaxed)
    }

    pub(crate) fn facts(&self) -> ResourceFacts {
        ResourceFacts {
            id: self.id,
            kind: self.kind,
            capacity: self.capacity,
            made: self.origin.made,
            made_by: self.origin.by(),
            scope: self.origin.scope(),
            began: clock::settled(self.began),
            outside: self.is_outside(),
            waits: self.waits.facts(),
            detail: match &self.part {
                Part::Channel(flow) => Detail::Channel(flow.facts(self.kind, self.capacity)),
                Part::Lock(holds) => Detail::Lock(holds.facts()),
                Part::Notify(notices) => Detail::Notify(notices.facts()),
                Part::Token(token) => Detail::Token(token.facts()),
                Part::Value(name) => Detail::Value(name()),
                Part::Join(joined) => Detail::Join(joined.facts()),
                Part::Set(set) => Detail::Set(set.facts()),
                Part::Plain => Detail::Plain,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::pulse;
    use crate::record::resource::mark::{Here, Polling};
    use crate::record::resource::wait::{Intent, Operation};

    #[test]
    fn what_was_noted_while_the_time_stood_still_is_told_with_the_latest_time_it_can_have() {
        let (given, until) = (Moment::from_nanos(1_717), Moment::from_nanos(900_001_717));
        let at = Location::caller();
        let here = Here {
            task: None,
            now: given,
        };
        let lock = Resource::new(Kind::Mutex, None, Origin::unknown(at), given);
        lock.holds().unwrap().take(1, here, at);
        let polling = Polling {
            here,
            polls: 1,
            began: given,
        };
        lock.waits.enter(Intent::new(Operation::Lock, at), polling);
        let set = Set::default();
        set.taken.note(here, at);
        let channel = Resource::oneshot(Origin::unknown(at), given);
        channel.flow().unwrap().set_ended(given);
        pulse::record_late(given, until);

        let facts = lock.facts();
        let held = facts.lock().unwrap().holds[0].since;
        assert_eq!(
            (facts.began, facts.waits[0].since, held),
            (until, until, until)
        );
        assert_eq!(set.facts().taken.unwrap().when, until);
        assert_eq!(channel.facts().channel().unwrap().ended, Some(until));
        // It is by this one that a poll is known again.
        assert_eq!(facts.waits[0].polled, given);
    }
}
