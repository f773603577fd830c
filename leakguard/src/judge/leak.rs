//! The findings of a scope at its timeout and at its limit, and of tasks that panicked.

use crate::clock::Instant;
use crate::fact::cause::Blockage;
use crate::fact::finding::Finding;
use crate::fact::id::TaskKind;
use crate::fact::story::{GrowthStory, SpinStory};
use crate::fact::subject::{
    CallProblem, CallSubject, Condition, DeadlockSubject, GrowthSubject, Subject, TaskGroup,
    TaskProblem, TaskSubject,
};
use crate::fact::task::{ProbeOutcome, ScopeFacts, TaskFacts};
use crate::judge::derive::{add_rest, derive};
use crate::judge::foremost;
use crate::judge::graph::Graph;
use crate::judge::verdict::{WaitProblem, condition, problem, wait_problem};
use crate::record::event::Event;
use crate::vocabulary::{Cause, Code, Verdict};
use std::sync::Arc;

/// One finding for each task that is alive though its scope's limit has passed.
pub(crate) fn leaks(
    scope: &ScopeFacts,
    tasks: &[TaskFacts],
    graph: &Graph<'_>,
    now: Instant,
) -> Vec<Finding> {
    let alive = tasks.iter().filter(|t| !t.kind.is_call());
    alive
        .filter(|t| !matches!(t.answer, ProbeOutcome::Ended))
        .map(|t| leak(scope, t, graph, now))
        .collect()
}

pub(super) fn leak(
    scope: &ScopeFacts,
    task: &TaskFacts,
    graph: &Graph<'_>,
    now: Instant,
) -> Finding {
    let subject = match graph.spin(task) {
        Some(spin) => task_subject(
            TaskProblem::Spins(Box::new(spin)),
            condition(task, now),
            spinning(task, &spin),
            None,
        ),
        None => waiting(task, graph, now),
    };
    Finding { subject, scope: Some(scope.clone()), now }
}

fn waiting(task: &TaskFacts, graph: &Graph<'_>, now: Instant) -> Subject {
    let blockage = graph.blockage(task).map(Arc::new);
    let (condition, wait) = of_wait(task, blockage.as_deref(), graph.is_call_asleep(), now);
    let placed = placed(task, condition, blockage.as_deref());
    let problem = match (wait, &blockage) {
        (Some(WaitProblem::Deadlock), Some(blockage)) => {
            return deadlock(placed, blockage.clone(), now, Vec::new());
        }
        (Some(WaitProblem::Receives), _) => TaskProblem::Receives,
        (Some(WaitProblem::Sends), _) => TaskProblem::Sends,
        _ => match problem(task.kind, condition) {
            TaskProblem::Alive { .. } => alive(task, condition, graph),
            other => other,
        },
    };
    let mut subject = task_subject(problem, condition, placed, blockage);
    if let (Subject::Task(subject), Condition::Stuck) = (&mut subject, condition) {
        subject.closed = graph.ended(task).map(Box::new);
    }
    subject
}

/// A task that should have ended, and of which nothing more is known, unless a token or a channel tells the reason.
fn alive(task: &TaskFacts, condition: Condition, graph: &Graph<'_>) -> TaskProblem {
    let begun = !matches!(condition, Condition::NeverBegun(_));
    match graph.ignored(task).filter(|_| begun) {
        Some(token) => TaskProblem::IgnoresToken(Box::new(token)),
        None => TaskProblem::Alive { unheard: graph.unheard(task) },
    }
}

fn task_subject(
    problem: TaskProblem,
    condition: Condition,
    task: TaskFacts,
    blockage: Option<Arc<Blockage>>,
) -> Subject {
    Subject::Task(Box::new(TaskSubject {
        problem,
        condition,
        tasks: TaskGroup::one(task),
        blockage,
        behind: Vec::new(),
        closed: None,
        cell: None,
    }))
}

fn deadlock(
    waiter: TaskFacts,
    blockage: Arc<Blockage>,
    now: Instant,
    beside: Vec<TaskFacts>,
) -> Subject {
    let since = match blockage.wait.thread {
        Some(_) => blockage.wait.since,
        None => waiter.since(),
    };
    Subject::Deadlock(Box::new(DeadlockSubject {
        beside,
        ..DeadlockSubject::new(waiter, blockage, now.since(since))
    }))
}

/// A busy loop is at the operation on the closed channel, whatever the task awaited last.
fn spinning(task: &TaskFacts, spin: &SpinStory) -> TaskFacts {
    TaskFacts { wait_at: Some(spin.at()), ..task.clone() }
}

