//! What was known of a task or a scope at one instant.

use crate::clock::Instant;
use crate::fact::id::{Ending, Role, ScopeId, TaskId, TaskKind, WakerMark};
use crate::fact::observed::ObservedFacts;
use crate::fact::options::Rule;
use crate::fact::renewed_sleep::RenewedSleep;
use crate::journal::TestName;
use crate::site::{CallSite, Site};
use crate::stack::Stack;
use crate::stack::thread::Missing;
use crate::vocabulary::WaitKind;
use std::sync::Arc;
use std::time::Duration;

/// What a task did at that instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskState {
    /// Spawned, and not polled yet.
    NeverPolled,
    /// A closure that waits for a thread.
    NotBegun,
    /// Inside a poll or a call.
    Polling {
        since: Instant,
    },
    Idle {
        since: Instant,
    },
}

/// How it responded to a probe for the place where it waits.
#[derive(Clone, Debug)]
pub(crate) enum ProbeOutcome {
    NotProbed,
    /// No response came in time.
    NoResponse,
    /// It ended, on its own or in the poll that responded.
    Ended,
    /// A probed poll returned `Pending`.
    Pending(PendingWaits),
}

/// The stack of the thread that is inside it.
#[derive(Clone, Debug)]
pub(crate) enum NativeStack {
    NotProbed,
    Captured(Arc<Stack>),
    Missing(Missing),
}

/// What a poll that returned `Pending` showed.
#[derive(Clone, Debug)]
pub(crate) struct PendingWaits {
    /// One stack for each leaf that kept a waker.
    pub(crate) stacks: Vec<Arc<Stack>>,
    /// The number of wakers that were kept. There may be fewer stacks.
    pub(crate) registered: usize,
    /// How often it woke itself.
    pub(crate) woke_itself: usize,
    /// When that poll began.
    pub(crate) began: Instant,
    /// How many tasks its runtime had then, if it has one.
    pub(crate) beside: Option<usize>,
}

/// One task at one instant.
#[derive(Clone, Debug)]
pub(crate) struct TaskFacts {
    pub(crate) id: TaskId,
    pub(crate) kind: TaskKind,
    pub(crate) name: &'static str,
    /// The type of its future or closure.
    pub(crate) future: &'static str,
    pub(crate) site: &'static Site,
    /// The next older record of the same future, which stands for this one.
    pub(crate) inner: Option<TaskId>,
    /// Where helpers wrapped the future again, the first one first.
    pub(crate) through: Vec<&'static Site>,
    pub(crate) parent: Option<TaskId>,
    pub(crate) scope: Option<ScopeId>,
    pub(crate) began: Instant,
    pub(crate) polls: u64,
    pub(crate) state: TaskState,
    pub(crate) wait_at: Option<CallSite>,
    /// The waker of its last pending poll.
    pub(crate) waker: WakerMark,
    pub(crate) background: bool,
    /// Its handle was discarded where it was spawned.
    pub(crate) detached: bool,
    /// The thread that is inside it now.
    pub(crate) thread: Option<String>,
    pub(crate) native: NativeStack,
    pub(crate) answer: ProbeOutcome,
}

impl TaskFacts {
    /// The function that the type of its future names: `start` of `pool::start::{{closure}}::{{closure}}`. For an `async` block
    /// or a closure, that is the function around it.
    pub(crate) fn function(&self) -> Option<&'static str> {
        let path = self.future.split(['<', '{', ' ']).next()?.strip_suffix("::")?;
        let is_closure = self.future[path.len()..].starts_with("::{{closure}}");
        path.rsplit("::").next().filter(|_| is_closure)
    }

    /// The call of a scope whose own record is gone.
    pub(crate) fn of_call(scope: &ScopeFacts) -> Self {
        TaskFacts {
            id: scope.id.0,
            kind: TaskKind::Call,
            name: "",
            future: "",
            site: scope.site,
            inner: None,
            through: Vec::new(),
            parent: None,
            scope: Some(scope.id),
            began: scope.entered,
            polls: 0,
            state: TaskState::Idle { since: scope.entered },
            wait_at: None,
            waker: WakerMark::UNKNOWN,
            background: false,
            detached: false,
            thread: None,
            native: NativeStack::NotProbed,
            answer: ProbeOutcome::Ended,
        }
    }

    /// When it entered its present state.
    pub(crate) fn since(&self) -> Instant {
        match self.state {
            TaskState::NeverPolled | TaskState::NotBegun => self.began,
            TaskState::Polling { since } | TaskState::Idle { since } => since,
        }
    }

    /// Whether its thread prints a panic. Mostly the task ends then, and its panic is what there is to tell of it.
    pub(crate) fn is_panicking(&self) -> bool {
        self.native().is_some_and(|stack| stack.is_panicking())
    }

    /// The stack of the thread that is inside it, else the stacks of its response.
    pub(crate) fn stacks(&self) -> &[Arc<Stack>] {
        match (&self.native, &self.answer) {
            (NativeStack::Captured(stack), _) => std::slice::from_ref(stack),
            (_, ProbeOutcome::Pending(waits)) => &waits.stacks,
            _ => &[],
        }
    }

    /// What it waits for, if a stack shows that.
    pub(crate) fn wait(&self) -> Option<WaitKind> {
        let wait = self.stacks().first()?.wait();
        (wait != WaitKind::Running).then_some(wait)
    }

    /// Whether it was spawned on a `LocalSet`.
    pub(crate) fn is_local(&self) -> bool {
        self.site.callee().contains("spawn_local")
    }

    /// Whether it is a thread that runs tasks, inside of `block_on`.
    pub(crate) fn drives(&self) -> bool {
        self.kind == TaskKind::Thread
            && self.native().is_some_and(|stack| stack.wait() == WaitKind::BlockOn)
    }

    /// The stack of the thread that is inside it, if there is one and it responded.
    pub(crate) fn native(&self) -> Option<&Arc<Stack>> {
        match &self.native {
            NativeStack::Captured(stack) => Some(stack),
            _ => None,
        }
    }
}

/// One scope at one instant.
#[derive(Clone, Debug)]
pub(crate) struct ScopeFacts {
    pub(crate) id: ScopeId,
    pub(crate) site: &'static Site,
    pub(crate) name: &'static str,
    pub(crate) rule: Rule,
    pub(crate) entered: Instant,
    pub(crate) returned: Option<(Instant, Ending)>,
    pub(crate) role: Role,
    /// The test in which it opened.
    pub(crate) test: Option<Arc<TestName>>,
    /// How far its timeout or, after its return, its limit is extended, because the process was kept from running.
    pub(crate) extended: Duration,
    /// Its limit was reached by a paused clock.
    pub(crate) paused: bool,
    /// The scope of an `Owner`: the function or task in which the value was dropped.
    pub(crate) ended_in: Option<CallSite>,
    /// Where it created channels that are only observed. Empty unless they were looked up.
    pub(crate) observed: Vec<ObservedFacts>,
    /// The sleeps that tasks create anew, of any scope. Empty unless they were looked up.
    pub(crate) sleeps: Vec<RenewedSleep>,
}

impl ScopeFacts {
    /// The name of the scope, or of its function if it has none.
    pub(crate) fn function(&self) -> &'static str {
        match self.name {
            "" => self.site.function(),
            name => name,
        }
    }
}
