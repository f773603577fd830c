//! The channel or lock that a task waits on, in words: what it is, who could end the wait, the cycle of a deadlock.

use crate::clock::Instant;
use crate::fact::cause::{Blockage, Edge, Identity, Party, TaskLabel, WaitTarget};
use crate::fact::finding::Finding;
use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::fact::position::Position;
use crate::fact::resource::{ChannelFacts, Detail, LockFacts};
use crate::report::label::EDGES;
use crate::report::note::{Note, capped};
use crate::report::state;
use crate::report::words;
use crate::site::CallSite;
use crate::time::readable;
use crate::vocabulary::Cause;

/// The first words behind the subject of a deadlock, of one.
pub(crate) fn deadlock(finding: &Finding) -> &'static str {
    let cycle = finding.blockage.as_ref().map_or(0, |b| b.cycle.len());
    match finding.cause() {
        Some(Cause::GrantedButNotPolled) => {
            "waits for a lock that was handed to a future that is not polled"
        }
        _ if cycle == 1 => "waits for what it holds itself",
        _ => "is in a deadlock",
    }
}

/// The same of several.
pub(crate) fn deadlocks(finding: &Finding) -> &'static str {
    match deadlock(finding) {
        "is in a deadlock" => "are in a deadlock",
        "waits for what it holds itself" => "wait for what each holds itself",
        _ => "wait for locks that were handed to futures that are not polled",
    }
}

pub(crate) fn notes(finding: &Finding, labelled: bool) -> Vec<Note> {
    let Some(blockage) = finding.blockage.as_deref() else {
        return Vec::new();
    };
    let mut all = vec![(word(blockage), vec![resource(blockage)])];
    if blockage.cycle.len() > 1 {
        all.push(("cycle", cycle(blockage, labelled)));
    } else {
        let parties = blockage.parties.iter();
        let party = |p: &Party| party(p, finding, blockage);
        all.push((
            word_of_parties(blockage),
            capped(parties.map(party).collect()),
        ));
    }
    all.push(("cause", why(blockage)));
    all
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
        (true, Operation::Receive | Operation::Changed) => "sender",
        (true, _) => "receiver",
        (false, _) if blockage.cause == Some(Cause::GrantedButNotPolled) => "granted",
        (false, Operation::Join) => "joined",
        (false, _) => "held",
    }
}

/// What a thing of this kind is called.
pub(crate) fn noun(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Mpsc => "mpsc",
        ResourceKind::UnboundedMpsc => "unbounded mpsc",
        ResourceKind::Oneshot => "oneshot",
        ResourceKind::Broadcast => "broadcast",
        ResourceKind::Watch => "watch",
        ResourceKind::Mutex => "mutex",
        ResourceKind::RwLock => "rwlock",
        ResourceKind::Semaphore => "semaphore",
        ResourceKind::Notify => "notify",
        ResourceKind::Barrier => "barrier",
        ResourceKind::OnceCell => "once cell",
        ResourceKind::SetOnce => "set-once cell",
        ResourceKind::Token => "cancellation token",
        ResourceKind::Value => "value",
        ResourceKind::StdMutex => "std mutex",
        ResourceKind::StdRwLock => "std rwlock",
        ResourceKind::ParkingMutex => "parking_lot mutex",
        ResourceKind::ParkingRwLock => "parking_lot rwlock",
        ResourceKind::Condvar => "condvar",
        ResourceKind::Join => "thread",
        ResourceKind::JoinTask => "task",
        ResourceKind::JoinSet => "join set",
    }
}

fn resource(blockage: &Blockage) -> String {
    let resource = &blockage.resource;
    let capacity = resource.capacity.filter(|_| resource.kind.is_channel());
    let capacity = capacity.map_or_else(String::new, |c| format!(", capacity {c}"));
    let created = Position::of_location(resource.created);
    let counts = match &resource.detail {
        Detail::Channel(channel) => channel_counts(channel, resource.kind),
        Detail::Lock(lock) if resource.kind == ResourceKind::Semaphore => permits(lock),
        _ => String::new(),
    };
    format!(
        "{}{capacity}, created at {created}{counts}",
        noun(resource.kind)
    )
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
    format!(
        "; {} permits, {} held",
        lock.permits,
        lock.permits - lock.unheld()
    )
}

fn party(party: &Party, finding: &Finding, blockage: &Blockage) -> String {
    let is_channel = blockage.resource.kind.is_channel();
    let who = who(&party.who, finding);
    let at = party.at.map(Position::of_location);
    let at = at.map_or_else(|| "an unknown place".to_owned(), |p| p.to_string());
    match party.since {
        _ if blockage.resource.kind.is_join() => format!("{who}, started at {at}"),
        _ if is_channel => format!("alive, last used by {who} at {at}"),
        Some(since) if blockage.cause == Some(Cause::GrantedButNotPolled) => format!(
            "to {who}, which waits for it at {at} and has not polled that since{}",
            ago(since, finding.now)
        ),
        Some(since) if party.ahead => {
            format!("wanted first by {who} at {at}{}", ago(since, finding.now))
        }
        Some(since) => format!("taken by {who} at {at}{}", ago(since, finding.now)),
        None => format!("taken by {who} at {at}"),
    }
}

fn ago(since: Instant, now: Instant) -> String {
    format!(", {} ago", readable(now.since(since)))
}