/// The condition of a task, and the problem with its wait where that is known and tells more. `asleep` tells whether its
/// call and all around it sleep.
fn of_wait(
    task: &TaskFacts,
    blockage: Option<&Blockage>,
    asleep: bool,
    now: Instant,
) -> (Condition, Option<WaitProblem>) {
    let plain = condition(task, now);
    let Some(blockage) = blockage else {
        return (plain, None);
    };
    if blockage.wait.thread.is_none() {
        let better = wait_problem(blockage, plain);
        return (plain, better.filter(|_| task.kind.is_polled()));
    }
    // Its thread is blocked as a whole. To its executor the task is busy.
    let blocked = Condition::Blocked(now.since(blockage.wait.since));
    // That it is a thread tells more than what it waits on, unless only the thread itself could end the wait.
    let certain = task.kind.is_polled() || !blockage.cycle.is_empty() || blockage.own || asleep;
    match wait_problem(blockage, blocked).filter(|_| certain) {
        None if task.kind.is_polled() => (plain, None),
        better => (blocked, better),
    }
}

/// Where a thread is blocked as a whole, only the wait knows the place. Of several waits, the one that is known comes
/// first.
fn placed(task: &TaskFacts, condition: Condition, blockage: Option<&Blockage>) -> TaskFacts {
    let blocked = blockage.filter(|_| matches!(condition, Condition::Blocked(_)));
    let wait = blocked.map(|b| &b.wait).filter(|w| w.thread.is_some());
    let mut placed = TaskFacts { wait_at: wait.map(|w| w.at).or(task.wait_at), ..task.clone() };
    if let Some(blockage) = blockage {
        foremost::put_first(&mut placed, &blockage.wait, &blockage.resource);
    }
    placed
}

/// The function itself is still running at its timeout. The finding holds its call and the tasks that live in its scope.
pub(crate) fn overrun(
    scope: &ScopeFacts,
    tasks: &[TaskFacts],
    graph: &Graph<'_>,
    now: Instant,
) -> Option<Finding> {
    let alive = tasks.iter().filter(|t| !matches!(t.answer, ProbeOutcome::Ended));
    let (calls, beside): (Vec<_>, Vec<_>) =
        alive.cloned().partition(|t| t.kind.is_call() && t.scope == Some(scope.id));
    let call = calls.into_iter().next()?;
    // If the call returned during the probe, it was late. Where it waited is only known if it responded before.
    if scope.returned.is_some() && call.stacks().is_empty() {
        return None;
    }
    let subject = match graph.spin(&call) {
        Some(spin) => Subject::Call(Box::new(CallSubject {
            problem: CallProblem::Spins(Box::new(spin)),
            condition: condition(&call, now),
            call: spinning(&call, &spin),
            beside,
            blockage: None,
            closed: None,
        })),
        None => waiting_call(call, beside, graph, now),
    };
    Some(Finding { subject, scope: Some(scope.clone()), now })
}

fn waiting_call(
    call: TaskFacts,
    beside: Vec<TaskFacts>,
    graph: &Graph<'_>,
    now: Instant,
) -> Subject {
    let blockage = graph.blockage(&call).map(Arc::new);
    // A function that only takes long gets no other code, unless its wait certainly never ends.
    let is_certain =
        |b: &Blockage| !b.cycle.is_empty() || graph.is_asleep() || b.own && graph.is_alone(&call);
    let certain = blockage.as_deref().filter(|b| is_certain(b));
    let known = match call.kind.is_polled() {
        true => certain,
        false => blockage.as_deref(),
    };
    let (condition, wait) = of_wait(&call, known, false, now);
    let wait = wait.filter(|_| certain.is_some());
    let closed = Some(&call).filter(|_| condition == Condition::Stuck);
    let closed = closed.and_then(|call| graph.ended(call)).map(Box::new);
    let call = placed(&call, condition, blockage.as_deref());
    let problem = match (wait, &blockage) {
        (Some(WaitProblem::Deadlock), Some(blockage)) => {
            return deadlock(call, blockage.clone(), now, beside);
        }
        (Some(WaitProblem::Receives), _) => CallProblem::Receives,
        (Some(WaitProblem::Sends), _) => CallProblem::Sends,
        _ => CallProblem::Overruns,
    };
    Subject::Call(Box::new(CallSubject { problem, condition, call, beside, blockage, closed }))
}

/// A function that still runs at the end of a test, in a task that leakguard did not see start. `tasks` are those inside
/// its scope.
pub(crate) fn outlives_test(
    scope: &ScopeFacts,
    tasks: &[TaskFacts],
    graph: &Graph<'_>,
    now: Instant,
) -> Option<Finding> {
    let mut finding = overrun(scope, tasks, graph, now)?;
    if let Subject::Call(call) = &mut finding.subject
        && matches!(call.problem, CallProblem::Overruns)
    {
        call.problem = CallProblem::OutlivesTest;
    }
    Some(finding)
}

