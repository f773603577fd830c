//! What goes through a channel, and who is at its ends.

use crate::clock::{self, Instant};
use crate::fact::kind::ResourceKind;
use crate::fact::kind::Side;
use crate::fact::resource::{ChannelFacts, EndpointFacts};
use crate::lock::Lock;
use crate::record::location::AtomicLocation;
use crate::record::resource::channel::ChannelContext;
use crate::record::resource::endpoint::Endpoint;
use crate::record::resource::mark::{Occurrence, Writer};
use crate::record::resource::{Creation, number};
use crate::site::CallSite;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::AcqRel, Ordering::Relaxed};
use std::sync::{Arc, MutexGuard, OnceLock};

/// The places of so many last sends are kept.
const PLACES: usize = 16;
const RECEIVER: u64 = 1 << 32;
const NO_BOUND: usize = usize::MAX;

/// Which endpoint: the one the channel was made with, or a later one.
#[derive(Debug)]
pub(crate) enum EndpointRef {
    First,
    Later(Arc<Endpoint>),
}

/// Who is left when an endpoint goes.
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

/// Counts are written before what they count is published.
#[derive(Debug)]
pub(crate) struct ChannelState {
    sent: AtomicU64,
    received: AtomicU64,
    high: AtomicUsize,
    /// The queue is not to be longer than this.
    bound: AtomicUsize,
    /// Not for a oneshot: where its value was sent, its sender knows.
    places: OnceLock<Box<[AtomicLocation; PLACES]>>,
    /// A receiver asked for the end itself.
    closed: AtomicBool,
    /// Only of a channel that `#[bounded_channel]` watches.
    context: OnceLock<Arc<ChannelContext>>,
    /// When the last end of one side went; 0 while both are there.
    ended: AtomicU64,
    /// Senders, and receivers times `RECEIVER`: so that the last of all is known.
    ends: AtomicU64,
    sender: Endpoint,
    receiver: Endpoint,
    rare: OnceLock<Box<ChannelExtras>>,
}

/// What only some channels need: it would be a third of each one's record.
#[derive(Debug, Default)]
struct ChannelExtras {
    lost: AtomicU64,
    failed: Occurrence,
    /// The next number when that was.
    failed_before: AtomicU64,
    /// That the queue is over its bound has been said.
    over: AtomicBool,
    more: Lock<Vec<Arc<Endpoint>>>,
}

impl ChannelExtras {
    fn more(&self) -> MutexGuard<'_, Vec<Arc<Endpoint>>> {
        self.more.lock()
    }
}

impl ChannelState {
    /// The two numbers after `id` are those of its first ends.
    #[inline]
    pub(crate) fn new(id: u64, origin: Creation) -> Self {
        ChannelState {
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            high: AtomicUsize::new(0),
            bound: AtomicUsize::new(NO_BOUND),
            places: OnceLock::new(),
            closed: AtomicBool::new(false),
            context: OnceLock::new(),
            ended: AtomicU64::new(0),
            ends: AtomicU64::new(1 + RECEIVER),
            sender: Endpoint::new(id + 1, Side::Sender, origin),
            receiver: Endpoint::new(id + 2, Side::Receiver, origin),
            rare: OnceLock::new(),
        }
    }

    /// As new; for one that [is plain](ChannelState::is_plain).
    #[inline]
    pub(crate) fn renew(&mut self, id: u64, origin: Creation) {
        *self.sent.get_mut() = 0;
        *self.received.get_mut() = 0;
        *self.high.get_mut() = 0;
        *self.closed.get_mut() = false;
        *self.ended.get_mut() = 0;
        *self.ends.get_mut() = 1 + RECEIVER;
        self.sender = Endpoint::new(id + 1, Side::Sender, origin);
        self.receiver = Endpoint::new(id + 2, Side::Receiver, origin);
    }

