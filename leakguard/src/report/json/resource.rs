//! Channels, locks and signals as JSON: what may end a wait, and what waits.

use super::task::nanos;
use super::{place, task, word};
use crate::clock::Instant;
use crate::fact::cause::{Blockage, Edge, Identity, Party, TaskLabel, WaitTarget};
use crate::fact::finding::Finding;
use crate::fact::id::TaskId;
use crate::fact::kind::ResourceKind;
use crate::fact::resource::{ChannelFacts, Detail, LockFacts, WaitFacts};
use crate::fact::story::{ChannelEventKind, ChannelStory, ResultHolder, SpinStory};
use crate::fact::subject::{CallProblem, DeadlockSubject, Subject, TaskProblem};
use crate::json::{Json, Object, fields, list};
use crate::report::noun::noun;
use crate::site::CallSite;

/// Maximum number of waiters and of queued messages that are listed.
const LISTED: usize = 32;

/// One resource of a finding.
pub(super) enum ResourcePart<'a> {
    /// All that is known of the wait of the first task.
    Wait(&'a Blockage),
    /// What another step of a cycle waits for, and which task holds it.
    Step(&'a Edge, &'a TaskLabel),
    /// A channel on which something has happened.
    Channel(&'a ChannelStory),
    /// A closed channel.
    Closed(&'a SpinStory),
    /// Only its kind and where it was created is known.
    Plain(ResourceKind, CallSite),
}

/// What the finding is about, that of its first task first.
pub(super) fn parts(finding: &Finding) -> Vec<ResourcePart<'_>> {
    match &finding.subject {
        Subject::Task(task) => {
            let wait = task.blockage.iter().map(|wait| ResourcePart::Wait(wait));
            wait.chain(task.closed.iter().map(|it| ResourcePart::Closed(it)))
                .chain(of_problem(&task.problem))
                .collect()
        }
        Subject::Call(call) => {
            let wait = call.blockage.iter().map(|wait| ResourcePart::Wait(wait));
            let spin = match &call.problem {
                CallProblem::Spins(spin) => Some(ResourcePart::Closed(spin)),
                _ => None,
            };
            wait.chain(call.closed.iter().map(|it| ResourcePart::Closed(it))).chain(spin).collect()
        }
        Subject::Deadlock(deadlock) => of_cycle(deadlock),
        Subject::Growth(_) => Vec::new(),
        Subject::Channel(story) => vec![ResourcePart::Channel(story)],
        Subject::Value(story) => {
            vec![ResourcePart::Plain(ResourceKind::Value, story.site.location())]
        }
        Subject::Unreaped(story) => match &story.keeper {
            ResultHolder::Set(..) => {
                vec![ResourcePart::Plain(ResourceKind::JoinSet, story.site.location())]
            }
            ResultHolder::Handles => Vec::new(),
        },
    }
}

fn of_problem(problem: &TaskProblem) -> Option<ResourcePart<'_>> {
    match problem {
        TaskProblem::Spins(spin) => Some(ResourcePart::Closed(spin)),
        TaskProblem::IgnoresToken(token) => {
            Some(ResourcePart::Plain(ResourceKind::Token, token.created))
        }
        TaskProblem::Alive { unheard: Some(unheard) } => {
            Some(ResourcePart::Plain(unheard.kind, unheard.created))
        }
        _ => None,
    }
}

/// The wait of the first waiter, and the steps of the others.
fn of_cycle(deadlock: &DeadlockSubject) -> Vec<ResourcePart<'_>> {
    let wait = &*deadlock.blockage;
    let edges = &wait.cycle;
    let is_known = |edge: &Edge| edge.wait_at == Some(wait.wait.at);
    let is_own = |edge: &&Edge| edge.waiter.id == deadlock.waiters.first.id && is_known(edge);
    let own = edges.iter().find(is_own).or_else(|| edges.iter().find(|edge| is_known(edge)));
    let next = |at: usize| &edges[(at + 1) % edges.len()].waiter;
    let others = edges.iter().enumerate();
    let others = others.filter(|(_, edge)| own.is_none_or(|own| !std::ptr::eq(own, *edge)));
    let others = others.map(|(at, edge)| ResourcePart::Step(edge, next(at)));
    std::iter::once(ResourcePart::Wait(wait)).chain(others).collect()
}

/// Every resource has every field.
pub(super) fn resource(part: &ResourcePart<'_>, now: Instant) -> impl Json {
    fields(move |o| match part {
        ResourcePart::Wait(wait) => of_wait(o, wait, now),
        ResourcePart::Step(edge, holder) => of_step(o, edge, holder),
        ResourcePart::Channel(story) => of_channel(o, story),
        ResourcePart::Closed(spin) => of_kind(o, spin.kind, spin.created, spin.capacity),
        ResourcePart::Plain(kind, created) => of_kind(o, *kind, created, None),
    })
}

fn of_wait(o: &mut Object<'_>, wait: &Blockage, now: Instant) {
    let resource = &wait.resource;
    let (channel, lock) = match &resource.detail {
        Detail::Channel(channel) => (Some(channel), None),
        Detail::Lock(lock) => (None, Some(lock)),
        _ => (None, None),
    };
    // What a lock has are permits.
    let capacity = resource.capacity.filter(|_| !resource.kind.is_lock());
    head(o, noun(resource.kind), Some(resource.created), capacity);
    o.field("holders", list(wait.parties.iter().map(|party| holder(party, now))));
    o.field("waiters", list(resource.waits.iter().take(LISTED).map(|wait| waiter(wait, now))));
    o.field("queue", channel.map(queue));
    o.field("permits", lock.map(permits));
}

