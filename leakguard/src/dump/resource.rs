//! Channels and locks: a block for each, or one with a count for those created at one place.

use super::Dump;
use super::name::TaskNames;
use super::words::{counts, free, purpose, words};
use crate::clock::Instant;
use crate::fact::kind::ResourceKind;
use crate::fact::resource::{
    Detail, EndpointFacts, HoldFacts, JoinedFacts, NotifyFacts, ResourceFacts, SetFacts, WaitFacts,
};
use crate::time::readable;
use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

/// Maximum number of endpoints, holders and waits that the folded form shows of one channel or lock.
const SHOWN: usize = 8;

/// Every channel and lock, those with waiting tasks first.
pub(super) fn write(f: &mut Formatter<'_>, dump: &Dump, names: &TaskNames<'_>) -> fmt::Result {
    let mut all: Vec<&ResourceFacts> = dump.resources.iter().collect();
    all.sort_by_key(|r| (r.waits.is_empty(), r.began, r.id));
    if f.alternate() {
        return write_folded(f, dump, names, &all);
    }
    all.into_iter().try_for_each(|r| write_one(f, names, r, dump.now, usize::MAX))
}

/// The one with the most waiting tasks stands for all that were created at one place.
fn write_folded(
    f: &mut Formatter<'_>,
    dump: &Dump,
    names: &TaskNames<'_>,
    all: &[&ResourceFacts],
) -> fmt::Result {
    let mut alike: BTreeMap<_, Vec<&ResourceFacts>> = BTreeMap::new();
    for resource in all {
        let created = resource.created;
        let place = (created.file(), created.line(), created.column());
        alike.entry((resource.waits.is_empty(), place, resource.kind)).or_default().push(resource);
    }
    for group in alike.values() {
        if let [_, _, ..] = group.as_slice() {
            write!(f, "{} alike, such as: ", group.len())?;
        }
        if let Some(most) = group.iter().max_by_key(|r| r.waits.len()) {
            write_one(f, names, most, dump.now, SHOWN)?;
        }
    }
    Ok(())
}

fn write_one(
    f: &mut Formatter<'_>,
    names: &TaskNames<'_>,
    resource: &ResourceFacts,
    now: Instant,
    most: usize,
) -> fmt::Result {
    write!(f, "{} created at {}", words(resource), resource.created)?;
    if resource.outside {
        f.write_str(", partly unwatched")?;
    }
    match &resource.detail {
        Detail::Channel(channel) => {
            writeln!(f, ": {}", counts(channel))?;
            write_ends(f, names, "sender", &channel.senders, most)?;
            write_ends(f, names, "receiver", &channel.receivers, most)?;
        }
        Detail::Lock(lock) => {
            writeln!(f, "{}", if lock.holds.is_empty() { free(resource, lock) } else { "" })?;
            write_holds(f, names, &lock.holds, now, most)?;
        }
        Detail::Notify(notices) if resource.kind == ResourceKind::Condvar => {
            writeln!(f)?;
            write_notices(f, names, notices, now)?;
        }
        Detail::Join(threads) => {
            writeln!(f)?;
            write_joined(f, names, threads, most)?;
        }
        Detail::Set(set) => write_set(f, set, now)?,
        Detail::Value(_) | Detail::Notify(_) | Detail::Token(_) | Detail::Plain => writeln!(f)?,
    }
    write_waits(f, names, &resource.waits, now, most)?;
    writeln!(f)
}

fn write_ends(
    f: &mut Formatter<'_>,
    names: &TaskNames<'_>,
    side: &str,
    ends: &[EndpointFacts],
    most: usize,
) -> fmt::Result {
    if ends.is_empty() {
        return writeln!(f, "    no {side}");
    }
    for end in ends.iter().take(most) {
        let (at, by) = (end.last_at.unwrap_or(end.created), names.of(end.last_task));
        match (end.handed, end.is_unused()) {
            (true, _) => writeln!(f, "    {side}, given to {by} at {at}, not used since")?,
            (false, true) => writeln!(f, "    {side}, created by {by} at {at}, never used")?,
            (false, false) => writeln!(f, "    {side}, last used by {by} at {at}")?,
        }
    }
    more(f, ends.len(), most, side)
}

