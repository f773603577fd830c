//! The endpoint of a channel twin: what it writes into the channel's record.

use crate::config;
use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::fact::kind::{Refusal, Side};
use crate::fact::story::ChannelEventKind;
use crate::ledger;
use crate::record::resource::Resource;
use crate::record::resource::channel::{BrokenPromise, ChannelContext, ChannelRule};
use crate::record::resource::channel_state::{ChannelState, EndpointRef, RemainingEndpoints};
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::handover::Recipient;
use crate::sync::waiting::{QueueEntry, Waiting};
use crate::sync::{alarm, here, recycle};
use std::sync::Arc;
use std::task::Poll;

/// `None` where leakguard is off.
fn register(
    kind: ResourceKind,
    capacity: Option<usize>,
    created: CallSite,
) -> Option<Arc<Resource>> {
    if config::is_off() {
        return None;
    }
    let (origin, now) = (here::origin(created), here::here().now);
    // Many are gone in a moment: a oneshot is listed once somebody waits on it.
    if kind == ResourceKind::Oneshot {
        return Some(recycle::oneshot(origin, now));
    }
    let resource = Arc::new(Resource::channel(kind, capacity, origin, now));
    ledger::global().enter(&resource);
    Some(resource)
}

/// One endpoint, until it is dropped. Without a record where leakguard is off.
#[derive(Debug)]
pub(super) struct ChannelHalf {
    resource: Option<Arc<Resource>>,
    side: Side,
    seat: EndpointRef,
}

impl ChannelHalf {
    /// Registers a channel; gives its sender and its receiver.
    #[inline]
    pub(super) fn pair(
        kind: ResourceKind,
        capacity: Option<usize>,
        created: CallSite,
    ) -> (ChannelHalf, ChannelHalf) {
        let resource = register(kind, capacity, created);
        let half = |resource, side| ChannelHalf {
            resource,
            side,
            seat: EndpointRef::First,
        };
        (
            half(resource.clone(), Side::Sender),
            half(resource, Side::Receiver),
        )
    }

    /// An endpoint that was tokio's before; the others of its channel are not seen.
    pub(super) fn foreign(
        side: Side,
        kind: ResourceKind,
        capacity: Option<usize>,
        created: CallSite,
    ) -> ChannelHalf {
        let (sender, receiver) = ChannelHalf::pair(kind, capacity, created);
        sender.set_outside();
        if side == Side::Sender {
            sender
        } else {
            receiver
        }
    }

    pub(super) fn set_outside(&self) {
        if let Some(resource) = &self.resource {
            resource.set_outside();
        }
    }

    /// A handle that keeps the record and is no endpoint.
    pub(super) fn weak(&self) -> WeakHalf {
        WeakHalf(self.resource.clone())
    }

    /// One endpoint more, of either side.
    pub(super) fn sibling(&self, side: Side, created: CallSite) -> ChannelHalf {
        self.touch(created);
        self.weak().join(side, created)
    }

    pub(super) fn resource(&self) -> Option<&Arc<Resource>> {
        self.resource.as_ref()
    }

    fn flow(&self) -> Option<(&Resource, &ChannelState)> {
        let resource = self.resource.as_deref()?;
        Some((resource, resource.flow()?))
    }

    pub(super) fn touch(&self, at: CallSite) {
        if let Some((_, flow)) = self.flow() {
            flow.endpoint(self.side, &self.seat).touch(here::task(), at);
        }
    }

    /// It was moved into a task.
    pub(super) fn hand_over(&self, to: Recipient) {
        if let Some((_, flow)) = self.flow() {
            flow.endpoint(self.side, &self.seat)
                .hand_over(to.task, to.at);
        }
    }

    /// A message is about to be sent: counted before it is published.
    pub(super) fn before_send(&self, at: CallSite) {
        let Some((resource, flow)) = self.flow() else {
            return;
        };
        flow.endpoint(self.side, &self.seat).touch(here::task(), at);
        if matches!(resource.kind, ResourceKind::Broadcast | ResourceKind::Watch) {
            // One message comes out many times, or never: the receivers know how long the queue is.
            flow.send_to_all(at);
        } else if let Some(depth) = flow.send(at) {
            over_bound(flow, depth, at);
        }
    }

    /// The same for the one message of a oneshot.
    pub(super) fn before_only_send(&self, at: CallSite) {
        if let Some((_, flow)) = self.flow() {
            flow.endpoint(self.side, &self.seat).touch(here::task(), at);
            flow.send_once();
        }
    }

    /// It was sent, perhaps to nobody: a permit outlives the receiver.
    pub(super) fn after_send(&self, at: CallSite) {
        if let Some((resource, flow)) = self.flow()
            && flow.receivers() == 0
            && !resource.is_outside()
        {
            self.lost(at);
        }
    }

    /// It was counted, and then could not be sent.
    pub(super) fn undo_failed_send(&self, at: CallSite) {
        if let Some((_, flow)) = self.flow() {
            flow.unsend();
        }
        self.send_refused(Refusal::Err, at);
    }

