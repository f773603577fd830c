//! The findings of a scope at its timeout and at its limit, and of tasks that panicked.

use crate::clock::Moment;
use crate::judge::verdict::{code, verdict};
use crate::record::event::Event;
use crate::record::facts::{Answer, ScopeFacts, TaskFacts};
use crate::record::finding::{Code, Finding, Verdict};

/// One finding for each task that is alive though its scope's limit has passed.
pub(crate) fn leaks(scope: &ScopeFacts, tasks: Vec<TaskFacts>, now: Moment) -> Vec<Finding> {
    let alive = tasks.into_iter().filter(|t| !t.kind.is_call());
    alive
        .filter(|t| !matches!(t.answer, Answer::Ended))
        .map(|t| leak(scope, t, now))
        .collect()
}

fn leak(scope: &ScopeFacts, task: TaskFacts, now: Moment) -> Finding {
    let verdict = verdict(&task, now);
    Finding {
        code: code(task.kind, verdict),
        verdict,
        scope: Some(scope.clone()),
        tasks: vec![task],
        now,
    }
}

/// The function itself is still running at its timeout. The finding lists its call first, then
/// what lives in its scope.
pub(crate) fn overrun(scope: &ScopeFacts, tasks: Vec<TaskFacts>, now: Moment) -> Option<Finding> {
    let (mut calls, others): (Vec<_>, Vec<_>) = tasks
        .into_iter()
        .partition(|t| t.kind.is_call() && t.scope == Some(scope.id));
    // The call may have ended while it was asked: then it was late, and the limit judges the rest.
    calls.retain(|c| !matches!(c.answer, Answer::Ended));
    let call = calls.into_iter().next()?;
    let verdict = verdict(&call, now);
    let mut tasks = vec![call];
    tasks.extend(
        others
            .into_iter()
            .filter(|t| !matches!(t.answer, Answer::Ended)),
    );
    Some(Finding {
        code: Code::Overrun,
        verdict,
        tasks,
        scope: Some(scope.clone()),
        now,
    })
}

/// The function returned after its timeout, before anybody could look at it.
pub(crate) fn late(scope: &ScopeFacts, now: Moment) -> Finding {
    Finding {
        code: Code::Overrun,
        verdict: Verdict::Late(now.since(scope.entered)),
        tasks: vec![TaskFacts::of_call(scope)],
        scope: Some(scope.clone()),
        now,
    }
}

/// Something happened once to a task.
pub(crate) fn event(
    scope: Option<ScopeFacts>,
    task: TaskFacts,
    event: Event,
    now: Moment,
) -> Finding {
    let (code, verdict) = match event {
        Event::Panicked => (Code::SwallowedPanic, Verdict::Panicked),
        Event::WokenByAsk { idle, .. } => (Code::LostWakeup, Verdict::WakeupLost(idle)),
    };
    Finding {
        code,
        verdict,
        tasks: vec![task],
        scope,
        now,
    }
}
