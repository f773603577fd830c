//! The closed channel on which a task busy-loops: it polls again and again, and the result will never change.

use crate::fact::id::TaskId;
use crate::fact::kind::Side;
use crate::fact::resource::{ChannelFacts, EndpointFacts, ResourceFacts};
use crate::fact::story::SpinStory;
use crate::fact::task::TaskFacts;
use crate::judge::closed::refused_endpoints;
use crate::judge::waiters::Waiters;

/// The channel on which `task` busy-loops. Of several, the one that it polled last.
pub(super) fn spin(task: &TaskFacts, waiters: &Waiters<'_>) -> Option<SpinStory> {
    let closed = waiters.observed.closed;
    if closed.served.iter().any(|&user| is_of(task, user, waiters)) {
        return None;
    }
    let is_own = |end: &&EndpointFacts| {
        let user = end.last_task.filter(|_| closed.is_used_by(task, end));
        user.is_some_and(|user| is_of(task, user, waiters))
    };
    let all = closed.channels.iter();
    let all = all.filter_map(|resource| Some((resource, resource.channel()?)));
    let own = all.flat_map(|(resource, channel)| {
        let own = refused_endpoints(resource, channel).filter(is_own);
        own.map(|end| story(resource, channel, end)).collect::<Vec<_>>()
    });
    own.max_by_key(|story| story.end.refused_at)
}

/// The channel that returned to `task` last that all senders are gone.
pub(super) fn ended(task: &TaskFacts, waiters: &Waiters<'_>) -> Option<SpinStory> {
    let all = waiters.observed.resources.iter();
    let all = all.filter_map(|resource| Some((resource, resource.channel()?)));
    let closed = all.filter(|(_, channel)| channel.senders.is_empty());
    let own = closed.flat_map(|(resource, channel)| {
        let is_own = |end: &&EndpointFacts| {
            end.refused > 0 && end.last_task.is_some_and(|user| is_of(task, user, waiters))
        };
        let own = channel.receivers.iter().filter(is_own);
        own.map(|end| story(resource, channel, end)).collect::<Vec<_>>()
    });
    own.max_by_key(|story| story.end.refused_at)
}

/// What a task does in its calls counts as its own.
fn is_of(task: &TaskFacts, user: TaskId, waiters: &Waiters<'_>) -> bool {
    match task.kind.is_call() {
        true => waiters.is_within(user, task.id),
        false => waiters.actor(user) == waiters.actor(task.id),
    }
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
