//! Reasons to judge a scope later: a loaded machine, or an inner scope that is still to be judged.

use crate::check::due::ROUNDING;
use crate::clock::{self, Instant};
use crate::fact::id::Role;
use crate::fact::task::{ProbeOutcome, TaskFacts, TaskState};
use crate::judge::verdict::{LONG_POLL, goes_on};
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use std::time::Duration;

/// An executor that responds within this has time for its tasks.
const PROMPT: Duration = Duration::from_millis(10);
/// How long the panic of a task may take, which can print the stack of a large program.
const LONGEST_PANIC: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
const PAUSES: [Duration; 3] = [PROMPT, Duration::from_millis(80), LONGEST_PAUSE];

/// Postpones the judgement if tasks may be alive only because they get too little of the processor. Healthy tasks may
/// just need longer then. Returns whether it did.
///
/// The pause is ten times the observed `delay` or a growing minimum. There are at most three, on the failing path alone.
pub(super) fn postpone_if_starved(
    scope: &ScopeRecord,
    delay: Duration,
    facts: &[TaskFacts],
) -> bool {
    let (count, now) = (scope.progress.postponements(), clock::now());
    let is_panic_due = scope.limit().is_some_and(|limit| now.since(limit) < LONGEST_PANIC);
    if is_panic_due && facts.iter().any(TaskFacts::is_panicking) {
        scope.progress.postpone_freely(now.plus(LONGEST_PAUSE));
        return true;
    }
    // A runtime that is dropped waits for this.
    let pauses = if scope.role == Role::Root { &PAUSES[..2] } else { &PAUSES[..] };
    let Some(&pause) = pauses.get(count).filter(|_| is_starved(delay, facts, now)) else {
        return false;
    };
    let next = now.plus((delay * 10).clamp(pause, LONGEST_PAUSE));
    // The last check distinguishes a poll that does not end from many short ones.
    let is_last = count + 1 == pauses.len();
    let long = facts.iter().filter_map(long_at).max();
    let next = long.filter(|_| is_last).map_or(next, |at| at.max(next));
    scope.progress.postpone(next);
    true
}

fn is_starved(delay: Duration, facts: &[TaskFacts], now: Instant) -> bool {
    let busy = facts.iter().any(|t| is_in_long_poll(t, now));
    delay > PROMPT || facts.iter().any(|t| may_move(t, now, busy))
}

fn is_in_long_poll(task: &TaskFacts, now: Instant) -> bool {
    matches!(task.state, TaskState::Polling { since } if now.since(since) >= LONG_POLL)
}

/// Whether a task has still to begin, or did not respond although no long poll is known to keep its executor `busy`.
fn may_move(task: &TaskFacts, now: Instant, busy: bool) -> bool {
    match (&task.answer, task.state) {
        (ProbeOutcome::Ended, _) => false,
        (_, TaskState::NeverPolled | TaskState::NotBegun) => true,
        (ProbeOutcome::Pending(waits), _) => goes_on(waits),
        (_, TaskState::Polling { .. }) if task.kind.is_polled() => {
            !task.kind.is_call() && !is_in_long_poll(task, now)
        }
        // A thread may be blocked for good. Only a thread that has just begun gets more time.
        (_, TaskState::Polling { since }) => !task.kind.is_call() && now.since(since) < PROMPT,
        // It was polled for the first time while the others were probed.
        (ProbeOutcome::NotProbed, TaskState::Idle { .. }) => task.kind.is_polled(),
        (ProbeOutcome::NoResponse, TaskState::Idle { .. }) => !busy,
    }
}

/// When the current poll of a task becomes a long one.
fn long_at(task: &TaskFacts) -> Option<Instant> {
    match task.state {
        TaskState::Polling { since } if task.kind.is_polled() => Some(since.plus(LONG_POLL)),
        _ => None,
    }
}

/// Postpones the judgement while an inner scope has still to judge its own tasks, because that scope knows better what
/// they were allowed. A scope with a timeout does not wait for an inner scope with a later limit. Returns whether it did.
pub(super) fn postpone_for_inner<'a>(
    scope: &ScopeRecord,
    tasks: impl Iterator<Item = &'a Live>,
) -> bool {
    let Some(own) = scope.limit() else {
        return false;
    };
    let patient = matches!(scope.role, Role::Collect | Role::Root) && scope.rule.timeout.is_none();
    let inner = tasks.filter(|t| !t.kind().is_call()).filter_map(|t| t.scope());
    // Scopes that open later could postpone it for ever.
    let in_time = inner.filter(|s| s.id() != scope.id() && s.entered <= own);
    let open = in_time.filter(|s| !s.progress.is_judged() && !s.is_settled());
    let later = open.filter_map(|s| Some((s.limit()?, s.progress.postponed_to())));
    let next = later
        .filter(|(limit, _)| patient || *limit <= own)
        .map(|(limit, postponed)| limit.max(postponed))
        .max();
    if let Some(next) = next {
        let next = next.max(clock::now()).plus(ROUNDING);
        scope.progress.postpone_freely(next);
    }
    next.is_some()
}
