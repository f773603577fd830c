//! Messages that are sent, received or lost.

use crate::fact::kind::{Refusal, ResourceKind, Side};
use crate::fact::story::ChannelEventKind;
use crate::ledger;
use crate::record::resource::channel_state::ChannelState;
use crate::site::CallSite;
use crate::sync::half::ChannelHalf;
use crate::sync::{alarm, here};

impl ChannelHalf {
    /// Counts a message. Called before it is sent, so that a receiver never finds it uncounted.
    pub(in crate::sync) fn before_send(&self, at: CallSite) {
        let Some((resource, channel, endpoint)) = self.parts() else {
            return;
        };
        endpoint.touch(here::task(), at);
        if matches!(resource.kind, ResourceKind::Broadcast | ResourceKind::Watch) {
            // One message is received many times, or never. The receivers know how long the queue is.
            channel.send_to_all(at);
        } else if let Some(depth) = channel.send(at) {
            over_bound(channel, depth, at);
        }
    }

    /// Same as [`ChannelHalf::before_send`], for the only message of a oneshot.
    pub(in crate::sync) fn before_only_send(&self, at: CallSite) {
        if let Some((_, channel, endpoint)) = self.parts() {
            endpoint.touch(here::task(), at);
            channel.send_once();
        }
    }

    /// The message was sent. If all receivers are dropped it is lost, because a permit outlives the receiver.
    pub(in crate::sync) fn after_send(&self, at: CallSite) {
        if let Some((resource, channel)) = self.channel()
            && channel.receivers() == 0
            && !resource.is_outside()
        {
            self.lost(at);
        }
    }

    /// The message was counted, and the send failed.
    pub(in crate::sync) fn undo_failed_send(&self, at: CallSite) {
        self.undo_send();
        self.send_refused(Refusal::Err, at);
    }

    /// The message was counted, and no send was tried.
    pub(in crate::sync) fn undo_send(&self) {
        if let Some((_, channel)) = self.channel() {
            channel.unsend();
        }
    }

    /// The send failed because the other side is gone.
    pub(in crate::sync) fn send_refused(&self, refusal: Refusal, at: CallSite) {
        self.refused(refusal, at);
        self.lost(at);
    }

    /// The user's code learned that the other side is gone.
    #[cold]
    pub(in crate::sync) fn refused(&self, refusal: Refusal, at: CallSite) {
        let Some((resource, _, endpoint)) = self.parts() else {
            return;
        };
        let here = here::here();
        endpoint.touch(here.task, at);
        let is_repeated = endpoint.count_refusal(refusal, here.now) > 1;
        if is_repeated
            && !resource.is_listed()
            && let Some(resource) = self.resource()
        {
            // A oneshot on which nothing has waited.
            ledger::global().enter_late(resource);
        }
    }

    #[cold]
    fn lost(&self, at: CallSite) {
        let Some((resource, channel)) = self.channel() else {
            return;
        };
        channel.lose(1);
        channel.note_failed(here::here(), at);
        // A broadcast or a watch may have no receiver, and a receiver that has closed the channel wants no more.
        let needs_receiver = matches!(
            resource.kind,
            ResourceKind::Mpsc | ResourceKind::UnboundedMpsc | ResourceKind::Oneshot
        );
        if needs_receiver && !channel.is_closed() {
            let failed = ChannelEventKind::SendFailed { count: 1 };
            alarm::raise(channel, Side::Receiver, Some(at), failed);
        }
    }

    fn received(&self, count: usize, at: CallSite) {
        if let Some((_, channel, endpoint)) = self.parts() {
            endpoint.touch(here::task(), at);
            channel.receive(count as u64);
        }
    }

    /// One message was received, or the channel is closed.
    pub(in crate::sync) fn received_one(&self, refusal: Option<Refusal>, at: CallSite) {
        match refusal {
            None => self.received(1, at),
            Some(refusal) => self.refused(refusal, at),
        }
    }

    /// `count` messages were received; 0 means that the channel is closed.
    pub(in crate::sync) fn received_many(&self, count: usize, at: CallSite) {
        match count {
            0 => self.refused(Refusal::Zero, at),
            _ => self.received(count, at),
        }
    }

    /// A receiver of a broadcast or watch has received messages, and missed others.
    pub(in crate::sync) fn received_shared(&self, received: u64, missed: u64, at: CallSite) {
        if let Some((_, channel, endpoint)) = self.parts() {
            endpoint.touch(here::task(), at);
            channel.receive_shared(endpoint, received, missed);
        }
    }

    /// The receiver closes the channel.
    pub(in crate::sync) fn close(&self, at: CallSite) {
        self.touch(at);
        if let Some((_, channel)) = self.channel() {
            channel.set_closed();
        }
    }

    /// A receive found that the sender was dropped without sending.
    pub(in crate::sync) fn sender_dropped(&self, refusal: Refusal, at: CallSite) {
        self.refused(refusal, at);
        let context = self.channel().and_then(|(_, channel)| channel.context());
        if let Some(context) = context
            && let Some(broken) = context.take_broken_promise()
        {
            alarm::sender_dropped(context, broken, at);
        }
    }
}

#[cold]
fn over_bound(channel: &ChannelState, depth: usize, at: CallSite) {
    let over = ChannelEventKind::OverBound {
        bound: channel.bound().unwrap_or_default(),
        depth,
        sent_at: channel.last_places(depth),
    };
    alarm::raise(channel, Side::Receiver, Some(at), over);
}
