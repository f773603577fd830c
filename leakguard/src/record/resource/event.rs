//! An event of a channel, kept until it is reported.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::resource::EndpointFacts;
use crate::fact::story::ChannelEventKind;
use crate::record::resource::channel::ChannelContext;
use crate::site::CallSite;
use std::sync::Arc;

/// One event. A plain channel, which has no record, can have events too.
#[derive(Clone, Debug)]
pub(crate) struct ChannelEvent {
    pub(crate) channel: Arc<ChannelContext>,
    /// The task that caused it, where and when it happened first.
    pub(crate) by: Option<TaskLabel>,
    pub(crate) at: Option<CallSite>,
    pub(crate) when: Instant,
    /// The endpoint of the other side as it was used last.
    pub(crate) other: Option<EndpointFacts>,
    pub(crate) what: ChannelEventKind,
}

impl ChannelEvent {
    /// Counts `other` into this event if both are failed sends of one channel at one place.
    pub(crate) fn absorb(&mut self, other: &ChannelEvent) -> bool {
        let is_same = self.channel.id == other.channel.id && self.at == other.at;
        match (&mut self.what, &other.what) {
            (
                ChannelEventKind::SendFailed { count },
                ChannelEventKind::SendFailed { count: more },
            ) if is_same => {
                *count += more;
                true
            }
            _ => false,
        }
    }
}
