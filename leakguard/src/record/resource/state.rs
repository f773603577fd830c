//! The part of a record that depends on the kind of the resource.

use crate::fact::kind::{MANY_READERS, ResourceKind};
use crate::fact::resource::Detail;
use crate::record::resource::channel_state::ChannelState;
use crate::record::resource::hold::Holds;
use crate::record::resource::join::JoinState;
use crate::record::resource::notify::NotifyState;
use crate::record::resource::set::JoinSetState;
use crate::record::resource::token::TokenState;
use std::sync::Arc;

#[derive(Debug)]
pub(crate) enum ResourceState {
    Channel(ChannelState),
    Lock(Holds),
    Notify(NotifyState),
    /// Shared with the tokens below it.
    Token(Arc<TokenState>),
    /// Returns the name of its type.
    Value(fn() -> &'static str),
    Join(JoinState),
    Set(JoinSetState),
    Plain,
}

impl ResourceState {
    /// The state of a resource that is no channel, token or value.
    pub(super) fn new(kind: ResourceKind, capacity: Option<usize>) -> Self {
        match kind {
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
            _ => ResourceState::Plain,
        }
    }

    pub(super) fn facts(&self, kind: ResourceKind, capacity: Option<usize>) -> Detail {
        match self {
            ResourceState::Channel(channel) => Detail::Channel(channel.facts(kind, capacity)),
            ResourceState::Lock(holds) => Detail::Lock(holds.facts()),
            ResourceState::Notify(notify) => Detail::Notify(notify.facts()),
            ResourceState::Token(token) => Detail::Token(token.facts()),
            ResourceState::Value(name) => Detail::Value(name()),
            ResourceState::Join(join) => Detail::Join(join.facts()),
            ResourceState::Set(set) => Detail::Set(set.facts()),
            ResourceState::Plain => Detail::Plain,
        }
    }
}
