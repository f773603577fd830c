//! An endpoint is dropped. The last one of a side may leave messages or waits behind.

use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::fact::story::ChannelEventKind;
use crate::ledger;
use crate::record::resource::Resource;
use crate::record::resource::channel::BrokenPromise;
use crate::record::resource::channel_state::{ChannelState, EndpointRef, RemainingEndpoints};
use crate::record::resource::endpoint::Endpoint;
use crate::record::resource::mark::Writer;
use crate::sync::half::ChannelHalf;
use crate::sync::{alarm, here, recycle};

impl Drop for ChannelHalf {
    fn drop(&mut self) {
        let Some((resource, channel)) = self.channel() else {
            return;
        };
        if resource.kind == ResourceKind::Oneshot {
            leave_oneshot(resource, channel, self.side);
            return self.resource.take().map_or((), recycle::give_back);
        }
        let endpoint = channel.endpoint(self.side, &self.endpoint);
        let unread = match resource.kind {
            ResourceKind::Broadcast => channel.sent().saturating_sub(endpoint.passed()),
            _ => 0,
        };
        if resource.kind == ResourceKind::Broadcast && endpoint.has_lagged() {
            note_lagged(channel, endpoint);
        }
        let remaining = channel.leave(self.side, &self.endpoint);
        if remaining.senders == 0 || remaining.receivers == 0 {
            channel.set_ended(here::here().now);
        }
        if !resource.is_outside() {
            match self.side {
                Side::Sender if remaining.senders == 0 => {
                    last_sender(resource, channel, endpoint, remaining);
                }
                Side::Receiver if remaining.receivers == 0 => {
                    last_receiver(resource, channel, endpoint, unread);
                }
                _ => {}
            }
        }
        if remaining.is_none() {
            ledger::global().leave(resource);
        }
    }
}

/// A consumer that ends when it has missed messages is often meant to go on.
#[cold]
fn note_lagged(channel: &ChannelState, endpoint: &Endpoint) {
    if let Some(at) = endpoint.last_at() {
        let user = Writer { task: endpoint.last_task(), ..here::here() };
        channel.note_lagged(user, at);
    }
}

/// Counts no endpoints, because each endpoint of a oneshot is the only one of its side.
#[inline]
fn leave_oneshot(resource: &Resource, channel: &ChannelState, side: Side) {
    let remaining = channel.leave_oneshot(side);
    let has_value = channel.depth() > 0;
    // In most oneshots the value was sent and received, and nothing waited for it.
    let is_regular = has_value == (side == Side::Sender);
    if !is_regular && !resource.is_outside() {
        let endpoint = channel.endpoint(side, &EndpointRef::First);
        match side {
            Side::Receiver => last_receiver(resource, channel, endpoint, 0),
            _ => last_sender(resource, channel, endpoint, remaining),
        }
    }
    // If a value is inside, the receiver delists the oneshot. If the receiver is dropped first, the sender does. Neither
    // is sure to see that the other is gone. A half that still waits enters the oneshot again when it is polled.
    let stays = match side {
        Side::Sender => has_value,
        _ => !has_value && remaining.senders > 0,
    };
    if resource.is_listed() && !stays {
        ledger::global().leave(resource);
    }
}

/// No message will come any more. For a receiver of a stream that is an answer, for one that waits for one value it is
/// not.
#[cold]
fn last_sender(
    resource: &Resource,
    channel: &ChannelState,
    endpoint: &Endpoint,
    remaining: RemainingEndpoints,
) {
    let Some(context) = channel.context() else {
        return;
    };
    if channel.sent() > 0 || channel.is_closed() || remaining.receivers == 0 {
        return;
    }
    let breaks_promise = match resource.kind {
        ResourceKind::Oneshot => true,
        // A watch has a value from the start, so only a receiver that waits for a new one is affected.
        ResourceKind::Watch => {
            let waits = resource.waits.facts();
            waits.iter().any(|w| w.operation == Operation::Changed)
        }
        _ => false,
    };
    if breaks_promise {
        context.set_broken_promise(BrokenPromise { by: here::named(), sender: endpoint.facts() });
    }
}

/// No queued message will be received.
#[cold]
fn last_receiver(resource: &Resource, channel: &ChannelState, endpoint: &Endpoint, unread: u64) {
    let count = match resource.kind {
        ResourceKind::Broadcast => usize::try_from(unread).unwrap_or(usize::MAX),
        ResourceKind::Watch => 0,
        _ => channel.depth(),
    };
    if count > 0 {
        channel.lose(count as u64);
        let sent_at = channel.last_places(count);
        // Messages that a broadcast's receiver has not read, or that a panic drops, are not reported.
        if resource.kind != ResourceKind::Broadcast && !std::thread::panicking() {
            let died = ChannelEventKind::DiedInside { count, sent_at };
            alarm::note_drop(channel, endpoint.facts(), died);
        }
    }
}