fn who(who: &Identity, finding: &Finding) -> String {
    match who {
        Identity::Itself if finding.task().kind.is_call() => {
            format!("`{}` itself", words::function(finding))
        }
        Identity::Itself => "the waiting task itself".to_owned(),
        Identity::Task(task) => named(task),
        Identity::Returned => format!("`{}`, which has returned,", words::function(finding)),
        Identity::Ended => "a task that has ended".to_owned(),
        Identity::Unwatched => "code outside of every watched task".to_owned(),
    }
}

/// `task 7 of src/pool.rs:27`, by the number it has in dumps.
pub(crate) fn named(task: &TaskLabel) -> String {
    if task.kind.is_call() {
        return format!("`{}`", task.site.function());
    }
    let (kind, at) = (state::kind(task.kind, 1), task.site.location());
    format!("{kind} {} of {}:{}", task.id, at.file(), at.line())
}

/// Each edge in one line: who waits where for what, and where the next one took that.
fn cycle(blockage: &Blockage, labelled: bool) -> Vec<String> {
    let cycle = &blockage.cycle;
    if labelled {
        let more = cycle.len().saturating_sub(EDGES);
        let more =
            (more > 0).then(|| format!("{more} more tasks wait for each other in the same way"));
        return more.into_iter().collect();
    }
    let edge = |(at, edge): (usize, &Edge)| {
        let next = &cycle[(at + 1) % cycle.len()].waiter;
        let held = edge.held_at.map(Position::of_location);
        let held = held.map_or_else(|| "an unknown place".to_owned(), |p| p.to_string());
        let next = named(next);
        let wait = edge.wait_at.map(Position::of_location);
        let at = wait.map_or_else(String::new, |p| format!(" at {p}"));
        let what = match (edge.wants, edge.ahead) {
            (WaitTarget::End, _) => format!("its tasks, of which {next} is one"),
            (WaitTarget::Thing(kind), _) if kind.is_join() => {
                format!("the end of {next}, started at {held}")
            }
            (WaitTarget::Thing(kind), _) if kind.is_channel() => {
                format!(
                    "the {}, whose other end {next} last used at {held}",
                    noun(kind)
                )
            }
            (WaitTarget::Thing(ResourceKind::Token), _) => {
                format!("the cancellation token, a clone of which {next} last used at {held}")
            }
            (WaitTarget::Thing(kind), true) => {
                format!(
                    "the {}, for which {next} waits first, at {held}",
                    noun(kind)
                )
            }
            (WaitTarget::Thing(kind), false) => {
                format!("the {}, which {next} took at {held}", noun(kind))
            }
        };
        format!("{} waits{at} for {what}", named(&edge.waiter))
    };
    capped(cycle.iter().enumerate().map(edge).collect())
}

/// What the parties do not say.
fn why(blockage: &Blockage) -> Vec<String> {
    let text = match blockage.cause {
        Some(Cause::NotifiedTooEarly) => match blockage.resource.kind {
            ResourceKind::Condvar => {
                "nobody has notified it since the wait began; what came before is not stored"
            }
            _ => "it was notified by `notify_waiters` before the wait began; that is not stored",
        },
        Some(Cause::NeverSignalled) => match blockage.resource.kind {
            ResourceKind::Token => "it was never cancelled",
            _ => "it was never notified",
        },
        Some(Cause::TooFew) => match blockage.resource.kind {
            ResourceKind::Barrier => "it waits for more tasks than are left to come",
            _ => "it asks for more permits than there are",
        },
        Some(Cause::LostMessage) => {
            let at = blockage.lost_at.map(Position::of_location);
            let at = at.map_or_else(String::new, |p| format!(" at {p}"));
            return vec![format!(
                "what this task sent{at}, before the wait began, was lost: nobody was left to receive it"
            )];
        }
        _ => return Vec::new(),
    };
    vec![text.to_owned()]
}

/// What to do about it, naming the user's own line.
pub(crate) fn remedy(blockage: &Blockage, here: &Position) -> Option<String> {
    let line = |at: CallSite| Position::of_location(at).seen_from(here);
    let wait = line(blockage.wait.at);
    if blockage.cause == Some(Cause::GrantedButNotPolled) {
        let put_aside = line(blockage.parties.first()?.at?);
        return Some(format!(
            "the future of {put_aside} has the lock and is not polled: drop it, or await it, before {wait} locks"
        ));
    }
    let lock = blockage
        .cycle
        .iter()
        .find(|e| e.wants.is_lock() && !e.ahead);
    if let Some((edge, wait_at)) = lock.and_then(|e| Some((e, e.wait_at?))) {
        let (taken, wait) = (line(edge.held_at?), line(wait_at));
        return Some(match blockage.cycle.as_slice() {
            [_] => format!("release the lock taken at {taken} before {wait} takes it again"),
            all if all.iter().all(|e| e.wants.is_lock() && !e.ahead) => format!(
                "take the locks in the same order everywhere, or release the one taken at {taken} before its holder waits"
            ),
            _ => format!("release the lock taken at {taken} before its holder waits"),
        });
    }
    let used = blockage.parties.first().and_then(|p| p.at).map(line)?;
    match blockage.wait.operation {
        Operation::Receive | Operation::Changed => Some(match blockage.resource.kind {
            ResourceKind::Oneshot => format!(
                "send the value that {wait} waits for, or drop its sender, last used at {used}"
            ),
            _ => format!("drop the sender when all is sent: the one last used at {used} lives"),
        }),
        Operation::Send => Some(format!(
            "receive until the channel is closed, or drop the receiver last used at {used}"
        )),
        _ => None,
    }
}
