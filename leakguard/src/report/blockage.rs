//! The channel or lock that a task waits on, in words: what it is, who could end the wait, the cycle of a deadlock.

use crate::clock::Moment;
use crate::fact::cause::{Blockage, Cause, Edge, Named, Party, Wants, Who};
use crate::fact::finding::Finding;
use crate::fact::kind::Kind;
use crate::fact::kind::Operation;
use crate::fact::resource::{ChannelFacts, Detail, LockFacts};
use crate::report::note::{Note, capped};
use crate::report::point::Point;
use crate::report::state;
use crate::report::words;
use crate::time::readable;

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

pub(crate) fn notes(finding: &Finding) -> Vec<Note> {
    let Some(blockage) = finding.blockage.as_deref() else {
        return Vec::new();
    };
    let mut all = vec![(word(blockage), vec![resource(blockage)])];
    if blockage.cycle.len() > 1 {
        all.push(("cycle", cycle(blockage)));
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
        Kind::Mutex | Kind::RwLock => "lock",
        kind if kind.blocks() => "lock",
        Kind::Condvar => "condvar",
        Kind::Join | Kind::JoinTask => "join",
        Kind::JoinSet => "set",
        Kind::Semaphore => "permits",
        Kind::Token => "token",
        Kind::Barrier => "barrier",
        Kind::Notify => "notify",
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
pub(crate) fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Mpsc => "mpsc",
        Kind::UnboundedMpsc => "unbounded mpsc",
        Kind::Oneshot => "oneshot",
        Kind::Broadcast => "broadcast",
        Kind::Watch => "watch",
        Kind::Mutex => "mutex",
        Kind::RwLock => "rwlock",
        Kind::Semaphore => "semaphore",
        Kind::Notify => "notify",
        Kind::Barrier => "barrier",
        Kind::OnceCell => "once cell",
        Kind::SetOnce => "set-once cell",
        Kind::Token => "cancellation token",
        Kind::Value => "value",
        Kind::StdMutex => "std mutex",
        Kind::StdRwLock => "std rwlock",
        Kind::ParkingMutex => "parking_lot mutex",
        Kind::ParkingRwLock => "parking_lot rwlock",
        Kind::Condvar => "condvar",
        Kind::Join => "thread",
        Kind::JoinTask => "task",
        Kind::JoinSet => "join set",
    }
}

fn resource(blockage: &Blockage) -> String {
    let resource = &blockage.resource;
    let capacity = resource.capacity.filter(|_| resource.kind.is_channel());
    let capacity = capacity.map_or_else(String::new, |c| format!(", capacity {c}"));
    let made = Point::of_location(resource.made);
    let counts = match &resource.detail {
        Detail::Channel(channel) => channel_counts(channel, resource.kind),
        Detail::Lock(lock) if resource.kind == Kind::Semaphore => permits(lock),
        _ => String::new(),
    };
    format!("{}{capacity}, made at {made}{counts}", noun(resource.kind))
}

fn channel_counts(channel: &ChannelFacts, kind: Kind) -> String {
    match kind {
        Kind::Watch | Kind::Oneshot => String::new(),
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
    let at = party.at.map(Point::of_location);
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

fn ago(since: Moment, now: Moment) -> String {
    format!(", {} ago", readable(now.since(since)))
}

fn who(who: &Who, finding: &Finding) -> String {
    match who {
        Who::Itself if finding.task().kind.is_call() => {
            format!("`{}` itself", words::function(finding))
        }
        Who::Itself => "the waiting task itself".to_owned(),
        Who::Task(task) => named(task),
        Who::Returned => format!("`{}`, which has returned,", words::function(finding)),
        Who::Ended => "a task that has ended".to_owned(),
        Who::Unwatched => "code outside of every watched task".to_owned(),
    }
}

/// `task 7 of src/pool.rs:27`, by the number it has in dumps.
pub(crate) fn named(task: &Named) -> String {
    if task.kind.is_call() {
        return format!("`{}`", task.site.function());
    }
    let (kind, at) = (state::kind(task.kind, 1), task.site.location());
    format!("{kind} {} of {}:{}", task.id, at.file(), at.line())
}

/// Each edge in one line: who waits where for what, and where the next one took that.
fn cycle(blockage: &Blockage) -> Vec<String> {
    let cycle = &blockage.cycle;
    let edge = |(at, edge): (usize, &Edge)| {
        let next = &cycle[(at + 1) % cycle.len()].waiter;
        let held = edge.held_at.map(Point::of_location);
        let held = held.map_or_else(|| "an unknown place".to_owned(), |p| p.to_string());
        let next = named(next);
        let wait = edge.wait_at.map(Point::of_location);
        let at = wait.map_or_else(String::new, |p| format!(" at {p}"));
        let what = match (edge.wants, edge.ahead) {
            (Wants::End, _) => format!("its tasks, of which {next} is one"),
            (Wants::Thing(kind), _) if kind.is_join() => {
                format!("the end of {next}, started at {held}")
            }
            (Wants::Thing(kind), _) if kind.is_channel() => {
                format!(
                    "the {}, whose other end {next} last used at {held}",
                    noun(kind)
                )
            }
            (Wants::Thing(Kind::Token), _) => {
                format!("the cancellation token, a clone of which {next} last used at {held}")
            }
            (Wants::Thing(kind), true) => {
                format!(
                    "the {}, for which {next} waits first, at {held}",
                    noun(kind)
                )
            }
            (Wants::Thing(kind), false) => {
                format!("the {}, which {next} took at {held}", noun(kind))
            }
        };
        format!("{} waits{at} for {what}", named(&edge.waiter))
    };
    cycle.iter().enumerate().map(edge).collect()
}

/// What the parties do not say.
fn why(blockage: &Blockage) -> Vec<String> {
    let text = match blockage.cause {
        Some(Cause::NotifiedTooEarly) => match blockage.resource.kind {
            Kind::Condvar => {
                "nobody has notified it since the wait began; what came before is not stored"
            }
            _ => "it was notified by `notify_waiters` before the wait began; that is not stored",
        },
        Some(Cause::NeverSignalled) => match blockage.resource.kind {
            Kind::Token => "it was never cancelled",
            _ => "it was never notified",
        },
        Some(Cause::TooFew) => match blockage.resource.kind {
            Kind::Barrier => "it waits for more tasks than are left to come",
            _ => "it asks for more permits than there are",
        },
        Some(Cause::LostMessage) => {
            let at = blockage.lost_at.map(Point::of_location);
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
pub(crate) fn remedy(blockage: &Blockage, here: &Point) -> Option<String> {
    let line = |at: &'static std::panic::Location<'static>| Point::of_location(at).seen_from(here);
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
            Kind::Oneshot => format!(
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
