//! What a judge or a report reads of a channel.

use crate::clock::{self, Instant};
use crate::fact::kind::{ResourceKind, Side};
use crate::fact::resource::ChannelFacts;
use crate::record::resource::channel_state::{ChannelState, PLACES};
use crate::record::resource::endpoint::Endpoint;
use crate::site::CallSite;
use std::sync::atomic::Ordering::Relaxed;

impl ChannelState {
    /// Where the last `count` messages were sent, as far as known, the oldest first.
    pub(crate) fn last_places(&self, count: usize) -> Vec<CallSite> {
        let Some(places) = self.places.get() else {
            return self.sender.last_at().into_iter().take(count).collect();
        };
        let sent = self.sent();
        let from = sent.saturating_sub(count.min(PLACES) as u64);
        (from..sent).filter_map(|number| places[number as usize % PLACES].get()).collect()
    }

    /// Number of messages that the slowest receiver has not received.
    fn unread(&self) -> usize {
        let sent = self.sent();
        let first = Some(self.receiver.passed()).filter(|_| !self.receiver.is_gone());
        let later = self.later();
        let receivers = later.iter().filter(|e| e.side() == Side::Receiver);
        let slowest = receivers.map(|e| e.passed()).chain(first).min();
        slowest.map_or(0, |passed| sent.saturating_sub(passed) as usize)
    }

    pub(crate) fn facts(&self, kind: ResourceKind, capacity: Option<usize>) -> ChannelFacts {
        // The message of a thread that blocks in a send is counted and not sent yet.
        let limit = capacity.filter(|_| kind == ResourceKind::Mpsc).unwrap_or(usize::MAX);
        let depth = match kind {
            ResourceKind::Broadcast => self.unread(),
            // A watch keeps its last value, read or not.
            ResourceKind::Watch => 0,
            _ => self.depth().min(limit),
        };
        let rare = self.rare.get();
        let gone = [&self.sender, &self.receiver].into_iter();
        let gone = gone.filter(|endpoint| endpoint.is_gone());
        ChannelFacts {
            sent: self.sent(),
            received: self.received.load(Relaxed),
            lost: self.lost(),
            depth,
            queued: match kind {
                ResourceKind::Mpsc | ResourceKind::UnboundedMpsc => self.last_places(depth),
                _ => Vec::new(),
            },
            carries: self.carries.load(Relaxed),
            high: self.high.load(Relaxed).max(depth).min(limit),
            senders: self.live(Side::Sender),
            receivers: self.live(Side::Receiver),
            lagged: rare.and_then(|r| r.lagged.facts()),
            failed: rare.and_then(|r| r.failed.facts()),
            failed_before: rare.map_or(0, |r| r.failed_before.load(Relaxed)),
            gone: gone.map(Endpoint::facts).collect(),
            ended: Some(self.ended.load(Relaxed))
                .filter(|nanos| *nanos != 0)
                .map(|nanos| clock::settled(Instant::from_nanos(nanos))),
        }
    }
}