fn of_step(o: &mut Object<'_>, edge: &Edge, holder: &TaskLabel) {
    head(o, wants(edge.wants), edge.created, None);
    let held = fields(|o| {
        o.field("by", word::identity(&Identity::Task(*holder)));
        o.field("task", task::label(holder));
        o.field("how", word::trace(edge.trace));
        o.field("at", edge.held_at.map(place::location));
        o.field("held_ns", None::<u64>);
    });
    let waiter = fields(|o| {
        o.field("task", edge.waiter.id.get());
        o.field("thread", None::<&str>);
        o.field("operation", edge.operation.map(word::operation));
        o.field("at", edge.wait_at.map(place::location));
        o.field("waited_ns", None::<u64>);
    });
    o.field("holders", list([held]));
    o.field("waiters", list([waiter]));
    tail(o);
}

/// Its messages, and the side that is gone or too slow.
fn of_channel(o: &mut Object<'_>, story: &ChannelStory) {
    let channel = &story.channel;
    head(o, noun(channel.kind), Some(channel.created), channel.capacity);
    let other = story.other.iter().map(|end| {
        fields(|o| {
            o.field("by", story.other_user.map_or("ended", |_| "task"));
            o.field("task", story.other_user.as_ref().map(task::label));
            o.field("how", if end.is_unused() { "created" } else { "used" });
            o.field("at", end.last_at.map(place::location));
            o.field("held_ns", None::<u64>);
        })
    });
    o.field("holders", list(other));
    o.field("waiters", list::<[u64; 0]>([]));
    o.field("queue", fields(|o| lost(o, story)));
    o.field("permits", None::<u64>);
}

/// The messages of a finding on a channel, by the lines that sent them.
fn lost(o: &mut Object<'_>, story: &ChannelStory) {
    let is_queued = matches!(story.what, ChannelEventKind::OverBound { .. });
    o.field("length", story.messages * u64::from(is_queued));
    o.field("sent", None::<u64>);
    o.field("received", None::<u64>);
    o.field("lost", story.messages * u64::from(!is_queued));
    o.field("sent_at", list(story.lines.iter().take(LISTED).map(|(at, _)| place::location(at))));
}

fn of_kind(o: &mut Object<'_>, kind: ResourceKind, created: CallSite, capacity: Option<usize>) {
    head(o, noun(kind), Some(created), capacity);
    o.field("holders", list::<[u64; 0]>([]));
    o.field("waiters", list::<[u64; 0]>([]));
    tail(o);
}

fn head(o: &mut Object<'_>, kind: &str, created: Option<CallSite>, capacity: Option<usize>) {
    o.field("kind", kind);
    o.field("created", created.map(place::location));
    o.field("capacity", capacity);
}

/// Of a resource that has neither messages nor permits that are known.
fn tail(o: &mut Object<'_>) {
    o.field("queue", None::<u64>);
    o.field("permits", None::<u64>);
}

fn holder(party: &Party, now: Instant) -> impl Json {
    let holder = match &party.who {
        Identity::Task(task) => Some(task),
        _ => None,
    };
    fields(move |o| {
        o.field("by", word::identity(&party.who));
        o.field("task", holder.map(task::label));
        o.field("how", word::trace(party.trace));
        o.field("at", party.at.map(place::location));
        o.field("held_ns", party.since.map(|since| nanos(now.since(since))));
    })
}

fn waiter(wait: &WaitFacts, now: Instant) -> impl Json {
    fields(move |o| {
        o.field("task", wait.task.map(TaskId::get));
        o.field("thread", wait.thread.as_deref());
        o.field("operation", word::operation(wait.operation));
        o.field("at", place::location(wait.at));
        o.field("waited_ns", nanos(now.since(wait.since)));
    })
}

fn queue(channel: &ChannelFacts) -> impl Json {
    fields(|o| {
        o.field("length", channel.depth);
        o.field("sent", channel.sent);
        o.field("received", channel.received);
        o.field("lost", channel.lost);
        let sent_at = channel.queued.iter().take(LISTED);
        o.field("sent_at", list(sent_at.map(|at| place::location(at))));
    })
}

fn permits(lock: &LockFacts) -> impl Json {
    fields(|o| {
        o.field("all", lock.permits);
        o.field("held", lock.permits - lock.unheld());
        o.field("forgotten", lock.forgotten.map_or(0, |forgotten| forgotten.permits));
    })
}

/// One step of a cycle.
pub(super) fn edge(edge: &Edge) -> impl Json {
    fields(|o| {
        o.field("task", task::label(&edge.waiter));
        o.field("wait", edge.wait_at.map(place::location));
        o.field("wants", wants(edge.wants));
        o.field("operation", edge.operation.map(word::operation));
        o.field("created", edge.created.map(place::location));
        o.field("held_at", edge.held_at.map(place::location));
        o.field("how", word::trace(edge.trace));
    })
}

fn wants(target: WaitTarget) -> &'static str {
    match target {
        WaitTarget::Thing(kind) => noun(kind),
        WaitTarget::End => "end",
    }
}
