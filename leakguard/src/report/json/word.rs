//! What a machine reads for a variant. These words are part of the schema, and those of reports are not.

use crate::fact::cause::{Identity, Trace};
use crate::fact::id::{Ending, Role, TaskKind};
use crate::fact::kind::Operation;
use crate::fact::task::{ProbeOutcome, TaskFacts, TaskState};
use crate::stack::FrameOrigin;
use crate::vocabulary::{Cause, Verdict};
use std::time::Duration;

pub(super) fn kind(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Async => "task",
        TaskKind::Blocking => "blocking",
        TaskKind::Thread => "thread",
        TaskKind::Call => "call",
        TaskKind::SyncCall => "sync_call",
    }
}

pub(super) fn state(task: &TaskFacts) -> &'static str {
    match (&task.answer, task.state) {
        (ProbeOutcome::Ended, _) => "ended",
        (_, TaskState::NeverPolled) => "never_polled",
        (_, TaskState::NotBegun) => "not_begun",
        (_, TaskState::Polling { .. }) => "running",
        (ProbeOutcome::NoResponse, TaskState::Idle { .. }) => "no_response",
        (_, TaskState::Idle { .. }) => "waiting",
    }
}

/// The word, and the time that the verdict has.
pub(super) fn verdict(verdict: Verdict) -> (&'static str, Option<Duration>) {
    match verdict {
        Verdict::Stuck => ("stuck", None),
        Verdict::Blocked(time) => ("blocked", Some(time)),
        Verdict::TimerOrIo(time) => ("timer_or_io", Some(time)),
        Verdict::Running => ("running", None),
        Verdict::Busy(time) => ("busy", Some(time)),
        Verdict::WasBusy(time) => ("was_busy", Some(time)),
        Verdict::NeverBegun(time) => ("never_begun", Some(time)),
        Verdict::WakeupLost(time) => ("wakeup_lost", Some(time)),
        Verdict::Late(time) => ("late", Some(time)),
        Verdict::Panicked => ("panicked", None),
        Verdict::Happened(time) => ("happened", Some(time)),
    }
}

pub(super) fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::HeldByItself => "held_by_itself",
        Cause::HeldByAnother => "held_by_another",
        Cause::HeldOutside => "held_outside",
        Cause::LeftBehind => "left_behind",
        Cause::Cycle => "cycle",
        Cause::GrantedButNotPolled => "granted_but_not_polled",
        Cause::NotifiedTooEarly => "notified_too_early",
        Cause::NeverSignalled => "never_signalled",
        Cause::TooFew => "too_few",
        Cause::LostMessage => "lost_message",
    }
}

pub(super) fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Receive => "receive",
        Operation::Send => "send",
        Operation::Closed => "closed",
        Operation::Changed => "changed",
        Operation::Lock => "lock",
        Operation::Read => "read",
        Operation::ReadRecursive => "read_recursive",
        Operation::Upgradable => "upgradable",
        Operation::Upgrade => "upgrade",
        Operation::Write => "write",
        Operation::Acquire => "acquire",
        Operation::Notified => "notified",
        Operation::Barrier => "barrier",
        Operation::Init => "init",
        Operation::Cancelled => "cancelled",
        Operation::Join => "join",
    }
}

pub(super) fn identity(identity: &Identity) -> &'static str {
    match identity {
        Identity::Itself => "itself",
        Identity::Task(_) => "task",
        Identity::Returned => "returned",
        Identity::Ended => "ended",
        Identity::Unwatched => "unwatched",
    }
}

pub(super) fn trace(trace: Trace) -> &'static str {
    match trace {
        Trace::Used => "used",
        Trace::Created => "created",
        Trace::Moved => "moved",
        Trace::Queued(_) => "queued",
        Trace::Requested => "requested",
    }
}

pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Call => "call",
        Role::Main => "main",
        Role::Collect => "test",
        Role::Owner => "owner",
        Role::Root => "runtime",
    }
}

pub(super) fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Returned | Ending::Left => "returned",
        Ending::Panicked => "panicked",
        Ending::Cancelled => "dropped",
    }
}

pub(super) fn origin(origin: FrameOrigin) -> &'static str {
    match origin {
        FrameOrigin::User => "user",
        FrameOrigin::Library => "library",
        FrameOrigin::Runtime => "runtime",
    }
}
