//! The record of one channel, lock or signal; knows nothing of the types that write it.

use crate::fact::id::ResourceId;
use crate::fact::id::SUPPLY;
use crate::fact::kind::MANY_READERS;
use crate::fact::kind::ResourceKind;
use crate::site::CallSite;
pub(crate) mod channel;
pub(crate) mod channel_state;
pub(crate) mod endpoint;
pub(crate) mod event;
pub(crate) mod hold;
pub(crate) mod join;
pub(crate) mod mark;
pub(crate) mod set;
pub(crate) mod signal;
pub(crate) mod wait;

use crate::clock::{self, Instant};
use crate::fact::id::{ScopeId, TaskId};
use crate::fact::resource::{Detail, ResourceFacts};
use crate::record::resource::channel_state::ChannelState;
use crate::record::resource::hold::Holds;
use crate::record::resource::join::JoinState;
use crate::record::resource::set::JoinSetState;
use crate::record::resource::signal::{NotifyState, TokenState};
use crate::record::resource::wait::WaitQueue;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

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

/// Where it was created, by which task and in which scope. It is copied for each channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Creation {
    pub(crate) created: CallSite,
    pub(crate) by: Option<TaskId>,
    pub(crate) scope: Option<ScopeId>,
}

impl Creation {
    pub(crate) const fn unknown(created: CallSite) -> Self {
        Creation {
            created,
            by: None,
            scope: None,
        }
    }
}

/// What only some kinds have.
#[derive(Debug)]
pub(crate) enum ResourceState {
    Channel(ChannelState),
    Lock(Holds),
    Notify(NotifyState),
    Token(TokenState),
    /// Gives the name of its type.
    Value(fn() -> &'static str),
    Join(JoinState),
    Set(JoinSetState),
    Plain,
}

/// One live channel, lock or signal. Whoever uses it writes with relaxed stores; everybody may read.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) id: ResourceId,
    pub(crate) kind: ResourceKind,
    /// Messages of a bounded channel, permits of a lock, tasks of a barrier.
    pub(crate) capacity: Option<usize>,
    pub(crate) origin: Creation,
    pub(crate) began: Instant,
    /// Where the ledger keeps it.
    pub(crate) key: AtomicUsize,
    pub(crate) part: ResourceState,
    pub(crate) waits: WaitQueue,
    /// Somebody may hold an endpoint of it that is not seen here.
    outside: AtomicBool,
}

impl Resource {
    #[inline]
    pub(crate) fn new(
        kind: ResourceKind,
        capacity: Option<usize>,
        origin: Creation,
        now: Instant,
    ) -> Self {
        if kind.is_channel() {
            return Resource::channel(kind, capacity, origin, now);
        }
        let part = match kind {
            ResourceKind::Mutex
            | ResourceKind::RwLock
            | ResourceKind::Semaphore
            | ResourceKind::OnceCell => ResourceState::Lock(Holds::new(capacity.unwrap_or(1))),
            ResourceKind::StdMutex | ResourceKind::ParkingMutex => {
                ResourceState::Lock(Holds::new(1))
            }
            ResourceKind::StdRwLock | ResourceKind::ParkingRwLock => {
                ResourceState::Lock(Holds::new(MANY_READERS))
            }
            ResourceKind::Notify | ResourceKind::Condvar => {
                ResourceState::Notify(NotifyState::default())
            }
            ResourceKind::Join | ResourceKind::JoinTask => {
                ResourceState::Join(JoinState::default())
            }
            ResourceKind::JoinSet => ResourceState::Set(JoinSetState::default()),
            ResourceKind::Token => ResourceState::Token(TokenState::default()),
            _ => ResourceState::Plain,
        };
        Resource::with(number(1), kind, capacity, origin, now, part)
    }

    /// That of a channel with its first two ends.
    #[inline]
    pub(crate) fn channel(
        kind: ResourceKind,
        capacity: Option<usize>,
        origin: Creation,
        now: Instant,
    ) -> Self {
        let id = number(3);
        let part = ResourceState::Channel(ChannelState::new(id, origin));
        Resource::with(id, kind, capacity, origin, now, part)
    }

    #[inline]
    pub(crate) fn oneshot(origin: Creation, now: Instant) -> Self {
        Resource::channel(ResourceKind::Oneshot, Some(1), origin, now)
    }