fn write_holds(
    f: &mut Formatter<'_>,
    names: &TaskNames<'_>,
    holds: &[HoldFacts],
    now: Instant,
    most: usize,
) -> fmt::Result {
    for hold in holds.iter().take(most) {
        let at = hold.at.map_or_else(String::new, |at| format!(", acquired at {at}"));
        let (by, time) = (names.of(hold.task), readable(now.since(hold.since)));
        writeln!(f, "    held by {by}{at}, for {time}")?;
    }
    more(f, holds.len(), most, "holder")
}

fn write_waits(
    f: &mut Formatter<'_>,
    names: &TaskNames<'_>,
    waits: &[WaitFacts],
    now: Instant,
    most: usize,
) -> fmt::Result {
    for wait in waits.iter().take(most) {
        let (waiter, time) = (waiter(names, wait), readable(now.since(wait.since)));
        let what = purpose(wait.operation);
        writeln!(f, "    {waiter} waits {what} at {}, for {time}", wait.at)?;
    }
    more(f, waits.len(), most, "waiter")
}

/// The last `notify_one` and the last `notify_all` of a condvar.
fn write_notices(
    f: &mut Formatter<'_>,
    names: &TaskNames<'_>,
    notices: &NotifyFacts,
    now: Instant,
) -> fmt::Result {
    let marks = [("notify_one", notices.one), ("notify_all", notices.waiters)];
    if marks.iter().all(|(_, mark)| mark.is_none()) {
        return writeln!(f, "    never notified");
    }
    for (name, mark) in marks {
        let Some(mark) = mark else { continue };
        let at = mark.at.map_or_else(String::new, |at| format!(" at {at}"));
        let (by, time) = (names.of(mark.task), readable(now.since(mark.when)));
        writeln!(f, "    last {name} by {by}{at}, {time} ago")?;
    }
    Ok(())
}

fn write_joined(
    f: &mut Formatter<'_>,
    names: &TaskNames<'_>,
    threads: &[JoinedFacts],
    most: usize,
) -> fmt::Result {
    for thread in threads.iter().take(most) {
        let name = names.of(Some(thread.task));
        writeln!(f, "    {name}, spawned at {}, alive", thread.started)?;
    }
    more(f, threads.len(), most, "thread")
}

/// How many of its tasks have ended and were not joined, and when one was joined last. Its live tasks are among the tasks
/// of the dump.
fn write_set(f: &mut Formatter<'_>, set: &SetFacts, now: Instant) -> fmt::Result {
    let (unjoined, most) = (set.unjoined, set.most);
    let tasks = set.len();
    let noun = if tasks == 1 { "task" } else { "tasks" };
    write!(f, ": {tasks} {noun}, {unjoined} ended and not joined, at most {most}")?;
    if let Some(at) = set.spawned.and_then(|mark| mark.at) {
        write!(f, "; last spawned at {at}")?;
    }
    let Some(joined) = set.joined else {
        return writeln!(f, "; last joined never");
    };
    let at = joined.at.map_or_else(String::new, |at| format!(" at {at}"));
    writeln!(f, "; last joined{at}, {} ago", readable(now.since(joined.when)))
}

fn waiter(names: &TaskNames<'_>, wait: &WaitFacts) -> String {
    match (&wait.thread, wait.task) {
        (Some(thread), None) => format!("thread \"{thread}\""),
        _ => names.of(wait.task),
    }
}

fn more(f: &mut Formatter<'_>, count: usize, most: usize, what: &str) -> fmt::Result {
    match count.saturating_sub(most) {
        0 => Ok(()),
        1 => writeln!(f, "    … and 1 more {what}"),
        more => writeln!(f, "    … and {more} more {what}s"),
    }
}
