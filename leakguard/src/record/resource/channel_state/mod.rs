//! The messages and endpoints of one channel.

mod endpoints;
mod facts;

pub(crate) use crate::record::resource::channel_state::endpoints::{
    EndpointRef, RemainingEndpoints,
};

use crate::clock::Instant;
use crate::fact::kind::{ResourceKind, Side};
use crate::lock::Lock;
use crate::record::location::AtomicLocation;
use crate::record::resource::channel::ChannelContext;
use crate::record::resource::creation::Creation;
use crate::record::resource::endpoint::{Endpoint, ListedEndpoint};
use crate::record::resource::entries::Entries;
use crate::record::resource::mark::{Occurrence, Writer};
use crate::record::resource::number::number;
use crate::site::CallSite;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, MutexGuard, OnceLock};

/// Number of last sends whose places are kept.
const PLACES: usize = 16;
/// What one receiver adds to `endpoints`.
const RECEIVER: u64 = 1 << 32;
const NO_BOUND: usize = usize::MAX;

/// A message is counted before it is sent.
#[derive(Debug)]
pub(crate) struct ChannelState {
    sent: AtomicU64,
    received: AtomicU64,
    high: AtomicUsize,
    /// Maximum length of the queue, if a rule has one.
    bound: AtomicUsize,
    /// Empty for a oneshot, whose sender knows where the value was sent.
    places: OnceLock<Box<[AtomicLocation; PLACES]>>,
    /// A receiver closed it.
    closed: AtomicBool,
    /// Its messages may contain an endpoint.
    carries: AtomicBool,
    /// Set if `#[bounded_channel]` watches the channel.
    context: OnceLock<Arc<ChannelContext>>,
    /// When the last endpoint of one side was dropped; 0 while both sides have one.
    ended: AtomicU64,
    /// Senders plus receivers times `RECEIVER`, in one word, so that the last endpoint knows that it is the last.
    endpoints: AtomicU64,
    sender: Endpoint,
    receiver: Endpoint,
    rare: OnceLock<Box<ChannelExtras>>,
}

/// What few channels need. It would be a third of each channel's record.
#[derive(Debug, Default)]
struct ChannelExtras {
    lost: AtomicU64,
    failed: Occurrence,
    /// The last receiver that was dropped after it had returned that it missed messages.
    lagged: Occurrence,
    /// The next number at that time.
    failed_before: AtomicU64,
    /// It was reported that the queue exceeds its bound.
    over: AtomicBool,
    more: Lock<Entries<Arc<ListedEndpoint>>>,
}

impl ChannelExtras {
    fn more(&self) -> MutexGuard<'_, Entries<Arc<ListedEndpoint>>> {
        self.more.lock()
    }
}

impl ChannelState {
    /// The two numbers after `id` are those of its first endpoints.
    #[inline]
    pub(crate) fn new(id: u64, origin: Creation) -> Self {
        ChannelState {
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            high: AtomicUsize::new(0),
            bound: AtomicUsize::new(NO_BOUND),
            places: OnceLock::new(),
            closed: AtomicBool::new(false),
            carries: AtomicBool::new(false),
            context: OnceLock::new(),
            ended: AtomicU64::new(0),
            endpoints: AtomicU64::new(1 + RECEIVER),
            sender: Endpoint::new(id + 1, Side::Sender, origin),
            receiver: Endpoint::new(id + 2, Side::Receiver, origin),
            rare: OnceLock::new(),
        }
    }

    /// Makes it equal to a new one, if it [is plain](ChannelState::is_plain).
    #[inline]
    pub(crate) fn renew(&mut self, id: u64, origin: Creation) {
        *self.sent.get_mut() = 0;
        *self.received.get_mut() = 0;
        *self.high.get_mut() = 0;
        *self.closed.get_mut() = false;
        *self.ended.get_mut() = 0;
        *self.endpoints.get_mut() = 1 + RECEIVER;
        self.sender = Endpoint::new(id + 1, Side::Sender, origin);
        self.receiver = Endpoint::new(id + 2, Side::Receiver, origin);
    }

