//! The findings of a scope at its timeout and at its limit, and of tasks that panicked.

use crate::clock::Instant;
use crate::fact::cause::Blockage;
use crate::fact::finding::Finding;
use crate::fact::id::TaskKind;
use crate::fact::story::{GrowthStory, SpinStory, Story};
use crate::fact::task::{ProbeOutcome, ScopeFacts, TaskFacts};
use crate::judge::graph::Graph;
use crate::judge::verdict::{code, code_of_wait, verdict};
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

fn leak(scope: &ScopeFacts, task: &TaskFacts, graph: &Graph<'_>, now: Instant) -> Finding {
    if let Some(spin) = graph.spin(task) {
        return turning(scope, vec![task.clone()], spin, now);
    }
    let blockage = graph.blockage(task);
    let (verdict, better) = of_wait(task, blockage.as_ref(), now);
    let known = better.unwrap_or_else(|| code(task.kind, verdict));
    let begun = !matches!(verdict, Verdict::NeverBegun(_));
    let token = (known == Code::LeakedTask && begun).then(|| graph.ignored(task));
    let token = token.flatten();
    let unheard = (known == Code::LeakedTask).then(|| graph.unheard(task));
    let story = match token {
        Some(token) => Some(Story::Token(Arc::new(token))),
        None => unheard.flatten().map(Story::Unheard),
    };
    Finding {
        code: token.map_or(known, |_| Code::IgnoredCancellation),
        verdict,
        scope: Some(scope.clone()),
        tasks: vec![placed(task, verdict, blockage.as_ref())],
        now,
        blockage: blockage.map(Arc::new),
        story,
    }
}

/// The first of `tasks` turns round on a closed channel: that says more than that it runs, or keeps its executor busy.
fn turning(
    scope: &ScopeFacts,
    mut tasks: Vec<TaskFacts>,
    spin: SpinStory,
    now: Instant,
) -> Finding {
    let verdict = verdict(&tasks[0], now);
    // Where its stack does not say where it is, it is there, whatever it awaited last.
    tasks[0].wait_at = Some(spin.at());
    Finding {
        code: Code::SpinOnClosed,
        verdict,
        tasks,
        scope: Some(scope.clone()),
        now,
        blockage: None,
        story: Some(Story::Spin(Arc::new(spin))),
    }
}

/// The verdict on a task, and the code for what it waits on where that is known and says more.
fn of_wait(task: &TaskFacts, blockage: Option<&Blockage>, now: Instant) -> (Verdict, Option<Code>) {
    let plain = verdict(task, now);
    let Some(blockage) = blockage else {
        return (plain, None);
    };
    if blockage.wait.thread.is_none() {
        let better = code_of_wait(blockage, plain);
        return (plain, better.filter(|_| task.kind.is_polled()));
    }
    // Its thread waits as a whole: it is busy to its executor, and blocked to who knows on what.
    let blocked = Verdict::Blocked(now.since(blockage.wait.since));
    // That it is a thread says more than on what it waits, unless nobody but itself could end that.
    let certain = task.kind.is_polled() || !blockage.cycle.is_empty() || blockage.own;
    match code_of_wait(blockage, blocked).filter(|_| certain) {
        None if task.kind.is_polled() => (plain, None),
        better => (blocked, better),
    }
}

/// Where a thread waits as a whole, only what it waits on knows the place.
fn placed(task: &TaskFacts, verdict: Verdict, blockage: Option<&Blockage>) -> TaskFacts {
    let blocked = blockage.filter(|_| matches!(verdict, Verdict::Blocked(_)));
    let wait = blocked.map(|b| &b.wait).filter(|w| w.thread.is_some());
    TaskFacts {
        wait_at: wait.map(|w| w.at).or(task.wait_at),
        ..task.clone()
    }
}

/// The function itself is still running at its timeout. The finding lists its call first, then
/// what lives in its scope.
pub(crate) fn overrun(
    scope: &ScopeFacts,
    tasks: &[TaskFacts],
    graph: &Graph<'_>,
    now: Instant,
) -> Option<Finding> {
    let (mut calls, others): (Vec<_>, Vec<_>) = tasks
        .iter()
        .cloned()
        .partition(|t| t.kind.is_call() && t.scope == Some(scope.id));
    // The call may have ended while it was asked: then it was late, and the limit judges the rest.
    calls.retain(|c| !matches!(c.answer, ProbeOutcome::Ended));
    let call = calls.into_iter().next()?;
    let others = others
        .into_iter()
        .filter(|t| !matches!(t.answer, ProbeOutcome::Ended));
    if let Some(spin) = graph.spin(&call) {
        let tasks = [call].into_iter().chain(others).collect();
        return Some(turning(scope, tasks, spin, now));
    }
    let blockage = graph.blockage(&call);
    // A function that only takes long is nobody's deadlock: another code is for what is certain.
    let is_certain =
        |b: &Blockage| !b.cycle.is_empty() || graph.is_asleep() || b.own && graph.is_alone(&call);
    let certain = blockage.as_ref().filter(|b| is_certain(b));
    let told = match call.kind.is_polled() {
        true => certain,
        false => blockage.as_ref(),
    };
    let (verdict, better) = of_wait(&call, told, now);
    let better = better.filter(|_| certain.is_some());
    let mut tasks = vec![placed(&call, verdict, blockage.as_ref())];
    tasks.extend(others);
    Some(Finding {
        code: better.unwrap_or(Code::Overrun),
        verdict,
        tasks,
        scope: Some(scope.clone()),
        now,
        blockage: blockage.map(Arc::new),
        story: None,
    })
}

