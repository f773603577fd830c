//! How certain a finding is, from what its subject has.

use crate::fact::cause::{Blockage, Prospect};
use crate::fact::finding::Finding;
use crate::fact::subject::{CallProblem, Condition, Subject, TaskProblem};
use crate::vocabulary::Certainty;

impl Finding {
    /// How certain it is that what was found is more than late.
    pub fn certainty(&self) -> Certainty {
        match &self.subject {
            Subject::Task(task) => of_task(&task.problem, task.condition, task.blockage.as_deref()),
            Subject::Call(call) => of_call(&call.problem, call.condition, call.blockage.as_deref()),
            Subject::Deadlock(deadlock) => of_wait(&deadlock.blockage),
            // A number that has only grown so far may fall.
            Subject::Growth(_) | Subject::Unreaped(_) => Certainty::Likely,
            Subject::Channel(_) => Certainty::Certain,
            // What keeps it is not known.
            Subject::Value(_) => Certainty::Possible,
        }
    }
}

fn of_task(problem: &TaskProblem, condition: Condition, wait: Option<&Blockage>) -> Certainty {
    match problem {
        TaskProblem::Stuck | TaskProblem::Spins(_) | TaskProblem::WasBusy(_) => Certainty::Certain,
        // It lived on only because leakguard waited for it.
        TaskProblem::Panicked(Some(panic)) if panic.after.is_some() => Certainty::Likely,
        TaskProblem::Panicked(_) => Certainty::Certain,
        TaskProblem::Receives | TaskProblem::Sends => of_known_wait(wait),
        TaskProblem::IgnoresToken(token) if !token.is_sure => Certainty::Possible,
        // It may still end, and it was to end at once.
        TaskProblem::IgnoresToken(_) | TaskProblem::IgnoresStop => Certainty::Likely,
        // A wakeup may have been under way.
        TaskProblem::LostWakeup(_) => Certainty::Likely,
        TaskProblem::Alive { .. } | TaskProblem::Thread | TaskProblem::Busy => {
            of_condition(condition, wait)
        }
    }
}

fn of_call(problem: &CallProblem, condition: Condition, wait: Option<&Blockage>) -> Certainty {
    match problem {
        CallProblem::Late(_) | CallProblem::Spins(_) => Certainty::Certain,
        CallProblem::Receives | CallProblem::Sends => of_known_wait(wait),
        CallProblem::Overruns | CallProblem::Unended | CallProblem::OutlivesTest => {
            of_condition(condition, wait)
        }
    }
}

/// A task that has not ended may end, unless its wait tells that it cannot.
fn of_condition(condition: Condition, wait: Option<&Blockage>) -> Certainty {
    match (condition, wait) {
        (Condition::Stuck, _) => Certainty::Certain,
        (Condition::Blocked(_), Some(wait)) => of_wait(wait),
        _ => Certainty::Possible,
    }
}

/// Such a problem is found only where no task or thread is known that could end the wait.
fn of_known_wait(wait: Option<&Blockage>) -> Certainty {
    wait.map_or(Certainty::Likely, of_wait).max(Certainty::Likely)
}

fn of_wait(wait: &Blockage) -> Certainty {
    match wait.prospect {
        Prospect::Stuck => Certainty::Certain,
        Prospect::NoKnownWaker => Certainty::Likely,
        Prospect::MayBeWoken => Certainty::Possible,
    }
}
