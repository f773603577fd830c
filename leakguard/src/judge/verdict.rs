//! What is known of one task that should have ended.

use crate::clock::Instant;
use crate::fact::cause::{Blockage, Prospect};
use crate::fact::finding::{Code, Verdict};
use crate::fact::id::TaskKind;
use crate::fact::kind::Operation;
use crate::fact::task::{PendingWaits, ProbeOutcome, TaskFacts, TaskState};
use crate::stack::Class;
use std::time::Duration;

/// One poll that lasts so long is no accident of a loaded machine. A shorter one was not there yet at the first look, so
/// that its task goes on, as one that spins does, and may only have been put aside by the system.
pub(crate) const LONG_POLL: Duration = Duration::from_secs(1);

/// A poll that is shorter keeps no executor busy.
const LONG: Duration = Duration::from_millis(50);

/// The verdict on a task that is alive at `now`.
pub(crate) fn verdict(task: &TaskFacts, now: Instant) -> Verdict {
    let since = now.since(task.since());
    match (&task.answer, task.state) {
        (_, TaskState::NeverPolled | TaskState::NotBegun) => Verdict::NeverBegun(since),
        (ProbeOutcome::Pending(waits), _) if goes_on(waits) => Verdict::Running,
        // Its executor has not come to the question: it is polled again and again, or the machine is busy. In its first
        // poll it is the latter, and the time of the machine may have stood still.
        (ProbeOutcome::NoResponse, TaskState::Polling { .. }) if since < LONG && task.polls > 1 => {
            Verdict::Running
        }
        // One that answered and is polled right now may be answering somebody else.
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

/// Whether it only let others go first.
pub(crate) fn goes_on(waits: &PendingWaits) -> bool {
    waits.woke_itself > 0
        || waits
            .stacks
            .iter()
            .any(|s| s.wait().class() == Class::Yield)
}

/// The code that says a verdict on a task of this kind best.
pub(crate) fn code(kind: TaskKind, verdict: Verdict) -> Code {
    match (kind, verdict) {
        (TaskKind::Blocking | TaskKind::Thread | TaskKind::SyncCall, _) => Code::LeakedThread,
        (_, Verdict::Stuck) => Code::StuckTask,
        (_, Verdict::Busy(time)) if time >= LONG_POLL => Code::BusyExecutor,
        _ => Code::LeakedTask,
    }
}

/// The code for a task of which it is known on which channel or lock it waits, if that says more than that it lives.
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
