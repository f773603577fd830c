//! The closed channel on which a task busy-loops: it polls again and again, and the result will never change.

use crate::fact::kind::Side;
use crate::fact::resource::{ChannelFacts, EndpointFacts, ResourceFacts};
use crate::fact::story::SpinStory;
use crate::fact::task::TaskFacts;
use crate::fact::task_map::{TaskMap, TaskSet};
use crate::judge::closed::refused_endpoints;
use crate::judge::waiters::Waiters;

/// The endpoints on which tasks may busy-loop, by the task that used each last. Collected once for all tasks.
pub(super) struct RefusedEndpoints<'a> {
    by_user: TaskMap<Vec<RefusedEndpoint<'a>>>,
    /// The tasks that have received something meanwhile.
    served: TaskSet,
}

type RefusedEndpoint<'a> = (&'a ResourceFacts, &'a ChannelFacts, &'a EndpointFacts);

impl<'a> RefusedEndpoints<'a> {
    pub(super) fn new(waiters: &Waiters<'a>) -> Self {
        let closed = waiters.observed.closed;
        let mut by_user: TaskMap<Vec<_>> = TaskMap::default();
        let all = closed.channels.iter().filter_map(|r| Some((r, r.channel()?)));
        for (resource, channel) in all {
            for end in refused_endpoints(resource, channel) {
                let user = end.last_task.map(|user| waiters.actor(user));
                let of_user = user.map(|user| by_user.entry(user).or_default());
                of_user.into_iter().for_each(|all| all.push((resource, channel, end)));
            }
        }
        let served = closed.served.iter().map(|&user| waiters.actor(user)).collect();
        RefusedEndpoints { by_user, served }
    }

    /// The channel on which `task` busy-loops. Of several, the one that it polled last.
    pub(super) fn spin(&self, task: &TaskFacts, waiters: &Waiters<'_>) -> Option<SpinStory> {
        let actor = waiters.actor(task.id);
        let of_actor = self.by_user.get(&actor)?;
        let closed = waiters.observed.closed;
        let has_served = match task.kind.is_call() {
            true => closed.served.iter().any(|&user| waiters.is_within(user, task.id)),
            false => self.served.contains(&actor),
        };
        let is_own = |(_, _, end): &&RefusedEndpoint<'_>| {
            is_user(task, end, waiters) && closed.is_used_by(task, end)
        };
        let own = of_actor.iter().filter(|_| !has_served).filter(is_own);
        let last = own.max_by_key(|(_, _, end)| end.refused_at);
        last.map(|(resource, channel, end)| story(resource, channel, end))
    }
}

/// Receivers that were told that all senders are gone, by the task that used each last. Collected once for all tasks.
pub(super) struct EndedChannels<'a>(TaskMap<Vec<RefusedEndpoint<'a>>>);

impl<'a> EndedChannels<'a> {
    pub(super) fn new(waiters: &Waiters<'a>) -> Self {
        let mut by_user: TaskMap<Vec<_>> = TaskMap::default();
        let all = waiters.observed.resources.iter().filter_map(|r| Some((r, r.channel()?)));
        for (resource, channel) in all.filter(|(_, channel)| channel.senders.is_empty()) {
            for end in channel.receivers.iter().filter(|end| end.refused > 0) {
                let user = end.last_task.map(|user| waiters.actor(user));
                let of_user = user.map(|user| by_user.entry(user).or_default());
                of_user.into_iter().for_each(|all| all.push((resource, channel, end)));
            }
        }
        EndedChannels(by_user)
    }

    /// The channel that returned to `task` last that all senders are gone.
    pub(super) fn of(&self, task: &TaskFacts, waiters: &Waiters<'_>) -> Option<SpinStory> {
        let of_actor = self.0.get(&waiters.actor(task.id))?;
        let own = of_actor.iter().filter(|(_, _, end)| is_user(task, end, waiters));
        let last = own.max_by_key(|(_, _, end)| end.refused_at);
        last.map(|(resource, channel, end)| story(resource, channel, end))
    }
}

/// What a task does in its calls counts as its own. `end` belongs to its actor.
fn is_user(task: &TaskFacts, end: &EndpointFacts, waiters: &Waiters<'_>) -> bool {
    !task.kind.is_call() || end.last_task.is_some_and(|user| waiters.is_within(user, task.id))
}

fn story(resource: &ResourceFacts, channel: &ChannelFacts, end: &EndpointFacts) -> SpinStory {
    let receives = end.side == Side::Receiver;
    // For endpoints that are not seen, it is not known when they were dropped.
    let seen = !resource.outside;
    let mut gone = channel.gone.iter().filter(|_| seen);
    SpinStory {
        kind: resource.kind,
        capacity: resource.capacity,
        created: resource.created,
        end: *end,
        other: gone.find(|other| other.side != end.side).copied(),
        is_gone: match receives {
            true => channel.senders.is_empty(),
            false => channel.receivers.is_empty(),
        },
        ended: channel.ended.filter(|_| seen),
    }
}