    /// It was counted, and nobody tried to send it.
    pub(super) fn undo_send(&self) {
        if let Some((_, flow)) = self.flow() {
            flow.unsend();
        }
    }

    /// A message could not be sent, because the other side is gone.
    pub(super) fn send_refused(&self, refusal: Refusal, at: CallSite) {
        self.refused(refusal, at);
        self.lost(at);
    }

    /// The other side is gone, and the user's code is told so.
    #[cold]
    pub(super) fn refused(&self, refusal: Refusal, at: CallSite) {
        let Some((resource, flow)) = self.flow() else {
            return;
        };
        let endpoint = flow.endpoint(self.side, &self.seat);
        let here = here::here();
        endpoint.touch(here.task, at);
        let again = endpoint.count_refusal(refusal, here.now) > 1;
        if let (true, Some(resource)) = (again && !resource.is_listed(), self.resource()) {
            // A oneshot on which nobody ever waited.
            ledger::global().enter_late(resource);
        }
    }

    #[cold]
    fn lost(&self, at: CallSite) {
        let Some((resource, flow)) = self.flow() else {
            return;
        };
        flow.lose(1);
        flow.note_failed(here::here(), at);
        // Broadcasts and watches are for whoever is there, and a receiver that said so wants no more.
        let is_meant = matches!(
            resource.kind,
            ResourceKind::Mpsc | ResourceKind::UnboundedMpsc | ResourceKind::Oneshot
        );
        if is_meant && !flow.is_closed() {
            let failed = ChannelEventKind::SendFailed { count: 1 };
            alarm::raise(flow, Side::Receiver, Some(at), failed);
        }
    }

    /// So many messages came out.
    pub(super) fn received(&self, count: usize, at: CallSite) {
        if let Some((_, flow)) = self.flow() {
            flow.endpoint(self.side, &self.seat).touch(here::task(), at);
            flow.receive(count as u64);
        }
    }

    /// One message came out, or the channel is closed.
    pub(super) fn received_one(&self, refusal: Option<Refusal>, at: CallSite) {
        match refusal {
            None => self.received(1, at),
            Some(refusal) => self.refused(refusal, at),
        }
    }

    /// So many messages came out; none means that the channel is closed.
    pub(super) fn received_many(&self, count: usize, at: CallSite) {
        match count {
            0 => self.refused(Refusal::Zero, at),
            _ => self.received(count, at),
        }
    }

    /// A receiver of a broadcast took so many messages, and missed so many.
    pub(super) fn received_shared(&self, taken: u64, missed: u64, at: CallSite) {
        if let Some((_, flow)) = self.flow() {
            let endpoint = flow.endpoint(self.side, &self.seat);
            endpoint.touch(here::task(), at);
            flow.receive_shared(endpoint, taken, missed);
        }
    }

    /// The receiver wants no more.
    pub(super) fn close(&self, at: CallSite) {
        self.touch(at);
        if let Some((_, flow)) = self.flow() {
            flow.set_closed();
        }
    }

    /// A receive found that the sender went without sending.
    pub(super) fn sender_dropped(&self, refusal: Refusal, at: CallSite) {
        self.refused(refusal, at);
        let channel = self.flow().and_then(|(_, flow)| flow.context());
        let broken = channel.and_then(|channel| Some((channel, channel.take_broken_promise()?)));
        if let Some((channel, broken)) = broken {
            alarm::sender_dropped(channel, broken, at);
        }
    }

    /// What happens to the channel is to be spoken of as `rule` says.
    pub(super) fn set_rule(&self, rule: &'static ChannelRule) {
        if let Some((resource, flow)) = self.flow() {
            let channel = (resource.id, resource.kind, resource.capacity);
            let created = resource.origin.created;
            flow.set_context(ChannelContext::new(rule, here::scope(), channel, created));
        }
    }

    /// Waits for `future` in the channel's queue.
    pub(super) fn wait<F>(&self, operation: Operation, at: CallSite, future: F) -> Waiting<'_, F> {
        Waiting::new(self.resource(), Intent::new(operation, at), future)
    }

    /// As [`ChannelHalf::wait`], for several slots.
    pub(super) fn wait_for<F>(
        &self,
        operation: Operation,
        permits: usize,
        at: CallSite,
        future: F,
    ) -> Waiting<'_, F> {
        let intent = Intent::new(operation, at);
        Waiting::new(self.resource(), Intent { permits, ..intent }, future)
    }

    /// The thread waits in the channel's queue until the entry is dropped.
    pub(super) fn block(&self, operation: Operation, at: CallSite) -> QueueEntry {
        QueueEntry::blocking(self.resource(), Intent::new(operation, at))
    }

    /// Enters or leaves the queue, by what a poll has said.
    pub(super) fn settle<T>(
        &self,
        entry: &mut QueueEntry,
        operation: Operation,
        at: CallSite,
        poll: Poll<T>,
    ) -> Poll<T> {
        entry.settle(self.resource(), Intent::new(operation, at), poll)
    }
}

