//! One thing that a judge found wrong, and its public face.

use crate::clock::Instant;
use crate::fact::cause::Blockage;
use crate::fact::id::{Role, TaskId};
use crate::fact::position::Position;
use crate::fact::subject::{
    CallProblem, CallSubject, Condition, Subject, TaskProblem, TaskSubject,
};
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::vocabulary::{Cause, Code, Verdict, WaitKind};

/// One thing that is wrong. Its `Display` is the report.
#[derive(Clone, Debug)]
pub struct Finding {
    pub(crate) subject: Subject,
    pub(crate) scope: Option<ScopeFacts>,
    /// When it was judged.
    pub(crate) now: Instant,
}

impl Finding {
    /// The stable code.
    pub fn code(&self) -> Code {
        match &self.subject {
            Subject::Task(task) => task.code(),
            Subject::Call(call) => call.code(),
            Subject::Deadlock(_) => Code::Deadlock,
            Subject::Growth(_) => Code::GrowingTasks,
            Subject::Channel(story) => story.what.code(),
            Subject::Value(_) => Code::KeptResource,
            Subject::Unreaped(_) => Code::UnreapedTasks,
        }
    }

    /// What is known of its tasks.
    pub fn verdict(&self) -> Verdict {
        match &self.subject {
            Subject::Task(task) => task.verdict(),
            Subject::Call(call) => call.verdict(),
            Subject::Deadlock(deadlock) => Verdict::Blocked(deadlock.time),
            Subject::Growth(growth) => growth.condition.into(),
            Subject::Channel(story) => Verdict::Happened(self.now.since(story.when)),
            Subject::Value(story) => Verdict::Happened(story.age),
            Subject::Unreaped(story) => Verdict::Happened(story.growth.window),
        }
    }

    /// The number of tasks it is about, at least 1. LG005 counts messages, LG006 and LG010 count channels, and LG018
    /// counts tasks that have ended.
    pub fn count(&self) -> usize {
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        match &self.subject {
            Subject::Task(task) => task.tasks.len(),
            Subject::Call(call) => 1 + call.beside.len(),
            Subject::Deadlock(deadlock) => deadlock.members().len(),
            Subject::Growth(growth) => count(growth.story.now()),
            Subject::Channel(story) if self.code() == Code::LostMessage => count(story.messages),
            Subject::Channel(story) => story.channels,
            Subject::Value(story) => story.values,
            Subject::Unreaped(story) => count(story.growth.now()),
        }
    }