    /// Whether it has never had anything but what each channel has.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        let (places, channel, rare) = (self.places.get(), self.context.get(), self.rare.get());
        places.is_none() && channel.is_none() && rare.is_none()
    }

    fn rare(&self) -> &ChannelExtras {
        self.rare.get_or_init(Box::default)
    }

    /// The endpoints that were made later; empty where there has never been one.
    fn later(&self) -> Vec<Arc<Endpoint>> {
        let rare = self.rare.get();
        rare.map_or_else(Vec::new, |rare| rare.more().clone())
    }

    pub(crate) fn endpoint<'a>(&'a self, side: Side, seat: &'a EndpointRef) -> &'a Endpoint {
        match seat {
            EndpointRef::Later(endpoint) => endpoint,
            EndpointRef::First if side == Side::Sender => &self.sender,
            EndpointRef::First => &self.receiver,
        }
    }

    /// One endpoint more.
    pub(crate) fn join(&self, side: Side, origin: Creation) -> EndpointRef {
        let one = if side == Side::Sender { 1 } else { RECEIVER };
        self.ends.fetch_add(one, AcqRel);
        let endpoint = Arc::new(Endpoint::new(number(1), side, origin));
        let unread = self.sent().saturating_sub(endpoint.passed()) as usize;
        if unread > self.high.load(Relaxed) {
            self.high.fetch_max(unread, Relaxed);
        }
        endpoint.set_passed(self.sent());
        self.rare().more().push(endpoint.clone());
        EndpointRef::Later(endpoint)
    }

    /// One endpoint less.
    pub(crate) fn leave(&self, side: Side, seat: &EndpointRef) -> RemainingEndpoints {
        self.endpoint(side, seat).set_gone();
        if let EndpointRef::Later(endpoint) = seat {
            self.rare().more().retain(|e| !Arc::ptr_eq(e, endpoint));
        }
        let one = if side == Side::Sender { 1 } else { RECEIVER };
        let ends = self.ends.fetch_sub(one, AcqRel) - one;
        RemainingEndpoints {
            senders: ends % RECEIVER,
            receivers: ends / RECEIVER,
        }
    }

    /// The same where there are no others. Of two that go at once each may see the other.
    #[inline]
    pub(crate) fn leave_oneshot(&self, side: Side) -> RemainingEndpoints {
        self.endpoint(side, &EndpointRef::First).set_gone();
        RemainingEndpoints {
            senders: u64::from(!self.sender.is_gone()),
            receivers: u64::from(!self.receiver.is_gone()),
        }
    }

    pub(crate) fn receivers(&self) -> u64 {
        self.ends.load(Relaxed) / RECEIVER
    }

    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    pub(crate) fn lost(&self) -> u64 {
        self.rare.get().map_or(0, |rare| rare.lost.load(Relaxed))
    }

    pub(crate) fn depth(&self) -> usize {
        // `received` first: a message that comes between the two loads must not make this negative.
        let received = self.received.load(Relaxed);
        usize::try_from(self.sent().saturating_sub(received)).unwrap_or(usize::MAX)
    }

    /// A message is about to be sent. The depth it makes, where that is over the bound for the first time.
    pub(crate) fn send(&self, at: CallSite) -> Option<usize> {
        let number = self.send_to_all(at);
        let depth = (number + 1).saturating_sub(self.received.load(Relaxed)) as usize;
        if depth > self.high.load(Relaxed) {
            self.high.fetch_max(depth, Relaxed);
        }
        let over = depth > self.bound.load(Relaxed) && !self.rare().over.swap(true, Relaxed);
        over.then_some(depth)
    }

    /// The same where each receiver gets each message. How many were sent before.
    pub(crate) fn send_to_all(&self, at: CallSite) -> u64 {
        let number = self.sent.fetch_add(1, Relaxed);
        let places = self.places.get_or_init(Box::default);
        places[number as usize % PLACES].set(Some(at));
        number
    }

    /// The one value of a oneshot is about to be sent.
    pub(crate) fn send_once(&self) {
        self.sent.store(1, Relaxed);
        self.high.store(1, Relaxed);
    }

    /// It was not sent after all.
    pub(crate) fn unsend(&self) {
        self.sent.fetch_sub(1, Relaxed);
    }

    /// A message can reach nobody any more.
    pub(crate) fn lose(&self, count: u64) {
        self.rare().lost.fetch_add(count, Relaxed);
    }

    /// A send failed.
    pub(crate) fn note_failed(&self, here: Writer, at: CallSite) {
        let rare = self.rare();
        rare.failed.note(here, at);
        rare.failed_before.store(number(0), Relaxed);
    }

    /// So many messages came out; with one receiver nobody else writes this.
    pub(crate) fn receive(&self, count: u64) {
        self.received
            .store(self.received.load(Relaxed) + count, Relaxed);
    }

    /// The same where there may be many receivers.
    pub(crate) fn receive_shared(&self, endpoint: &Endpoint, taken: u64, missed: u64) {
        self.received.fetch_add(taken, Relaxed);
        if missed > 0 {
            self.lose(missed);
        }
        let unread = self.sent().saturating_sub(endpoint.passed()) as usize;
        if unread > self.high.load(Relaxed) {
            self.high.fetch_max(unread, Relaxed);
        }
        endpoint.set_passed(endpoint.passed() + taken + missed);
        // A watch without a sender still gives its last value to who waits for that.
        endpoint.reset_refusals();
    }

    /// The last end of one side is gone.
    pub(crate) fn set_ended(&self, now: Instant) {
        self.ended.store(now.nanos(), Relaxed);
    }

    pub(crate) fn set_closed(&self) {
        self.closed.store(true, Relaxed);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    /// From now on what happens to the channel is noted.
    pub(crate) fn set_context(&self, channel: ChannelContext) {
        if let Some(bound) = channel
            .rule
            .bound
            .filter(|_| channel.kind == ResourceKind::UnboundedMpsc)
        {
            self.bound.store(bound, Relaxed);
        }
        // Who calls made the channel a moment ago, so that nobody was here before.
        let _ = self.context.set(Arc::new(channel));
    }

    pub(crate) fn context(&self) -> Option<&Arc<ChannelContext>> {
        self.context.get()
    }

    /// The end of a side that the channel was made with, as it was last used.
    pub(crate) fn first(&self, side: Side) -> EndpointFacts {
        self.endpoint(side, &EndpointRef::First).facts()
    }

    pub(crate) fn bound(&self) -> Option<usize> {
        Some(self.bound.load(Relaxed)).filter(|b| *b != NO_BOUND)
    }

    /// Where the last `count` messages were sent, the oldest first, as far as that is known.
    pub(crate) fn last_places(&self, count: usize) -> Vec<CallSite> {
        let Some(places) = self.places.get() else {
            return self.sender.last_at().into_iter().take(count).collect();
        };
        let sent = self.sent();
        let from = sent.saturating_sub(count.min(PLACES) as u64);
        (from..sent)
            .filter_map(|number| places[number as usize % PLACES].get())
            .collect()
    }

    fn live(&self, side: Side) -> Vec<EndpointFacts> {
        let first = if side == Side::Sender {
            &self.sender
        } else {
            &self.receiver
        };
        let first = Some(first.facts()).filter(|_| !first.is_gone());
        let mut all: Vec<_> = first.into_iter().collect();
        let later = self.later();
        all.extend(later.iter().map(|e| e.facts()).filter(|e| e.side == side));
        all
    }

    /// How many messages the slowest receiver has not taken.
    fn unread(&self) -> usize {
        let sent = self.sent();
        let first = Some(self.receiver.passed()).filter(|_| !self.receiver.is_gone());
        let later = self.later();
        let receivers = later.iter().filter(|e| e.side() == Side::Receiver);
        let slowest = receivers.map(|e| e.passed()).chain(first).min();
        slowest.map_or(0, |passed| sent.saturating_sub(passed) as usize)
    }

    pub(crate) fn facts(&self, kind: ResourceKind, capacity: Option<usize>) -> ChannelFacts {
        // A thread that blocks in a send has been counted and has not sent.
        let limit = capacity
            .filter(|_| kind == ResourceKind::Mpsc)
            .unwrap_or(usize::MAX);
        let depth = match kind {
            ResourceKind::Broadcast => self.unread(),
            // It keeps the last value, read or not.
            ResourceKind::Watch => 0,
            _ => self.depth().min(limit),
        };
        let rare = self.rare.get();
        let gone = [&self.sender, &self.receiver].into_iter();
        let gone = gone.filter(|end| end.is_gone());
        ChannelFacts {
            sent: self.sent(),
            received: self.received.load(Relaxed),
            lost: self.lost(),
            depth,
            high: self.high.load(Relaxed).max(depth).min(limit),
            senders: self.live(Side::Sender),
            receivers: self.live(Side::Receiver),
            failed: rare.and_then(|r| r.failed.facts()),
            failed_before: rare.map_or(0, |r| r.failed_before.load(Relaxed)),
            gone: gone.map(Endpoint::facts).collect(),
            ended: Some(self.ended.load(Relaxed))
                .filter(|nanos| *nanos != 0)
                .map(|nanos| clock::settled(Instant::from_nanos(nanos))),
        }
    }
}