    /// Whether it has only what every channel has.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        let (places, context, rare) = (self.places.get(), self.context.get(), self.rare.get());
        places.is_none() && context.is_none() && rare.is_none()
    }

    /// Its messages are of a type that may contain an endpoint.
    pub(crate) fn set_carries(&self) {
        self.carries.store(true, Relaxed);
    }

    fn rare(&self) -> &ChannelExtras {
        self.rare.get_or_init(Box::default)
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

    /// Counts a message that is about to be sent. Returns the length of the queue if that exceeds the bound for the first
    /// time.
    pub(crate) fn send(&self, at: CallSite) -> Option<usize> {
        let number = self.send_to_all(at);
        let depth = (number + 1).saturating_sub(self.received.load(Relaxed)) as usize;
        if depth > self.high.load(Relaxed) {
            self.high.fetch_max(depth, Relaxed);
        }
        let over = depth > self.bound.load(Relaxed) && !self.rare().over.swap(true, Relaxed);
        over.then_some(depth)
    }

    /// As `send`, for a channel whose receivers all get each message. Returns the number of messages sent before.
    pub(crate) fn send_to_all(&self, at: CallSite) -> u64 {
        let number = self.sent.fetch_add(1, Relaxed);
        let places = self.places.get_or_init(Box::default);
        places[number as usize % PLACES].set(Some(at));
        number
    }

    /// Counts the one value of a oneshot, which is about to be sent.
    pub(crate) fn send_once(&self) {
        self.sent.store(1, Relaxed);
        self.high.store(1, Relaxed);
    }

    /// The message was not sent.
    pub(crate) fn unsend(&self) {
        self.sent.fetch_sub(1, Relaxed);
    }

    /// No receiver can get these messages any more.
    pub(crate) fn lose(&self, count: u64) {
        self.rare().lost.fetch_add(count, Relaxed);
    }

    /// A send failed.
    pub(crate) fn note_failed(&self, here: Writer, at: CallSite) {
        let rare = self.rare();
        rare.failed.note(here, at);
        rare.failed_before.store(number(0), Relaxed);
    }

    /// A receiver is dropped that has returned at `at` that it missed messages.
    pub(crate) fn note_lagged(&self, user: Writer, at: CallSite) {
        self.rare().lagged.note(user, at);
    }

    /// Counts received messages. The only receiver is the only writer.
    pub(crate) fn receive(&self, count: u64) {
        self.received.store(self.received.load(Relaxed) + count, Relaxed);
    }

    /// As `receive`, for a channel that may have several receivers.
    pub(crate) fn receive_shared(&self, endpoint: &Endpoint, received: u64, missed: u64) {
        self.received.fetch_add(received, Relaxed);
        if missed > 0 {
            self.lose(missed);
        }
        endpoint.set_lagged(missed > 0);
        let unread = self.sent().saturating_sub(endpoint.passed()) as usize;
        if unread > self.high.load(Relaxed) {
            self.high.fetch_max(unread, Relaxed);
        }
        endpoint.set_passed(endpoint.passed() + received + missed);
        // A watch without a sender still returns its last value to a receiver that waits for it.
        endpoint.reset_refusals();
    }

    /// The last endpoint of one side was dropped.
    pub(crate) fn set_ended(&self, now: Instant) {
        self.ended.store(now.nanos(), Relaxed);
    }

    pub(crate) fn set_closed(&self) {
        self.closed.store(true, Relaxed);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    /// Records the events of the channel from now on.
    pub(crate) fn set_context(&self, context: ChannelContext) {
        if let Some(bound) = context.rule.bound
            && context.kind == ResourceKind::UnboundedMpsc
        {
            self.bound.store(bound, Relaxed);
        }
        // The caller has just created the channel, so no context was set before.
        let _ = self.context.set(Arc::new(context));
    }

    pub(crate) fn context(&self) -> Option<&Arc<ChannelContext>> {
        self.context.get()
    }

    pub(crate) fn bound(&self) -> Option<usize> {
        Some(self.bound.load(Relaxed)).filter(|b| *b != NO_BOUND)
    }
}
