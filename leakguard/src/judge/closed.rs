//! Channels on which a task may busy-loop: how often they returned that the other side is gone.

use crate::clock::Instant;
use crate::fact::id::{ResourceId, TaskId};
use crate::fact::kind::ResourceKind;
use crate::fact::resource::{ChannelFacts, EndpointFacts, ResourceFacts};
use crate::fact::task::{ProbeOutcome, TaskFacts, TaskState};
use crate::judge::verdict::goes_on;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// How often in a row a channel must have returned that it is closed. A busy loop gets there within microseconds. A
/// loop that leaves after the first or second time stays far below. tokio allows a task 128 operations in one poll.
const MANY: u64 = 100;

/// How long the system may have suspended a thread since its channel last returned that it is closed.
const ASIDE: Duration = Duration::from_millis(100);

/// How often each endpoint had returned that the other side is gone, before the tasks were probed.
pub(crate) struct RefusalCounts {
    times: HashMap<u64, u64>,
    /// How many messages had come out of each channel.
    received: HashMap<ResourceId, u64>,
    /// The coarse time of that look. While the judge is busy, the coarse time stands still for all threads.
    looked: Instant,
}

impl RefusalCounts {
    pub(crate) fn new(resources: &[ResourceFacts], looked: Instant) -> Self {
        let channels = resources.iter().filter_map(ResourceFacts::channel);
        let ends = channels.flat_map(|channel| channel.receivers.iter().chain(&channel.senders));
        let refused = ends.filter(|end| end.refused > 0);
        let received = resources.iter();
        let received = received.filter_map(|r| Some((r.id, r.channel()?.received)));
        RefusalCounts {
            times: refused.map(|end| (end.id, end.refused)).collect(),
            received: received.collect(),
            looked,
        }
    }
}

/// The channels on which a task may busy-loop. They change all the time, so they are never steady.
pub(crate) struct ClosedChannels {
    pub(super) channels: Vec<ResourceFacts>,
    /// The tasks that have received something meanwhile, from any channel. Such a loop serves another channel, and
    /// leaving it would lose messages.
    pub(super) served: HashSet<TaskId>,
    /// Those that have ever received something from a channel that is open.
    may_serve: HashSet<TaskId>,
    before: RefusalCounts,
}

impl ClosedChannels {
    /// `after` is what there is when the tasks have responded.
    pub(crate) fn new(before: RefusalCounts, after: &[ResourceFacts]) -> Self {
        let is_refused = |r: &&ResourceFacts| {
            r.channel().is_some_and(|c| refused_endpoints(r, c).next().is_some())
        };
        ClosedChannels {
            channels: after.iter().filter(is_refused).cloned().collect(),
            served: served(&before, after),
            may_serve: may_serve(after),
            before,
        }
    }

    /// Whether a task that has used `end` still busy-loops on it. A task that waits for something does not.
    pub(super) fn is_used_by(&self, task: &TaskFacts, end: &EndpointFacts) -> bool {
        let RefusalCounts { times, looked, .. } = &self.before;
        let again = times.get(&end.id) != Some(&end.refused);
        // A task that could not respond could not poll its channel either. Then its earlier polls count. It could not
        // serve another channel either, so a task that may do that is left out.
        let ago = looked.since(end.refused_at);
        let was =
            |time| ago <= time && end.last_task.is_none_or(|user| !self.may_serve.contains(&user));
        match (&task.answer, task.state) {
            (ProbeOutcome::Ended, _) | (_, TaskState::NeverPolled | TaskState::NotBegun) => false,
            // The poll that responded yielded, and had polled the channel before.
            (ProbeOutcome::Pending(waits), _) => goes_on(waits) && again,
            (_, TaskState::Polling { since }) => again || was(ASIDE.max(looked.since(since) / 4)),
            (_, TaskState::Idle { .. }) => again || was(ASIDE),
        }
    }
}

/// The tasks that were the last to use a channel from which a message came out since `before`.
fn served(before: &RefusalCounts, after: &[ResourceFacts]) -> HashSet<TaskId> {
    let channels = after.iter().filter_map(|r| Some((r.id, r.channel()?)));
    let moved = channels.filter(|(id, channel)| {
        let received = before.received.get(id).copied();
        channel.received != received.unwrap_or(0)
    });
    let ends = moved.flat_map(|(_, channel)| &channel.receivers);
    ends.filter_map(|end| end.last_task).collect()
}

/// The tasks that were the last to use a receiver of a channel that is open and has passed messages on.
fn may_serve(after: &[ResourceFacts]) -> HashSet<TaskId> {
    let channels = after.iter().filter_map(ResourceFacts::channel);
    let ends = channels.filter(|channel| channel.received > 0).flat_map(|c| &c.receivers);
    ends.filter(|end| end.refused == 0).filter_map(|end| end.last_task).collect()
}

/// The endpoints that returned too often that the other side is gone.
pub(super) fn refused_endpoints<'a>(
    resource: &ResourceFacts,
    channel: &'a ChannelFacts,
) -> impl Iterator<Item = &'a EndpointFacts> {
    // A send to a broadcast or a watch needs no receiver, and one may subscribe later.
    let is_meant = !matches!(resource.kind, ResourceKind::Broadcast | ResourceKind::Watch);
    let senders = channel.senders.iter().filter(move |_| is_meant);
    let ends = channel.receivers.iter().chain(senders);
    ends.filter(|end| end.refused >= MANY)
}
