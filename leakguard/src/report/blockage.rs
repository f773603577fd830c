//! The channel or lock that a task waits on: what it is, and what could end the wait.

use crate::clock::Instant;
use crate::dump::purpose;
use crate::fact::cause::{Blockage, Identity, InnerWait, LaggedConsumer, Party, Trace};
use crate::fact::finding::Finding;
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::position::Position;
use crate::fact::resource::{ChannelFacts, Detail, LockFacts};
use crate::fact::task::TaskFacts;
use crate::report::arrival::arrived;
use crate::report::note::{Note, capped};
use crate::report::noun::{half, named, noun};
use crate::site::CallSite;
use crate::time::readable;
use crate::vocabulary::Cause;

pub(crate) fn notes(blockage: &Blockage, finding: &Finding, task: &TaskFacts) -> Vec<Note> {
    let parties = blockage.parties.iter();
    let parties = parties.map(|party| describe(party, finding, task, blockage));
    vec![
        ("inside", capped(blockage.inside.iter().map(inner).collect())),
        (word(blockage), vec![resource(blockage)]),
        (word_of_parties(blockage), capped(parties.collect())),
        ("cause", why(blockage).into_iter().collect()),
        ("lagged", blockage.lagged.iter().map(|lagged| consumer(lagged, finding.now)).collect()),
    ]
}

fn consumer(lagged: &LaggedConsumer, now: Instant) -> String {
    let LaggedConsumer { created, at, dropped } = lagged;
    format!(
        "a receiver of the broadcast created at {created} returned `Lagged` at {at}, and its task ended{}",
        ago(*dropped, now)
    )
}

/// Where a consumer has ended that should perhaps have gone on.
pub(crate) fn go_on(blockage: &Blockage, here: &Position) -> Option<String> {
    let at = Position::of_location(blockage.lagged?.at).seen_from(here);
    Some(format!(
        "if its task should have gone on, receive again when {at} returns `Lagged`: the next message is the oldest that is left"
    ))
}

/// ``oneshot, created at src/pool.rs:4:18, waits to receive at src/pool.rs:9:5``.
fn inner(wait: &InnerWait) -> String {
    let InnerWait { kind, created, operation, at } = wait;
    format!("{}, created at {created}: waits {} at {at}", noun(*kind), purpose(*operation))
}

fn word(blockage: &Blockage) -> &'static str {
    match blockage.resource.kind {
        kind if kind.is_channel() => "channel",
        ResourceKind::Mutex | ResourceKind::RwLock => "lock",
        kind if kind.blocks() => "lock",
        ResourceKind::Condvar => "condvar",
        ResourceKind::Join | ResourceKind::JoinTask => "join",
        ResourceKind::JoinSet => "set",
        ResourceKind::Semaphore => "permits",
        ResourceKind::Token => "token",
        ResourceKind::Barrier => "barrier",
        ResourceKind::Notify => "notify",
        _ => "cell",
    }
}

fn word_of_parties(blockage: &Blockage) -> &'static str {
    match (blockage.resource.kind.is_channel(), blockage.wait.operation) {
        (true, operation) => half(operation),
        (false, Operation::Join) => "joined",
        (false, _) => "held",
    }
}

fn resource(blockage: &Blockage) -> String {
    let resource = &blockage.resource;
    let capacity = resource.capacity.filter(|_| resource.kind.is_channel());
    let capacity = capacity.map_or_else(String::new, |c| format!(", capacity {c}"));
    let counts = match &resource.detail {
        Detail::Channel(channel) => channel_counts(channel, resource.kind),
        Detail::Lock(lock) if resource.kind == ResourceKind::Semaphore => permits(lock),
        _ => arrived(blockage)
            .map_or_else(String::new, |(come, all)| format!("; {come} of {all} tasks wait")),
    };
    let (noun, created) = (noun(resource.kind), resource.created);
    format!("{noun}{capacity}, created at {created}{counts}")
}

fn channel_counts(channel: &ChannelFacts, kind: ResourceKind) -> String {
    match kind {
        ResourceKind::Watch | ResourceKind::Oneshot => String::new(),
        _ => format!(
            "; {} queued, {} sent, {} received",
            channel.depth, channel.sent, channel.received
        ),
    }
}

