//! Which endpoints a channel has.

use crate::fact::kind::Side;
use crate::fact::resource::EndpointFacts;
use crate::record::resource::channel_state::{ChannelExtras, ChannelState, RECEIVER};
use crate::record::resource::creation::Creation;
use crate::record::resource::endpoint::{Endpoint, ListedEndpoint};
use crate::record::resource::number::number;
use std::sync::Arc;
use std::sync::atomic::{Ordering::AcqRel, Ordering::Relaxed};

/// An endpoint that the channel was created with, or a later one.
#[derive(Debug)]
pub(crate) enum EndpointRef {
    First,
    Later(Arc<ListedEndpoint>),
}

/// Number of endpoints that remain when one is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RemainingEndpoints {
    pub(crate) senders: u64,
    pub(crate) receivers: u64,
}

impl RemainingEndpoints {
    pub(crate) fn is_none(self) -> bool {
        self.senders == 0 && self.receivers == 0
    }
}

impl ChannelState {
    /// The endpoints that were created later.
    pub(super) fn later(&self) -> Vec<Arc<ListedEndpoint>> {
        let rare = self.rare.get();
        rare.map_or_else(Vec::new, |rare| rare.more().iter().cloned().collect())
    }

    pub(crate) fn endpoint<'a>(&'a self, side: Side, which: &'a EndpointRef) -> &'a Endpoint {
        match which {
            EndpointRef::Later(endpoint) => endpoint,
            EndpointRef::First if side == Side::Sender => &self.sender,
            EndpointRef::First => &self.receiver,
        }
    }

    /// Adds an endpoint.
    pub(crate) fn join(&self, side: Side, origin: Creation) -> EndpointRef {
        let one = if side == Side::Sender { 1 } else { RECEIVER };
        self.endpoints.fetch_add(one, AcqRel);
        let endpoint = Endpoint::new(number(1), side, origin);
        let unread = self.sent().saturating_sub(endpoint.passed()) as usize;
        if unread > self.high.load(Relaxed) {
            self.high.fetch_max(unread, Relaxed);
        }
        endpoint.set_passed(self.sent());
        EndpointRef::Later(ListedEndpoint::list(endpoint, &mut self.rare().more()))
    }

    /// Removes an endpoint.
    pub(crate) fn leave(&self, side: Side, which: &EndpointRef) -> RemainingEndpoints {
        self.endpoint(side, which).set_gone();
        if let EndpointRef::Later(endpoint) = which {
            self.rare().more().remove(endpoint.place);
        }
        let one = if side == Side::Sender { 1 } else { RECEIVER };
        let left = self.endpoints.fetch_sub(one, AcqRel) - one;
        RemainingEndpoints { senders: left % RECEIVER, receivers: left / RECEIVER }
    }

    /// As `leave`, for a channel that has no later endpoints. If both are dropped at once, each may still see the other.
    #[inline]
    pub(crate) fn leave_oneshot(&self, side: Side) -> RemainingEndpoints {
        self.endpoint(side, &EndpointRef::First).set_gone();
        RemainingEndpoints {
            senders: u64::from(!self.sender.is_gone()),
            receivers: u64::from(!self.receiver.is_gone()),
        }
    }

    pub(crate) fn receivers(&self) -> u64 {
        self.endpoints.load(Relaxed) / RECEIVER
    }

    /// The endpoint of a side that the channel was created with, as it was used last.
    pub(crate) fn first(&self, side: Side) -> EndpointFacts {
        self.endpoint(side, &EndpointRef::First).facts()
    }

    /// Whether a message came out of it, or an endpoint returned that the other side is gone.
    pub(crate) fn is_used(&self) -> bool {
        let first = [&self.sender, &self.receiver];
        let has_refused = |rare: &ChannelExtras| rare.more().iter().any(|end| end.has_refused());
        self.received.load(Relaxed) > 0
            || first.iter().any(|end| end.has_refused())
            || self.rare.get().is_some_and(|rare| has_refused(rare))
    }

    pub(super) fn live(&self, side: Side) -> Vec<EndpointFacts> {
        let first = if side == Side::Sender { &self.sender } else { &self.receiver };
        let first = Some(first.facts()).filter(|_| !first.is_gone());
        let mut all: Vec<_> = first.into_iter().collect();
        let later = self.later();
        all.extend(later.iter().map(|e| e.facts()).filter(|e| e.side == side));
        all
    }
}