    /// Makes the record of a oneshot, whose flow [is plain](ChannelState::is_plain), that of another; `false` where somebody
    /// waits for ever.
    #[inline]
    pub(crate) fn renew(&mut self, origin: Creation, now: Instant) -> bool {
        let id = number(3);
        if let ResourceState::Channel(flow) = &mut self.part {
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
        kind: ResourceKind,
        capacity: Option<usize>,
        origin: Creation,
        now: Instant,
        part: ResourceState,
    ) -> Self {
        Resource {
            id: ResourceId(id),
            kind,
            capacity,
            origin,
            began: now,
            key: AtomicUsize::new(NOT_LISTED),
            part,
            waits: WaitQueue::default(),
            outside: AtomicBool::new(false),
        }
    }

    /// The token that cancels this one, for a token.
    #[cfg_attr(
        not(feature = "tokio-util"),
        expect(dead_code, reason = "only tokens use it")
    )]
    pub(crate) fn with_parent(mut self, parent: Option<Arc<Resource>>) -> Self {
        if let ResourceState::Token(token) = &mut self.part {
            token.parent = parent;
        }
        self
    }

    /// A lock that lies at `address`.
    pub(crate) fn with_address(mut self, address: usize) -> Self {
        if let ResourceState::Lock(holds) = &mut self.part {
            holds.set_address(address);
        }
        self
    }

    /// The name of its type, for a value.
    pub(crate) fn with_type(mut self, name: fn() -> &'static str) -> Self {
        self.part = ResourceState::Value(name);
        self
    }

    pub(crate) fn flow(&self) -> Option<&ChannelState> {
        match &self.part {
            ResourceState::Channel(flow) => Some(flow),
            _ => None,
        }
    }

    pub(crate) fn holds(&self) -> Option<&Holds> {
        match &self.part {
            ResourceState::Lock(holds) => Some(holds),
            _ => None,
        }
    }

    pub(crate) fn notices(&self) -> Option<&NotifyState> {
        match &self.part {
            ResourceState::Notify(notices) => Some(notices),
            _ => None,
        }
    }

    pub(crate) fn token(&self) -> Option<&TokenState> {
        match &self.part {
            ResourceState::Token(token) => Some(token),
            _ => None,
        }
    }

    /// Whether the ledger has it, or is about to.
    #[inline]
    pub(crate) fn is_listed(&self) -> bool {
        self.key.load(Relaxed) != NOT_LISTED
    }

    pub(crate) fn joined(&self) -> Option<&JoinState> {
        match &self.part {
            ResourceState::Join(joined) => Some(joined),
            _ => None,
        }
    }

    pub(crate) fn set(&self) -> Option<&JoinSetState> {
        match &self.part {
            ResourceState::Set(set) => Some(set),
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
            created: self.origin.created,
            created_by: self.origin.by,
            scope: self.origin.scope,
            began: clock::settled(self.began),
            outside: self.is_outside(),
            waits: self.waits.facts(),
            detail: match &self.part {
                ResourceState::Channel(flow) => {
                    Detail::Channel(flow.facts(self.kind, self.capacity))
                }
                ResourceState::Lock(holds) => Detail::Lock(holds.facts()),
                ResourceState::Notify(notices) => Detail::Notify(notices.facts()),
                ResourceState::Token(token) => Detail::Token(token.facts()),
                ResourceState::Value(name) => Detail::Value(name()),
                ResourceState::Join(joined) => Detail::Join(joined.facts()),
                ResourceState::Set(set) => Detail::Set(set.facts()),
                ResourceState::Plain => Detail::Plain,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::pulse;
    use crate::fact::kind::Operation;
    use crate::record::resource::mark::{Poller, Writer};
    use crate::record::resource::wait::Intent;
    use std::panic::Location;

    #[test]
    fn what_was_noted_while_the_time_stood_still_is_told_with_the_latest_time_it_can_have() {
        let (given, until) = (Instant::from_nanos(1_717), Instant::from_nanos(900_001_717));
        let at = Location::caller();
        let here = Writer {
            task: None,
            now: given,
        };
        let lock = Resource::new(ResourceKind::Mutex, None, Creation::unknown(at), given);
        lock.holds().unwrap().acquire(1, here, at);
        let polling = Poller {
            here,
            polls: 1,
            began: given,
        };
        lock.waits.enter(Intent::new(Operation::Lock, at), polling);
        let set = JoinSetState::default();
        set.taken.note(here, at);
        let channel = Resource::oneshot(Creation::unknown(at), given);
        channel.flow().unwrap().set_ended(given);
        pulse::record_late(given, until);

        let facts = lock.facts();
        let Detail::Lock(held) = &facts.detail else {
            panic!("a lock");
        };
        let held = held.holds[0].since;
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