/// What is certain of the tasks of an overrun: no limit that is still to pass could make it surer, nor will a channel on
/// which one turns round ever be open again. So it is with blocking calls that keep the function from returning, as they do where it drops their runtime.
pub(crate) fn certain(
    scope: &ScopeFacts,
    tasks: &[TaskFacts],
    graph: &Graph<'_>,
    now: Instant,
) -> Vec<Finding> {
    let mut all = leaks(scope, tasks, graph, now);
    let held_up = tasks.iter().any(|task| shuts_down(scope, task));
    all.retain(|f| {
        matches!(f.code, Code::Deadlock | Code::SpinOnClosed)
            || graph.is_asleep() && is_root(f)
            || held_up
                && f.task().kind == TaskKind::Blocking
                && matches!(f.verdict, Verdict::Busy(_))
    });
    all
}

/// The deadlocks of a scope that has not come to its timeout, that of its call among them.
pub(crate) fn deadlocks(
    scope: &ScopeFacts,
    tasks: &[TaskFacts],
    graph: &Graph<'_>,
    now: Instant,
) -> Vec<Finding> {
    let call = overrun(scope, tasks, graph, now);
    let mut all: Vec<_> = call.into_iter().collect();
    all.extend(leaks(scope, tasks, graph, now));
    all.retain(|f| f.code == Code::Deadlock);
    all
}

/// Whether it says why a task sleeps, and not only that it waits for another.
fn is_root(finding: &Finding) -> bool {
    let known = matches!(
        finding.cause(),
        Some(Cause::NeverSignalled | Cause::NotifiedTooEarly | Cause::TooFew)
    );
    known
        || matches!(
            finding.code,
            Code::AbandonedReceiver | Code::ForgottenSender
        )
}

/// Whether it is the call of `scope` and drops a runtime, which waits.
fn shuts_down(scope: &ScopeFacts, task: &TaskFacts) -> bool {
    let drops = || {
        task.native()
            .is_some_and(|stack| stack.wait() == crate::vocabulary::WaitKind::RuntimeShutdown)
    };
    task.kind.is_call() && task.scope == Some(scope.id) && drops()
}

/// The function returned after its timeout, before anybody could look at it.
pub(crate) fn late(scope: &ScopeFacts, now: Instant) -> Finding {
    Finding {
        code: Code::Overrun,
        verdict: Verdict::Late(now.since(scope.entered)),
        tasks: vec![TaskFacts::of_call(scope)],
        scope: Some(scope.clone()),
        now,
        blockage: None,
        story: None,
    }
}

/// Of the tasks of one spawn, of which there are ever more; `None` if none of those asked is alive.
pub(crate) fn growth(tasks: Vec<TaskFacts>, story: GrowthStory, now: Instant) -> Option<Finding> {
    let alive = tasks
        .into_iter()
        .filter(|t| !matches!(t.answer, ProbeOutcome::Ended));
    let tasks: Vec<_> = alive.collect();
    Some(Finding {
        code: Code::GrowingTasks,
        verdict: verdict(tasks.first()?, now),
        tasks,
        scope: None,
        now,
        blockage: None,
        story: Some(Story::Growth(Arc::new(story))),
    })
}

/// Something happened once to a task.
pub(crate) fn event(
    scope: Option<ScopeFacts>,
    task: TaskFacts,
    event: Event,
    now: Instant,
) -> Finding {
    let (code, verdict) = match event {
        Event::Panicked => (Code::SwallowedPanic, Verdict::Panicked),
        Event::IgnoredStop => (Code::IgnoredCancellation, verdict(&task, now)),
        Event::WokenByAsk { idle, .. } => (Code::LostWakeup, Verdict::WakeupLost(idle)),
    };
    Finding {
        code,
        verdict,
        tasks: vec![task],
        scope,
        now,
        blockage: None,
        story: None,
    }
}