#[cold]
fn over_bound(flow: &ChannelState, depth: usize, at: CallSite) {
    let over = ChannelEventKind::OverBound {
        bound: flow.bound().unwrap_or_default(),
        depth,
        sent_at: flow.last_places(depth),
    };
    alarm::raise(flow, Side::Receiver, Some(at), over);
}

impl Drop for ChannelHalf {
    fn drop(&mut self) {
        let Some((resource, flow)) = self.flow() else {
            return;
        };
        if resource.kind == ResourceKind::Oneshot {
            self.leave_oneshot(resource, flow);
            return self.resource.take().map_or((), recycle::give_back);
        }
        let unread = match resource.kind {
            ResourceKind::Broadcast => {
                let passed = flow.endpoint(self.side, &self.seat).passed();
                flow.sent().saturating_sub(passed)
            }
            _ => 0,
        };
        let left = flow.leave(self.side, &self.seat);
        if left.senders == 0 || left.receivers == 0 {
            flow.set_ended(here::here().now);
        }
        if !resource.is_outside() {
            match self.side {
                Side::Sender if left.senders == 0 => self.last_sender(resource, flow, left),
                _ if self.side == Side::Receiver && left.receivers == 0 => {
                    last_receiver(resource, flow, self.side, &self.seat, unread);
                }
                _ => {}
            }
        }
        if left.is_none() {
            ledger::global().leave(resource);
        }
    }
}

impl ChannelHalf {
    /// As for every channel, without counting: each end is the last of its side.
    #[inline]
    fn leave_oneshot(&self, resource: &Resource, flow: &ChannelState) {
        let left = flow.leave_oneshot(self.side);
        let is_inside = flow.depth() > 0;
        // Mostly the value was sent and taken, and nobody waited for it.
        let is_told = is_inside == (self.side == Side::Sender);
        if !is_told && !resource.is_outside() {
            match self.side {
                Side::Receiver => last_receiver(resource, flow, self.side, &self.seat, 0),
                _ => self.last_sender(resource, flow, left),
            }
        }
        // Where a value is on its way, the receiver does so; where somebody still works for one that nobody will take,
        // the sender. Neither can be sure to see the other go: one that waits on enters it anew when it is polled.
        let stays = match self.side {
            Side::Sender => is_inside,
            _ => !is_inside && left.senders > 0,
        };
        if resource.is_listed() && !stays {
            ledger::global().leave(resource);
        }
    }

    /// Nobody will send any more. Who receives from a stream takes its end for an answer; who waits for one value does
    /// not.
    #[cold]
    fn last_sender(&self, resource: &Resource, flow: &ChannelState, left: RemainingEndpoints) {
        let Some(channel) = flow.context() else {
            return;
        };
        if flow.sent() > 0 || flow.is_closed() || left.receivers == 0 {
            return;
        }
        let is_owed = match resource.kind {
            ResourceKind::Oneshot => true,
            // Its value is there from the start: only who waits for another one is let down.
            ResourceKind::Watch => {
                let waits = resource.waits.facts();
                waits.iter().any(|w| w.operation == Operation::Changed)
            }
            _ => false,
        };
        if !is_owed {
            return;
        }
        let sender = flow.endpoint(self.side, &self.seat).facts();
        channel.set_broken_promise(BrokenPromise {
            by: here::named(),
            sender,
        });
    }
}

/// What is inside will never come out.
#[cold]
fn last_receiver(
    resource: &Resource,
    flow: &ChannelState,
    side: Side,
    seat: &EndpointRef,
    unread: u64,
) {
    let count = match resource.kind {
        ResourceKind::Broadcast => usize::try_from(unread).unwrap_or(usize::MAX),
        ResourceKind::Watch => 0,
        _ => flow.depth(),
    };
    if count > 0 {
        flow.lose(count as u64);
        let sent_at = flow.last_places(count);
        // Neither what a broadcast's receiver had not read yet, nor what a panic takes with it, is anybody's loss.
        if resource.kind != ResourceKind::Broadcast && !std::thread::panicking() {
            let died = ChannelEventKind::DiedInside { count, sent_at };
            alarm::note_end(flow, flow.endpoint(side, seat).facts(), died);
        }
    }
}

/// Keeps the record of a channel for one that may become an endpoint: a weak sender.
#[derive(Clone, Debug)]
pub(super) struct WeakHalf(Option<Arc<Resource>>);

impl WeakHalf {
    /// Called only while an endpoint of that side lives, or while the other side may still gain one.
    pub(super) fn join(&self, side: Side, created: CallSite) -> ChannelHalf {
        let join = |r: &Arc<Resource>| Some(r.flow()?.join(side, here::origin(created)));
        ChannelHalf {
            seat: self.0.as_ref().and_then(join).unwrap_or(EndpointRef::First),
            resource: self.0.clone(),
            side,
        }
    }
}
