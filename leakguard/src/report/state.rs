//! What a task does, in a few words.

use crate::clock::Instant;
use crate::fact::task::{NativeStack, PendingWaits, ProbeOutcome, TaskFacts, TaskState};
use crate::judge::verdict::BUSY_POLL;
use crate::stack::thread::Missing;
use crate::stack::{Frame, Stack};
use crate::vocabulary::WaitKind;

/// Such as `mpsc receive`, `never polled` or `busy`.
pub(crate) fn words(task: &TaskFacts, now: Instant) -> String {
    match (&task.answer, task.state) {
        (ProbeOutcome::Pending(waits), TaskState::Idle { .. }) => wait(waits),
        _ => match blocked_in(task) {
            Some(words) => format!("{}, in {words}", plain(task, now)),
            None => plain(task, now).to_owned(),
        },
    }
}

/// What blocks the thread that polls it, if that is known.
pub(crate) fn blocked_in(task: &TaskFacts) -> Option<&'static str> {
    let wait = task.native()?.wait();
    (wait != WaitKind::Running).then(|| wait.words())
}

/// Why the stack of the thread that polls it is not known.
pub(crate) fn missing(task: &TaskFacts) -> Option<&'static str> {
    let NativeStack::Missing(why) = task.native else {
        return None;
    };
    Some(match why {
        Missing::NoResponse => "its thread did not respond to its signal",
        Missing::NoSignal => "no signal is free to probe its thread",
        Missing::OutOfReach => "its thread could not be reached",
        Missing::Unsupported => "this build captures no stacks of threads",
    })
}

/// The same without what it waits for, and empty for a task that waits.
pub(crate) fn plain(task: &TaskFacts, now: Instant) -> &'static str {
    match (&task.answer, task.state) {
        (ProbeOutcome::Ended, _) => "ended",
        (_, TaskState::NeverPolled) => "never polled",
        (_, TaskState::NotBegun) => "waits for a thread",
        (_, TaskState::Polling { since })
            if task.kind.is_polled() && now.since(since) >= BUSY_POLL =>
        {
            "busy"
        }
        (_, TaskState::Polling { .. }) => "running",
        (ProbeOutcome::Pending(_), TaskState::Idle { .. }) => "",
        (ProbeOutcome::NoResponse, TaskState::Idle { .. }) => "no response",
        (ProbeOutcome::NotProbed, TaskState::Idle { .. }) => "idle",
    }
}

/// What it waits for, without repeating itself when a `join!` waits for several of a kind.
fn wait(waits: &PendingWaits) -> String {
    match waits.stacks.as_slice() {
        [] if waits.registered == 0 => "no waker".to_owned(),
        [] => "async wait".to_owned(),
        [one] => one.wait().to_string(),
        many => format!("waits at {} places", many.len()),
    }
}

/// The frames that are shown.
pub(crate) fn shown(stack: &Stack, all: bool) -> Vec<&Frame> {
    if all { stack.frames().iter().collect() } else { stack.user_frames().collect() }
}

/// How many tasks leakguard does not watch.
pub(crate) fn unseen(count: usize) -> String {
    let live = if count == 1 { "task lives" } else { "tasks live" };
    format!(
        "{count} more {live} on this runtime unwatched \
         (spawned by libraries or by functions without an attribute)"
    )
}

/// What `name` leaves behind that leakguard did not see start.
pub(crate) fn unseen_in(name: &str, count: usize) -> String {
    let still = if count == 1 { "task still runs" } else { "tasks still run" };
    format!(
        "{count} {still} here at the end of `{name}` that leakguard did not see start: annotate the functions that \
         spawn them, or their module, with `#[leakguard::track]`"
    )
}
