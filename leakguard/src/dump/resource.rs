//! Channels and locks: a block for each, or one with a count for those created at one place.

use super::Dump;
use crate::clock::Instant;
use crate::fact::id::{TaskId, TaskKind};
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::{
    ChannelFacts, Detail, EndpointFacts, HoldFacts, JoinedFacts, LockFacts, NotifyFacts,
    ResourceFacts, SetFacts, WaitFacts,
};
use crate::fact::task::TaskFacts;
use crate::report::noun;
use crate::time::readable;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Formatter};

/// Maximum number of endpoints, holders and waits that the folded form shows of one channel or lock.
const SHOWN: usize = 8;

/// The tasks of a dump, by which others are named.
pub(super) struct TaskNames<'a> {
    tasks: &'a [TaskFacts],
    /// Rarely needed, and large.
    kinds: OnceCell<HashMap<TaskId, TaskKind>>,
}

impl<'a> TaskNames<'a> {
    pub(super) fn of_tasks(tasks: &'a [TaskFacts]) -> Self {
        TaskNames { tasks, kinds: OnceCell::new() }
    }

    /// What `task` is, if the dump has it.
    pub(super) fn kind(&self, task: TaskId) -> Option<TaskKind> {
        let kinds = || self.tasks.iter().map(|t| (t.id, t.kind)).collect();
        self.kinds.get_or_init(kinds).get(&task).copied()
    }

    pub(super) fn of(&self, task: Option<TaskId>) -> String {
        let Some(id) = task else {
            return "a thread outside every task".to_owned();
        };
        // A task that has ended is not in the dump. Most of these were no threads.
        match self.kind(id) {
            Some(kind) => format!("{} {id}", noun::kind(kind, 1)),
            None => format!("task {id}, which has ended"),
        }
    }
}

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

/// The words for a lock without holders.
fn free(resource: &ResourceFacts, lock: &LockFacts) -> &'static str {
    if resource.kind.blocks() || resource.waits.is_empty() || lock.unheld() == 0 {
        return ": free";
    }
    ": granted to the first waiter, which has not been polled since"
}

fn words(resource: &ResourceFacts) -> String {
    if let Detail::Value(type_name) = resource.detail {
        return format!("value of type {type_name}");
    }
    let capacity = resource.capacity.map_or_else(String::new, |c| format!(", capacity {c}"));
    let kind = match resource.kind {
        ResourceKind::Mpsc => "mpsc channel",
        ResourceKind::UnboundedMpsc => "unbounded mpsc channel",
        ResourceKind::Oneshot => return "oneshot channel".to_owned(),
        ResourceKind::Broadcast => "broadcast channel",
        ResourceKind::Watch => return "watch channel".to_owned(),
        ResourceKind::Mutex => return "mutex".to_owned(),
        ResourceKind::RwLock => return "rwlock".to_owned(),
        ResourceKind::StdMutex => "std mutex",
        ResourceKind::StdRwLock => "std rwlock",
        ResourceKind::ParkingMutex => "parking_lot mutex",
        ResourceKind::ParkingRwLock => "parking_lot rwlock",
        ResourceKind::Condvar => "condvar",
        ResourceKind::Join => "join of threads",
        ResourceKind::JoinTask => "join of a task",
        ResourceKind::JoinSet => "join set",
        ResourceKind::Semaphore => "semaphore",
        ResourceKind::Notify => "notify",
        ResourceKind::Barrier => "barrier",
        ResourceKind::OnceCell => "once cell",
        ResourceKind::SetOnce => "set-once",
        ResourceKind::Token => "cancellation token",
        ResourceKind::Value => "value",
    };
    format!("{kind}{capacity}")
}

fn counts(channel: &ChannelFacts) -> String {
    let lost = match channel.lost {
        0 => String::new(),
        lost => format!(", {lost} lost"),
    };
    format!(
        "{} queued, at most {}, {} sent, {} received{lost}",
        channel.depth, channel.high, channel.sent, channel.received
    )
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
        let at = end.last_at.unwrap_or(end.created);
        writeln!(f, "    {side}, last used by {} at {at}", names.of(end.last_task))?;
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
    let Some(taken) = set.joined else {
        return writeln!(f, "; last joined never");
    };
    let at = taken.at.map_or_else(String::new, |at| format!(" at {at}"));
    writeln!(f, "; last joined{at}, {} ago", readable(now.since(taken.when)))
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

fn purpose(operation: Operation) -> &'static str {
    match operation {
        Operation::Receive => "to receive",
        Operation::Send => "to send",
        Operation::Closed => "for the other half to be dropped",
        Operation::Changed => "for a change",
        Operation::Lock => "to lock",
        Operation::Read | Operation::ReadRecursive => "to read",
        Operation::Upgradable => "to read upgradably",
        Operation::Upgrade => "to upgrade",
        Operation::Write => "to write",
        Operation::Acquire => "for permits",
        Operation::Notified => "to be notified",
        Operation::Barrier => "for the others",
        Operation::Init => "for the value",
        Operation::Cancelled => "for the cancellation",
        Operation::Join => "for their end",
    }
}
