//! What is known of one task that should have ended.

use crate::clock::Instant;
use crate::fact::cause::{Blockage, Prospect};
use crate::fact::id::TaskKind;
use crate::fact::kind::Operation;
use crate::fact::subject::{Condition, TaskProblem};
use crate::fact::task::{PendingWaits, ProbeOutcome, TaskFacts, TaskState};
use crate::stack::Class;
use std::time::Duration;

/// How long a poll must last to be called busy for certain. A shorter one began after the first look, so that its task
/// goes on, or the system may have suspended its thread.
pub(crate) const LONG_POLL: Duration = Duration::from_secs(1);

/// How long a poll must last to keep its executor busy.
pub(crate) const BUSY_POLL: Duration = Duration::from_millis(50);

/// How a task is that is alive at `now`.
pub(crate) fn condition(task: &TaskFacts, now: Instant) -> Condition {
    let since = now.since(task.since());
    match (&task.answer, task.state) {
        (_, TaskState::NeverPolled | TaskState::NotBegun) => Condition::NeverBegun(since),
        (ProbeOutcome::Pending(waits), _) if goes_on(waits) => Condition::Running,
        // Its executor has not polled it since the probe: it is polled again and again, or the machine is busy. In the
        // first poll it is the latter, and the coarse time may have stood still.
        (ProbeOutcome::NoResponse, TaskState::Polling { .. })
            if since < BUSY_POLL && task.polls > 1 =>
        {
            Condition::Running
        }
        // A task that responded and is polled right now may be responding to another probe.
        (ProbeOutcome::NotProbed | ProbeOutcome::NoResponse, TaskState::Polling { .. }) => {
            Condition::Busy(since)
        }
        (ProbeOutcome::Pending(waits), _) if waits.registered == 0 => Condition::Stuck,
        (ProbeOutcome::Pending(waits), _) => {
            let timed = |class| matches!(class, Class::Timer | Class::Io);
            if waits.stacks.iter().any(|s| timed(s.wait().class())) {
                Condition::TimerOrIo(since)
            } else {
                Condition::Blocked(since)
            }
        }
        _ => Condition::Blocked(since),
    }
}

/// Whether it only yielded.
pub(crate) fn goes_on(waits: &PendingWaits) -> bool {
    waits.woke_itself > 0 || waits.stacks.iter().any(|s| s.wait().class() == Class::Yield)
}

/// The problem of a task of this kind that should have ended.
pub(crate) fn problem(kind: TaskKind, condition: Condition) -> TaskProblem {
    match (kind, condition) {
        (TaskKind::Blocking | TaskKind::Thread | TaskKind::SyncCall, _) => TaskProblem::Thread,
        (_, Condition::Stuck) => TaskProblem::Stuck,
        (_, Condition::Busy(time)) if time >= LONG_POLL => TaskProblem::Busy,
        _ => TaskProblem::Alive { unheard: None },
    }
}

/// The problem with a wait on a channel or lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitProblem {
    Deadlock,
    Receives,
    Sends,
}

/// The problem with a known wait, if that tells more than that the task lives.
pub(crate) fn wait_problem(blockage: &Blockage, condition: Condition) -> Option<WaitProblem> {
    match (condition, blockage.wait.operation) {
        (Condition::Blocked(_), _) if !blockage.cycle.is_empty() => Some(WaitProblem::Deadlock),
        (Condition::Blocked(_), _) if blockage.prospect == Prospect::MayBeWoken => None,
        (Condition::Blocked(_), Operation::Receive | Operation::Changed) => {
            Some(WaitProblem::Receives)
        }
        (Condition::Blocked(_), Operation::Send) => Some(WaitProblem::Sends),
        _ => None,
    }
}