fn permits(lock: &LockFacts) -> String {
    let held = lock.permits - lock.unheld();
    let forgotten = lock.forgotten.map_or_else(String::new, |forgotten| {
        format!(", {} forgotten, last at {}", forgotten.permits, forgotten.at)
    });
    format!("; {} permits, {held} held{forgotten}", lock.permits)
}

fn describe(party: &Party, finding: &Finding, task: &TaskFacts, blockage: &Blockage) -> String {
    let name = identity(&party.who, finding, task);
    let at = party.at;
    let at = at.map_or_else(|| "an unknown place".to_owned(), |at| at.to_string());
    let kind = blockage.resource.kind;
    let ago = |since| ago(since, finding.now);
    match party.since {
        _ if kind.is_join() => format!("{name}, spawned at {at}"),
        _ if kind.is_channel() => match party.trace {
            Trace::Created => format!("alive, never used since it was created by {name} at {at}"),
            Trace::Queued(queue) => format!(
                "probably sent at {at}, and queued in the channel created at {queue}, which {name} receives from"
            ),
            Trace::Moved => format!("alive, given to {name} at {at}, not used since"),
            _ => format!("alive, last used by {name} at {at}"),
        },
        Some(since) if party.trace == Trace::Requested => {
            format!("requested earlier by {name} at {at}{}", ago(since))
        }
        Some(since) => format!("acquired by {name} at {at}{}", ago(since)),
        None => format!("acquired by {name} at {at}"),
    }
}

pub(crate) fn ago(since: Instant, now: Instant) -> String {
    format!(", {} ago", readable(now.since(since)))
}

pub(super) fn identity(identity: &Identity, finding: &Finding, task: &TaskFacts) -> String {
    match identity {
        Identity::Itself if task.kind.is_call() => format!("`{}` itself", finding.function()),
        Identity::Itself => "the waiting task itself".to_owned(),
        Identity::Task(task) => named(task),
        Identity::Returned => format!("`{}`, which has returned,", finding.function()),
        Identity::Ended => "a task that has ended".to_owned(),
        Identity::Unwatched => "code outside every watched task".to_owned(),
    }
}

/// What the parties do not show.
fn why(blockage: &Blockage) -> Option<String> {
    let kind = blockage.resource.kind;
    let text = match (blockage.cause?, kind) {
        (Cause::NotifiedTooEarly, ResourceKind::Condvar) => {
            "it was not notified since the wait began; earlier notifications are not stored"
        }
        (Cause::NotifiedTooEarly, _) => {
            "`notify_waiters` was called before the wait began; such notifications are not stored"
        }
        (Cause::NeverSignalled, ResourceKind::Token) => "it was never cancelled",
        (Cause::NeverSignalled, _) => "it was never notified",
        (Cause::TooFew, ResourceKind::Barrier) => "it waits for more tasks than can still arrive",
        (Cause::TooFew, _) => "it requests more permits than exist",
        (Cause::LostMessage, _) => {
            let at = blockage.lost_at;
            let at = at.map_or_else(String::new, |at| format!(" at {at}"));
            return Some(format!(
                "a message that this task sent{at} before the wait began was lost: no receiver was left"
            ));
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// What to change about the other half of a channel, with the user's own lines.
pub(crate) fn remedy(blockage: &Blockage, here: &Position) -> Option<String> {
    let line = |at: CallSite| Position::of_location(at).seen_from(here);
    let wait = line(blockage.wait.at);
    let party = blockage.parties.first()?;
    let used = line(party.at?);
    let did = match party.trace {
        Trace::Created => "created",
        Trace::Moved => "given to its task",
        Trace::Queued(_) => "sent",
        Trace::Used | Trace::Requested => "last used",
    };
    match (blockage.wait.operation, blockage.resource.kind) {
        (Operation::Receive | Operation::Changed, ResourceKind::Oneshot) => Some(format!(
            "send the value that {wait} waits for, or drop its sender, {did} at {used}"
        )),
        (Operation::Receive | Operation::Changed, _) => Some(format!(
            "drop the sender once everything is sent: the one {did} at {used} is alive"
        )),
        (Operation::Send, _) if blockage.own => Some(format!(
            "only the task itself could receive what {wait} sends: send it from another task, or receive before the channel is full"
        )),
        (Operation::Send, _) => Some(format!(
            "receive until the channel is closed, or drop the receiver {did} at {used}"
        )),
        _ => None,
    }
}
