//! What is known of one task that should have ended.

use crate::clock::Instant;
use crate::fact::cause::{Blockage, Prospect};
use crate::fact::id::TaskKind;
use crate::fact::kind::Operation;
use crate::fact::task::{PendingWaits, ProbeOutcome, TaskFacts, TaskState};
use crate::stack::Class;
use crate::vocabulary::{Code, Verdict};
use std::time::Duration;

/// How long a poll must last to be called busy for certain. A shorter one began after the first look, so that its task
/// goes on, or the system may have suspended its thread.
pub(crate) const LONG_POLL: Duration = Duration::from_secs(1);

/// How long a poll must last to keep its executor busy.
pub(crate) const BUSY_POLL: Duration = Duration::from_millis(50);

/// The verdict on a task that is alive at `now`.
pub(crate) fn verdict(task: &TaskFacts, now: Instant) -> Verdict {
    let since = now.since(task.since());
    match (&task.answer, task.state) {
        (_, TaskState::NeverPolled | TaskState::NotBegun) => Verdict::NeverBegun(since),
        (ProbeOutcome::Pending(waits), _) if goes_on(waits) => Verdict::Running,
        // Its executor has not polled it since the probe: it is polled again and again, or the machine is busy. In the
        // first poll it is the latter, and the coarse time may have stood still.
        (ProbeOutcome::NoResponse, TaskState::Polling { .. })
            if since < BUSY_POLL && task.polls > 1 =>
        {
            Verdict::Running
        }
        // A task that responded and is polled right now may be responding to another probe.
        (ProbeOutcome::NotProbed | ProbeOutcome::NoResponse, TaskState::Polling { .. }) => {
            Verdict::Busy(since)
        }
        (ProbeOutcome::Pending(waits), _) if waits.registered == 0 => Verdict::Stuck,
        (ProbeOutcome::Pending(waits), _) => {
            let timed = |class| matches!(class, Class::Timer | Class::Io);
            if waits.stacks.iter().any(|s| timed(s.wait().class())) {
                Verdict::TimerOrIo(since)
            } else {
                Verdict::Blocked(since)
            }
        }
        _ => Verdict::Blocked(since),
    }
}

/// Whether it only yielded.
pub(crate) fn goes_on(waits: &PendingWaits) -> bool {
    waits.woke_itself > 0
        || waits
            .stacks
            .iter()
            .any(|s| s.wait().class() == Class::Yield)
}

/// The code that describes a verdict on a task of this kind best.
pub(crate) fn code(kind: TaskKind, verdict: Verdict) -> Code {
    match (kind, verdict) {
        (TaskKind::Blocking | TaskKind::Thread | TaskKind::SyncCall, _) => Code::LeakedThread,
        (_, Verdict::Stuck) => Code::StuckTask,
        (_, Verdict::Busy(time)) if time >= LONG_POLL => Code::BusyExecutor,
        _ => Code::LeakedTask,
    }
}

/// The code for a task with a known wait on a channel or lock, if that tells more than that the task lives.
pub(crate) fn code_of_wait(blockage: &Blockage, verdict: Verdict) -> Option<Code> {
    match (verdict, blockage.wait.operation) {
        (Verdict::Blocked(_), _) if !blockage.cycle.is_empty() => Some(Code::Deadlock),
        (Verdict::Blocked(_), _) if blockage.prospect == Prospect::MayBeWoken => None,
        (Verdict::Blocked(_), Operation::Receive | Operation::Changed) => {
            Some(Code::AbandonedReceiver)
        }
        (Verdict::Blocked(_), Operation::Send) => Some(Code::ForgottenSender),
        _ => None,
    }
}
