//! The half of a channel that an instrumented sender or receiver keeps. It writes to the channel's record.

mod drop;
mod message;

use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::record::resource::Resource;
use crate::record::resource::channel::{ChannelContext, ChannelRule};
use crate::record::resource::channel_state::{ChannelState, EndpointRef};
use crate::record::resource::endpoint::Endpoint;
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::handover::Recipient;
use crate::sync::waiting::{QueueEntry, Waiting};
use crate::sync::{here, recycle};
use crate::{config, ledger};
use std::sync::Arc;
use std::task::{Context, Poll};

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
    // Most oneshots end soon, so one is listed only once something waits on it.
    if kind == ResourceKind::Oneshot {
        return Some(recycle::oneshot(origin, now));
    }
    let resource = Arc::new(Resource::new_channel(kind, capacity, origin, now));
    ledger::global().enter(&resource);
    Some(resource)
}

/// One half of a channel, until it is dropped. It has no record where leakguard is off.
#[derive(Debug)]
pub(super) struct ChannelHalf {
    resource: Option<Arc<Resource>>,
    side: Side,
    endpoint: EndpointRef,
}

impl ChannelHalf {
    /// Registers a channel, and returns its sender and its receiver.
    #[inline]
    pub(super) fn pair(
        kind: ResourceKind,
        capacity: Option<usize>,
        created: CallSite,
    ) -> (ChannelHalf, ChannelHalf) {
        let resource = register(kind, capacity, created);
        let half = |resource, side| ChannelHalf { resource, side, endpoint: EndpointRef::First };
        (half(resource.clone(), Side::Sender), half(resource, Side::Receiver))
    }

    /// The half for an endpoint that was tokio's before. The other endpoints of its channel are not recorded.
    pub(super) fn foreign(
        side: Side,
        kind: ResourceKind,
        capacity: Option<usize>,
        created: CallSite,
    ) -> ChannelHalf {
        let (sender, receiver) = ChannelHalf::pair(kind, capacity, created);
        sender.set_outside();
        if side == Side::Sender { sender } else { receiver }
    }

    /// The channel has an endpoint that is not recorded.
    pub(super) fn set_outside(&self) {
        if let Some(resource) = &self.resource {
            resource.set_outside();
        }
    }

    /// The messages are of type `T`, which may contain an endpoint.
    pub(super) fn carrying<T>(&self) {
        if std::mem::needs_drop::<T>()
            && let Some((_, channel)) = self.channel()
        {
            channel.set_carries();
        }
    }

    pub(super) fn weak(&self) -> WeakHalf {
        WeakHalf(self.resource.clone())
    }

    /// Another endpoint of the same channel, of either side.
    pub(super) fn sibling(&self, side: Side, created: CallSite) -> ChannelHalf {
        self.touch(created);
        self.weak().join(side, created)
    }

    pub(super) fn resource(&self) -> Option<&Arc<Resource>> {
        self.resource.as_ref()
    }

    #[inline]
    fn channel(&self) -> Option<(&Resource, &ChannelState)> {
        let resource = self.resource.as_deref()?;
        Some((resource, resource.channel()?))
    }

    #[inline]
    fn parts(&self) -> Option<(&Resource, &ChannelState, &Endpoint)> {
        let (resource, channel) = self.channel()?;
        Some((resource, channel, channel.endpoint(self.side, &self.endpoint)))
    }

    /// Records a use of the endpoint.
    pub(super) fn touch(&self, at: CallSite) {
        if let Some((_, _, endpoint)) = self.parts() {
            endpoint.touch(here::task(), at);
        }
    }

    /// The endpoint was moved into a task.
    pub(super) fn hand_over(&self, to: Recipient) {
        if let Some((_, _, endpoint)) = self.parts() {
            endpoint.hand_over(to.task, to.at);
        }
    }

    /// Has events of the channel reported as `rule` says.
    pub(super) fn set_rule(&self, rule: &'static ChannelRule) {
        if let Some((resource, channel)) = self.channel() {
            let label = (resource.id, resource.kind, resource.capacity);
            let created = resource.origin.created;
            channel.set_context(ChannelContext::new(rule, here::scope(), label, created));
        }
    }

    /// Waits for `future` in the channel's queue.
    pub(super) fn wait<F>(&self, operation: Operation, at: CallSite, future: F) -> Waiting<'_, F> {
        Waiting::new(self.resource(), Intent::new(operation, at), future)
    }

    /// Same as [`ChannelHalf::wait`], for several slots.
    pub(super) fn wait_for<F>(
        &self,
        operation: Operation,
        permits: usize,
        at: CallSite,
        future: F,
    ) -> Waiting<'_, F> {
        Waiting::new(self.resource(), Intent::new(operation, at).permits(permits), future)
    }

    /// The thread waits in the channel's queue until the entry is dropped.
    pub(super) fn block(&self, operation: Operation, at: CallSite) -> QueueEntry {
        QueueEntry::blocking(self.resource(), Intent::new(operation, at))
    }

    /// Enters the queue or leaves it, depending on the result of a poll with `cx`.
    pub(super) fn settle<T>(
        &self,
        entry: &mut QueueEntry,
        (operation, at): (Operation, CallSite),
        cx: &Context<'_>,
        poll: Poll<T>,
    ) -> Poll<T> {
        entry.settle(self.resource(), Intent::new(operation, at), cx, poll)
    }
}

/// The record of a channel, kept by a weak sender, which is no endpoint and may become one.
#[derive(Clone, Debug)]
pub(super) struct WeakHalf(Option<Arc<Resource>>);

impl WeakHalf {
    /// Called only while an endpoint of that side lives, or while the other side may still gain one.
    pub(super) fn join(&self, side: Side, created: CallSite) -> ChannelHalf {
        let join = |r: &Arc<Resource>| Some(r.channel()?.join(side, here::origin(created)));
        let endpoint = self.0.as_ref().and_then(join);
        ChannelHalf {
            resource: self.0.clone(),
            side,
            endpoint: endpoint.unwrap_or(EndpointRef::First),
        }
    }
}
