//! What a finding is about: each kind of subject with what only that kind has.

use crate::fact::cause::{Blockage, Edge};
use crate::fact::id::TaskId;
use crate::fact::story::{
    ChannelStory, GrowthStory, PanicStory, SpinStory, TokenStory, UnheardStory, UnreapedStory,
    ValueStory,
};
use crate::fact::task::TaskFacts;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) enum Subject {
    Task(Box<TaskSubject>),
    Call(Box<CallSubject>),
    Deadlock(Box<DeadlockSubject>),
    Growth(Box<GrowthSubject>),
    Channel(Arc<ChannelStory>),
    Value(ValueStory),
    Unreaped(Arc<UnreapedStory>),
}

/// How a live task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Its last poll registered no waker.
    Stuck,
    Blocked(Duration),
    TimerOrIo(Duration),
    Running,
    /// Inside one poll or one blocking call.
    Busy(Duration),
    NeverBegun(Duration),
}

/// Tasks that are alike. There is at least one.
#[derive(Clone, Debug)]
pub(crate) struct TaskGroup {
    /// It stands for all of them.
    pub(crate) first: TaskFacts,
    pub(crate) more: Vec<TaskFacts>,
}

impl TaskGroup {
    pub(crate) fn one(task: TaskFacts) -> Self {
        TaskGroup { first: task, more: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        1 + self.more.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &TaskFacts> {
        std::iter::once(&self.first).chain(&self.more)
    }

    pub(crate) fn absorb(&mut self, other: TaskGroup) {
        self.more.push(other.first);
        self.more.extend(other.more);
    }
}

/// Tasks that should have ended.
#[derive(Clone, Debug)]
pub(crate) struct TaskSubject {
    pub(crate) problem: TaskProblem,
    pub(crate) condition: Condition,
    pub(crate) tasks: TaskGroup,
    pub(crate) blockage: Option<Arc<Blockage>>,
    /// Tasks that live only because these do.
    pub(crate) behind: Vec<TaskFacts>,
    /// For a task that no waker can reach: a closed channel that it reads.
    pub(crate) closed: Option<Box<SpinStory>>,
    /// The type of a cell whose initialiser has started it. It is not known whether the cell is a static.
    pub(crate) cell: Option<&'static str>,
}

/// Why a task is reported.
#[derive(Clone, Debug)]
pub(crate) enum TaskProblem {
    /// It is still alive, possibly for a channel without receivers.
    Alive {
        unheard: Option<UnheardStory>,
    },
    /// A blocking call or a thread has not ended.
    Thread,
    Stuck,
    Busy,
    /// One of its polls took this long, and has ended.
    WasBusy(Duration),
    Receives,
    Sends,
    IgnoresToken(Box<TokenStory>),
    /// It was requested to stop through [`supervise`](crate::supervise).
    IgnoresStop,
    /// It had not been polled for this long.
    LostWakeup(Duration),
    Panicked(Option<Box<PanicStory>>),
    Spins(Box<SpinStory>),
}

impl TaskProblem {
    pub(crate) fn panic(&self) -> Option<&PanicStory> {
        match self {
            TaskProblem::Panicked(panic) => panic.as_deref(),
            _ => None,
        }
    }
}

/// A function that does not return in time, and the tasks that live beside it.
#[derive(Clone, Debug)]
pub(crate) struct CallSubject {
    pub(crate) problem: CallProblem,
    pub(crate) condition: Condition,
    pub(crate) call: TaskFacts,
    pub(crate) beside: Vec<TaskFacts>,
    pub(crate) blockage: Option<Arc<Blockage>>,
    /// For a call that no waker can reach: a closed channel that it reads.
    pub(crate) closed: Option<Box<SpinStory>>,
}

/// Why a call is reported.
#[derive(Clone, Debug)]
pub(crate) enum CallProblem {
    Overruns,
    /// It has returned this long after its entry.
    Late(Duration),
    /// It is over, and the thread of its test is not.
    Unended,
    /// It still runs at the end of its test, in a task that leakguard did not see start.
    OutlivesTest,
    Receives,
    Sends,
    Spins(Box<SpinStory>),
}

/// Tasks that wait for each other, or one that waits for itself.
#[derive(Clone, Debug)]
pub(crate) struct DeadlockSubject {
    pub(crate) waiters: TaskGroup,
    /// Deadlocks at the same lines are folded, so that there may be several.
    pub(crate) cycles: Vec<Arc<[Edge]>>,
    /// The wait of the first waiter, with the cycle from its point of view.
    pub(crate) blockage: Arc<Blockage>,
    /// How long the first waiter has waited.
    pub(crate) time: Duration,
    /// Where a call is among the waiters: what else lives in its scope.
    pub(crate) beside: Vec<TaskFacts>,
    /// Tasks and calls that wait only because these tasks do.
    pub(crate) behind: Vec<TaskFacts>,
    /// A call that waits for threads to end. It is not known which threads, so these may be among them.
    pub(crate) joiner: Option<TaskFacts>,
}

impl Subject {
    /// The list of tasks that live only because its own tasks do, where there can be some.
    pub(crate) fn behind_mut(&mut self) -> Option<&mut Vec<TaskFacts>> {
        match self {
            Subject::Task(task) => Some(&mut task.behind),
            Subject::Deadlock(deadlock) => Some(&mut deadlock.behind),
            _ => None,
        }
    }

    pub(crate) fn behind(&self) -> &[TaskFacts] {
        match self {
            Subject::Task(task) => &task.behind,
            Subject::Deadlock(deadlock) => &deadlock.behind,
            _ => &[],
        }
    }
}

impl DeadlockSubject {
    pub(crate) fn new(waiter: TaskFacts, blockage: Arc<Blockage>, time: Duration) -> Self {
        DeadlockSubject {
            cycles: vec![blockage.cycle.clone()],
            waiters: TaskGroup::one(waiter),
            blockage,
            time,
            beside: Vec::new(),
            behind: Vec::new(),
            joiner: None,
        }
    }

    /// Every task of its cycles, also those that were not judged.
    pub(crate) fn members(&self) -> BTreeSet<TaskId> {
        self.cycles.iter().flat_map(|cycle| cycle.iter()).map(|edge| edge.waiter.id).collect()
    }

    /// The oldest waiter stays first.
    pub(crate) fn absorb(&mut self, mut other: DeadlockSubject) {
        if other.waiters.first.id < self.waiters.first.id {
            std::mem::swap(self, &mut other);
        }
        self.waiters.absorb(other.waiters);
        let is_new = |cycle: &Arc<[Edge]>| !Arc::ptr_eq(cycle, &self.cycles[0]);
        self.cycles.extend(other.cycles.into_iter().filter(is_new).collect::<Vec<_>>());
        self.beside.extend(other.beside);
        self.behind.extend(other.behind);
        self.joiner = self.joiner.take().or(other.joiner);
    }
}

/// Live tasks of one spawn whose number only grows. Some of them were probed.
#[derive(Clone, Debug)]
pub(crate) struct GrowthSubject {
    pub(crate) story: GrowthStory,
    pub(crate) condition: Condition,
    pub(crate) tasks: TaskGroup,
}