/// What is certain of the tasks of an overrun, which no later limit could make more certain: deadlocks, busy loops on a
/// closed channel, and blocking calls that keep the function from returning because it drops their runtime.
pub(crate) fn certain(
    scope: &ScopeFacts,
    tasks: &[TaskFacts],
    graph: &Graph<'_>,
    now: Instant,
) -> Vec<Finding> {
    let held_up = tasks.iter().any(|task| shuts_down(scope, task));
    let is_certain = |f: &Finding| {
        matches!(f.code(), Code::Deadlock | Code::SpinOnClosed)
            || graph.is_asleep() && is_root(f)
            || held_up && is_busy_blocking(f)
    };
    let mut all = derive(leaks(scope, tasks, graph, now), graph, is_certain);
    all.retain(is_certain);
    all
}

/// The deadlocks of a scope in which nothing can go on, that of its call among them. All else waits behind them.
pub(crate) fn deadlocks(
    scope: &ScopeFacts,
    tasks: &[TaskFacts],
    graph: &Graph<'_>,
    now: Instant,
) -> Vec<Finding> {
    let call = overrun(scope, tasks, graph, now);
    let mut all: Vec<_> = call.into_iter().collect();
    all.extend(leaks(scope, tasks, graph, now));
    let is_deadlock = |f: &Finding| f.code() == Code::Deadlock;
    let mut all = derive(all, graph, is_deadlock);
    all.retain(is_deadlock);
    add_rest(&mut all, tasks);
    all
}

/// Whether it tells why a task sleeps, and not only that it waits for another.
fn is_root(finding: &Finding) -> bool {
    let known = matches!(
        finding.cause(),
        Some(Cause::NeverSignalled | Cause::NotifiedTooEarly | Cause::TooFew)
    );
    known || matches!(finding.code(), Code::AbandonedReceiver | Code::ForgottenSender)
}

fn is_busy_blocking(finding: &Finding) -> bool {
    let is_blocking = |task: &TaskFacts| task.kind == TaskKind::Blocking;
    finding.task().is_some_and(is_blocking) && matches!(finding.verdict(), Verdict::Busy(_))
}

/// Whether it is the call of `scope`, and waits in the drop of a runtime.
fn shuts_down(scope: &ScopeFacts, task: &TaskFacts) -> bool {
    let drops = || {
        task.native()
            .is_some_and(|stack| stack.wait() == crate::vocabulary::WaitKind::RuntimeShutdown)
    };
    task.kind.is_call() && task.scope == Some(scope.id) && drops()
}

/// The function returned after its timeout, before it could be probed.
pub(crate) fn late(scope: &ScopeFacts, now: Instant) -> Finding {
    let call = TaskFacts::of_call(scope);
    Finding {
        subject: Subject::Call(Box::new(CallSubject {
            problem: CallProblem::Late(
                scope.returned.map_or(now, |(at, _)| at).since(scope.entered),
            ),
            condition: condition(&call, now),
            call,
            beside: Vec::new(),
            blockage: None,
            closed: None,
        })),
        scope: Some(scope.clone()),
        now,
    }
}

/// The function of a test is over, and `call` is what its thread does instead of ending.
pub(crate) fn unended(
    scope: ScopeFacts,
    call: TaskFacts,
    beside: Vec<TaskFacts>,
    now: Instant,
) -> Finding {
    Finding {
        subject: Subject::Call(Box::new(CallSubject {
            problem: CallProblem::Unended,
            condition: Condition::Busy(now.since(call.since())),
            call,
            beside,
            blockage: None,
            closed: None,
        })),
        scope: Some(scope),
        now,
    }
}

/// The number of live tasks of one spawn only grows. `None` if none of the probed tasks is alive.
pub(crate) fn growth(tasks: Vec<TaskFacts>, story: GrowthStory, now: Instant) -> Option<Finding> {
    let mut alive = tasks.into_iter().filter(|t| !matches!(t.answer, ProbeOutcome::Ended));
    let first = alive.next()?;
    Some(Finding {
        subject: Subject::Growth(Box::new(GrowthSubject {
            story,
            condition: condition(&first, now),
            tasks: TaskGroup { first, more: alive.collect() },
        })),
        scope: None,
        now,
    })
}

/// Something happened once to a task.
pub(crate) fn event(
    scope: Option<ScopeFacts>,
    task: TaskFacts,
    event: Event,
    now: Instant,
) -> Finding {
    let problem = match event {
        Event::Panicked(panic) => TaskProblem::Panicked(panic),
        Event::IgnoredStop => TaskProblem::IgnoresStop,
        Event::WokenByAsk { idle, .. } => TaskProblem::LostWakeup(idle),
        Event::WasBusy(poll) => TaskProblem::WasBusy(poll.time),
    };
    let condition = match problem {
        TaskProblem::WasBusy(time) => Condition::Busy(time),
        _ => condition(&task, now),
    };
    Finding { subject: task_subject(problem, condition, task, None), scope, now }
}
