//! What happened to a channel once, and is to be spoken of later.

use crate::clock::Moment;
use crate::fact::cause::Named;
use crate::fact::resource::EndpointFacts;
use crate::fact::story::Happening;
use crate::record::resource::charge::Charge;
use std::panic::Location;
use std::sync::Arc;

/// One such thing. Whoever sees a channel makes these, whether it has a record or not.
#[derive(Clone, Debug)]
pub(crate) struct ResourceEvent {
    pub(crate) channel: Arc<Charge>,
    /// Who did it, where and when it happened first.
    pub(crate) by: Option<Named>,
    pub(crate) at: Option<&'static Location<'static>>,
    pub(crate) when: Moment,
    /// The other side as it was used last, gone or not.
    pub(crate) other: Option<EndpointFacts>,
    pub(crate) what: Happening,
}

impl ResourceEvent {
    /// Counts `other` into this one if both say the same.
    pub(crate) fn absorb(&mut self, other: &ResourceEvent) -> bool {
        let same = self.channel.id == other.channel.id && self.at == other.at;
        match (&mut self.what, &other.what) {
            (Happening::SendFailed { count }, Happening::SendFailed { count: more }) if same => {
                *count += more;
                true
            }
            _ => false,
        }
    }
}
