//! What happened to a channel once, and is to be spoken of later.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::resource::EndpointFacts;
use crate::fact::story::ChannelEventKind;
use crate::record::resource::channel::ChannelContext;
use crate::site::CallSite;
use std::sync::Arc;

/// One such thing. Whoever sees a channel makes these, whether it has a record or not.
#[derive(Clone, Debug)]
pub(crate) struct ChannelEvent {
    pub(crate) channel: Arc<ChannelContext>,
    /// Who did it, where and when it happened first.
    pub(crate) by: Option<TaskLabel>,
    pub(crate) at: Option<CallSite>,
    pub(crate) when: Instant,
    /// The other side as it was used last, gone or not.
    pub(crate) other: Option<EndpointFacts>,
    pub(crate) what: ChannelEventKind,
}

impl ChannelEvent {
    /// Counts `other` into this one if both say the same.
    pub(crate) fn absorb(&mut self, other: &ChannelEvent) -> bool {
        let same = self.channel.id == other.channel.id && self.at == other.at;
        match (&mut self.what, &other.what) {
            (
                ChannelEventKind::SendFailed { count },
                ChannelEventKind::SendFailed { count: more },
            ) if same => {
                *count += more;
                true
            }
            _ => false,
        }
    }
}
