//! What is known of one task that should have ended.

use crate::clock::Moment;
use crate::record::facts::{Answer, State, TaskFacts, Waits};
use crate::record::finding::{Code, Verdict};
use crate::record::id::TaskKind;
use crate::stack::Class;

/// The verdict on a task that is alive at `now`.
pub(crate) fn verdict(task: &TaskFacts, now: Moment) -> Verdict {
    let since = now.since(task.since());
    match (&task.answer, task.state) {
        (_, State::NeverPolled | State::NotBegun) => Verdict::NeverBegun(since),
        (Answer::Waits(waits), _) if goes_on(waits) => Verdict::Running,
        // One that answered and is polled right now may be answering somebody else.
        (Answer::NotAsked | Answer::Silent, State::Polling { .. }) => Verdict::Busy(since),
        (Answer::Waits(waits), _) if waits.registered == 0 => Verdict::Stuck,
        (Answer::Waits(waits), _) => {
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
pub(crate) fn goes_on(waits: &Waits) -> bool {
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
        (_, Verdict::Busy(_)) => Code::BusyExecutor,
        _ => Code::LeakedTask,
    }
}
