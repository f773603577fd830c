//! The record of one channel, lock or signal. It knows nothing of the types that write it.

pub(crate) mod channel;
pub(crate) mod channel_state;
mod creation;
pub(crate) mod endpoint;
mod entries;
pub(crate) mod event;
pub(crate) mod hold;
pub(crate) mod join;
pub(crate) mod mark;
pub(crate) mod notify;
mod number;
pub(crate) mod pause;
pub(crate) mod set;
mod state;
pub(crate) mod token;
pub(crate) mod wait;

pub(crate) use crate::record::resource::creation::Creation;

use crate::clock::{self, Instant};
use crate::fact::id::ResourceId;
use crate::fact::kind::ResourceKind;
use crate::fact::resource::ResourceFacts;
use crate::record::resource::channel_state::ChannelState;
use crate::record::resource::hold::Holds;
use crate::record::resource::join::JoinState;
use crate::record::resource::notify::NotifyState;
use crate::record::resource::number::number;
use crate::record::resource::set::JoinSetState;
use crate::record::resource::state::ResourceState;
use crate::record::resource::token::TokenState;
use crate::record::resource::wait::WaitQueue;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// The key of a resource that is in no list.
pub(crate) const NOT_LISTED: usize = usize::MAX;

/// One live channel, lock or signal. Its users write with relaxed stores, and any thread may read.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) id: ResourceId,
    pub(crate) kind: ResourceKind,
    /// Messages of a bounded channel, permits of a lock, or tasks of a barrier.
    pub(crate) capacity: Option<usize>,
    pub(crate) origin: Creation,
    pub(crate) began: Instant,
    /// Where the ledger keeps it.
    pub(crate) key: AtomicUsize,
    state: ResourceState,
    pub(crate) waits: WaitQueue,
    /// It may have an endpoint that is not recorded.
    outside: AtomicBool,
    /// A deadlock of threads on it was reported.
    reported: AtomicBool,
}

/// Methods that return the state of one kind.
macro_rules! states {
    ($($name:ident: $variant:ident($state:ty);)*) => {$(
        pub(crate) fn $name(&self) -> Option<&$state> {
            match &self.state {
                ResourceState::$variant(state) => Some(state),
                _ => None,
            }
        }
    )*};
}

impl Resource {
    states! {
        channel: Channel(ChannelState);
        holds: Lock(Holds);
        notices: Notify(NotifyState);
        token: Token(Arc<TokenState>);
        joined: Join(JoinState);
        set: Set(JoinSetState);
    }

    #[inline]
    pub(crate) fn new(
        kind: ResourceKind,
        capacity: Option<usize>,
        origin: Creation,
        now: Instant,
    ) -> Self {
        if kind.is_channel() {
            return Resource::new_channel(kind, capacity, origin, now);
        }
        let id = number(1);
        let state = match kind {
            ResourceKind::Token => {
                let token = TokenState::new(ResourceId(id), origin.created);
                ResourceState::Token(Arc::new(token))
            }
            _ => ResourceState::new(kind, capacity),
        };
        Resource::with(id, kind, capacity, origin, now, state)
    }

    /// A channel with its first two endpoints.
    #[inline]
    pub(crate) fn new_channel(
        kind: ResourceKind,
        capacity: Option<usize>,
        origin: Creation,
        now: Instant,
    ) -> Self {
        let id = number(3);
        let state = ResourceState::Channel(ChannelState::new(id, origin));
        Resource::with(id, kind, capacity, origin, now, state)
    }

    #[inline]
    pub(crate) fn oneshot(origin: Creation, now: Instant) -> Self {
        Resource::new_channel(ResourceKind::Oneshot, Some(1), origin, now)
    }

    /// Makes the record of a oneshot, whose state [is plain](ChannelState::is_plain), that of a new one. Returns `false`
    /// if a wait was never removed from it.
    #[inline]
    pub(crate) fn renew(&mut self, origin: Creation, now: Instant) -> bool {
        let id = number(3);
        if let ResourceState::Channel(channel) = &mut self.state {
            channel.renew(id, origin);
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
        state: ResourceState,
    ) -> Self {
        Resource {
            id: ResourceId(id),
            kind,
            capacity,
            origin,
            began: now,
            key: AtomicUsize::new(NOT_LISTED),
            state,
            waits: WaitQueue::default(),
            outside: AtomicBool::new(false),
            reported: AtomicBool::new(false),
        }
    }

    /// A new token below `parent`.
    #[cfg_attr(not(feature = "tokio-util"), expect(dead_code, reason = "only tokens use it"))]
    pub(crate) fn with_parent(mut self, parent: Option<&Resource>) -> Self {
        if let ResourceState::Token(token) = &mut self.state
            && let Some(token) = Arc::get_mut(token)
        {
            token.parent = parent.and_then(|parent| parent.token().cloned());
        }
        self
    }

    /// A lock that lies at `address`.
    pub(crate) fn with_address(mut self, address: usize) -> Self {
        if let ResourceState::Lock(holds) = &mut self.state {
            holds.set_address(address);
        }
        self
    }

    /// A value, with a function that returns the name of its type.
    pub(crate) fn with_type(mut self, name: fn() -> &'static str) -> Self {
        self.state = ResourceState::Value(name);
        self
    }

    /// Whether the ledger has it, or is about to.
    #[inline]
    pub(crate) fn is_listed(&self) -> bool {
        self.key.load(Relaxed) != NOT_LISTED
    }

    /// An endpoint was converted from a plain one, or to a plain one. The tasks that use it are unknown.
    pub(crate) fn set_outside(&self) {
        self.outside.store(true, Relaxed);
    }

    /// `true` the first time, so that of several scopes only one reports a deadlock of threads.
    pub(crate) fn report_once(&self) -> bool {
        !self.reported.swap(true, Relaxed)
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
            detail: self.state.facts(self.kind, self.capacity),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::pulse;
    use crate::fact::id::WakerMark;
    use crate::fact::kind::Operation;
    use crate::fact::resource::Detail;
    use crate::record::resource::mark::{Poller, Writer};
    use crate::record::resource::wait::Intent;
    use std::panic::Location;

    #[test]
    fn coarse_times_are_reported_as_the_latest_possible_time() {
        let (noted, until) = (Instant::from_nanos(1_717), Instant::from_nanos(900_001_717));
        let at = Location::caller();
        let here = Writer { task: None, now: noted };
        let lock = Resource::new(ResourceKind::Mutex, None, Creation::unknown(at), noted);
        lock.holds().unwrap().acquire(1, here, at);
        let polling = Poller { here, polls: 1, began: noted, waker: WakerMark::UNKNOWN };
        lock.waits.enter(Intent::new(Operation::Lock, at), polling);
        let set = JoinSetState::default();
        set.joined.note(here, at);
        let channel = Resource::oneshot(Creation::unknown(at), noted);
        channel.channel().unwrap().set_ended(noted);
        pulse::record_late(noted, until);

        let facts = lock.facts();
        let Detail::Lock(held) = &facts.detail else {
            panic!("a lock");
        };
        let held = held.holds[0].since;
        assert_eq!((facts.began, facts.waits[0].since, held), (until, until, until));
        assert_eq!(set.facts().joined.unwrap().when, until);
        assert_eq!(channel.facts().channel().unwrap().ended, Some(until));
        // This one identifies the poll, so it stays as it was.
        assert_eq!(facts.waits[0].polled, noted);
    }
}