    /// The place of the spawn, the function that overran, or the call that created the channel or the join set.
    pub fn site(&self) -> &'static crate::Site {
        match &self.subject {
            Subject::Task(task) => task.tasks.first.site,
            Subject::Call(call) => call.call.site,
            Subject::Deadlock(deadlock) => deadlock.waiters.first.site,
            Subject::Growth(growth) => growth.tasks.first.site,
            Subject::Channel(story) => story.channel.site,
            Subject::Value(story) => story.site,
            Subject::Unreaped(story) => story.site,
        }
    }

    /// The position where it waits, if that is known.
    ///
    /// For a channel it is the line that the finding is about: where the lost message was sent (LG005), where a receiver
    /// waited for the value (LG006), where the message was sent that was one too many (LG010).
    pub fn wait_place(&self) -> Option<Position> {
        match &self.subject {
            Subject::Channel(story) => Some(Position::of_location(story.place())),
            _ => self.task().and_then(Position::of_wait),
        }
    }

    /// What it waits for.
    pub fn wait(&self) -> Option<WaitKind> {
        self.task().and_then(TaskFacts::wait)
    }

    /// Why its wait does not end, if it waits on a type of [`leakguard::sync`](crate::sync) and that is known.
    pub fn cause(&self) -> Option<Cause> {
        self.blockage().and_then(|blockage| blockage.cause)
    }

    /// What is known of the channel or lock that its first task waits on.
    fn blockage(&self) -> Option<&Blockage> {
        match &self.subject {
            Subject::Task(task) => task.blockage.as_deref(),
            Subject::Call(call) => call.blockage.as_deref(),
            Subject::Deadlock(deadlock) => Some(&deadlock.blockage),
            _ => None,
        }
    }

    /// The innermost record that waits, for a call and for a deadlock.
    pub(crate) fn waiting_call(&self) -> Option<TaskId> {
        match self.subject {
            Subject::Call(_) | Subject::Deadlock(_) => self.blockage()?.wait.task,
            _ => None,
        }
    }

    /// The task or call that waits, the first of several. Channels, values and ended tasks have none.
    pub(crate) fn task(&self) -> Option<&TaskFacts> {
        match &self.subject {
            Subject::Task(task) => Some(&task.tasks.first),
            Subject::Call(call) => Some(&call.call),
            Subject::Deadlock(deadlock) => Some(&deadlock.waiters.first),
            Subject::Growth(growth) => Some(&growth.tasks.first),
            Subject::Channel(_) | Subject::Value(_) | Subject::Unreaped(_) => None,
        }
    }

    /// All tasks that it holds, those beside an overrun included.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = &TaskFacts> {
        let (more, beside): (&[_], &[_]) = match &self.subject {
            Subject::Task(task) => (&task.tasks.more, &[]),
            Subject::Call(call) => (&[], &call.beside),
            Subject::Deadlock(deadlock) => (&deadlock.waiters.more, &deadlock.beside),
            Subject::Growth(growth) => (&growth.tasks.more, &[]),
            Subject::Channel(_) | Subject::Value(_) | Subject::Unreaped(_) => (&[], &[]),
        };
        self.task().into_iter().chain(more).chain(beside).chain(self.subject.behind())
    }

    /// The function whose tasks they are.
    pub(crate) fn function(&self) -> &str {
        match (&self.subject, &self.scope) {
            (Subject::Channel(_), _) | (_, None) => self.site().function(),
            (_, Some(scope)) => scope.function(),
        }
    }

    /// The value that the task should have ended with.
    pub(crate) fn owner(&self) -> Option<&str> {
        let scope = self.scope.as_ref()?;
        (scope.role == Role::Owner).then(|| self.function())
    }
}

impl TaskSubject {
    fn code(&self) -> Code {
        match self.problem {
            TaskProblem::Alive { .. } => Code::LeakedTask,
            TaskProblem::Thread => Code::LeakedThread,
            TaskProblem::Stuck => Code::StuckTask,
            TaskProblem::Busy | TaskProblem::WasBusy(_) => Code::BusyExecutor,
            TaskProblem::Receives => Code::AbandonedReceiver,
            TaskProblem::Sends => Code::ForgottenSender,
            TaskProblem::IgnoresToken(_) | TaskProblem::IgnoresStop => Code::IgnoredCancellation,
            TaskProblem::LostWakeup(_) => Code::LostWakeup,
            TaskProblem::Panicked(_) => Code::SwallowedPanic,
            TaskProblem::Spins(_) => Code::SpinOnClosed,
        }
    }

    fn verdict(&self) -> Verdict {
        match self.problem {
            TaskProblem::LostWakeup(idle) => Verdict::WakeupLost(idle),
            TaskProblem::Panicked(_) => Verdict::Panicked,
            TaskProblem::WasBusy(time) => Verdict::WasBusy(time),
            _ => self.condition.into(),
        }
    }
}

impl CallSubject {
    fn code(&self) -> Code {
        match self.problem {
            CallProblem::Overruns | CallProblem::Late(_) | CallProblem::Unended => Code::Overrun,
            CallProblem::OutlivesTest => Code::LeakedTask,
            CallProblem::Receives => Code::AbandonedReceiver,
            CallProblem::Sends => Code::ForgottenSender,
            CallProblem::Spins(_) => Code::SpinOnClosed,
        }
    }

    fn verdict(&self) -> Verdict {
        match self.problem {
            CallProblem::Late(time) => Verdict::Late(time),
            _ => self.condition.into(),
        }
    }
}

impl From<Condition> for Verdict {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Stuck => Verdict::Stuck,
            Condition::Blocked(time) => Verdict::Blocked(time),
            Condition::TimerOrIo(time) => Verdict::TimerOrIo(time),
            Condition::Running => Verdict::Running,
            Condition::Busy(time) => Verdict::Busy(time),
            Condition::NeverBegun(time) => Verdict::NeverBegun(time),
        }
    }
}
