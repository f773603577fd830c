//! What happened to a channel once, and is to be spoken of later.

use crate::clock::Moment;
use crate::record::cause::Named;
use crate::record::finding::Code;
use crate::record::resource::charge::Charge;
use crate::record::resource::facts::EndpointFacts;
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

/// What it was.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A receive, pending since then if it was, heard that the last sender has gone without a value.
    BrokenPromise { since: Option<Moment> },
    /// Sends that failed at one place.
    SendFailed { count: u64 },
    /// The last receiver went with messages inside; the places are those of the last few.
    DiedInside {
        count: usize,
        sent_at: Vec<&'static Location<'static>>,
    },
    /// The queue grew longer than it was to be.
    OverBound {
        bound: usize,
        depth: usize,
        sent_at: Vec<&'static Location<'static>>,
    },
}

impl Happening {
    pub(crate) fn code(&self) -> Code {
        match self {
            Happening::SendFailed { .. } | Happening::DiedInside { .. } => Code::LostMessage,
            Happening::BrokenPromise { .. } => Code::BrokenPromise,
            Happening::OverBound { .. } => Code::OverBound,
        }
    }
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
