//! What is due for a scope, and the two moments at which it is judged.

use crate::check::act;
use crate::check::inquiry::Inquiry;
use crate::clock::{self, Moment};
use crate::judge::leak;
use crate::judge::verdict::goes_on;
use crate::record::facts::{Answer, State, TaskFacts};
use crate::record::id::TaskId;
use crate::record::options::Action;
use crate::record::scope::{Role, Scope};
use crate::record::task::Task;
use crate::registry::Registry;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A task whose timer is set to the very limit ends in time; it has this long to be seen to.
const ROUNDING: Duration = Duration::from_millis(5);

/// An executor that answers within this has time for its tasks.
const PROMPT: Duration = Duration::from_millis(10);
/// One poll that lasts so long is no accident of a loaded machine.
const LONG_POLL: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
const PAUSES: [Duration; 3] = [PROMPT, Duration::from_millis(80), LONGEST_PAUSE];

/// Why a scope is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its function still runs at the timeout.
    Overrun,
    /// Its tasks live though their limit has passed.
    Limit,
}

/// What is due next for a scope, and when.
pub(crate) fn due(scope: &Scope) -> Option<(Moment, Why)> {
    if scope.is_judged() || scope.is_settled() {
        return None;
    }
    if let Some(at) = scope.overrun_at() {
        return Some((at, Why::Overrun));
    }
    scope
        .limit()
        .map(|at| (at.plus(ROUNDING).max(scope.postponed_to()), Why::Limit))
}

/// A scope whose tasks are being asked.
pub(crate) struct Case {
    pub(crate) scope: Arc<Scope>,
    pub(crate) inquiry: Inquiry,
    why: Why,
    tasks: HashMap<TaskId, Arc<Task>>,
    hold: Hold,
}

/// Counts as one of the scope's tasks, so that nobody takes the scope for settled, and its findings
/// for complete, while its judge still waits for answers.
struct Hold(&'static Registry, Arc<Scope>);

impl Hold {
    fn new(registry: &'static Registry, scope: Arc<Scope>) -> Option<Self> {
        scope.try_join().then(|| Hold(registry, scope))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.leave(&self.1);
    }
}

impl Case {
    /// Asks the tasks of `scope`; `bell` rings when all have answered. `None` if all have ended.
    pub(crate) fn open(
        registry: &'static Registry,
        all: &[Arc<Task>],
        scope: Arc<Scope>,
        why: Why,
        bell: impl Fn() + Send + Sync + 'static,
    ) -> Option<Self> {
        let hold = Hold::new(registry, scope.clone())?;
        if why == Why::Overrun && !scope.claim_overrun() {
            return None;
        }
        let inside = |t: &&Arc<Task>| t.scope.as_ref().is_some_and(|s| s.is_inside(scope.id));
        let tasks: Vec<_> = all
            .iter()
            .filter(inside)
            .filter(|t| !t.is_background())
            .cloned()
            .collect();
        let by_id = tasks.iter().map(|t| (t.id, t.clone())).collect();
        Some(Case {
            scope,
            inquiry: Inquiry::put(tasks, why == Why::Limit, bell),
            why,
            tasks: by_id,
            hold,
        })
    }

    /// Judges by the answers and acts.
    pub(crate) fn close(self) {
        let Case {
            scope,
            inquiry,
            why,
            tasks,
            hold: _hold,
        } = self;
        let _finally = JudgedOnUnwind(&scope);
        let delay = inquiry.slowest_answer();
        if why == Why::Limit && lets_inner_speak(&scope, tasks.values()) {
            return;
        }
        let facts = inquiry.facts();
        match why {
            Why::Overrun => overrun(&scope, facts),
            Why::Limit if is_starved(delay, &facts, clock::now()) && put_off(&scope, delay) => {}
            Why::Limit => limit(&scope, facts, &tasks),
        }
    }
}

/// If judging panics, in a subscriber or a waker of the user's, whoever waits goes on all the same.
struct JudgedOnUnwind<'a>(&'a Scope);

impl Drop for JudgedOnUnwind<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set_judged(Vec::new());
        }
    }
}

/// Whether tasks may be alive only because they get too little of the processor: then healthy ones
/// may just need longer.
fn is_starved(delay: Duration, facts: &[TaskFacts], now: Moment) -> bool {
    let busy = facts.iter().any(|t| is_in_long_poll(t, now));
    delay > PROMPT || facts.iter().any(|t| moves(t, now, busy))
}

fn is_in_long_poll(task: &TaskFacts, now: Moment) -> bool {
    matches!(task.state, State::Polling { since } if now.since(since) >= LONG_POLL)
}

/// Whether a task has still to begin, or did not say that it waits though nothing is known to keep
/// its executor from polling it.
fn moves(task: &TaskFacts, now: Moment, busy: bool) -> bool {
    match (&task.answer, task.state) {
        (Answer::Ended, _) => false,
        (_, State::NeverPolled | State::NotBegun) => true,
        (Answer::Waits(waits), _) => goes_on(waits),
        (_, State::Polling { .. }) if task.kind.is_polled() => {
            !task.kind.is_call() && !is_in_long_poll(task, now)
        }
        // A thread may be blocked for good; only one that has just begun is given a moment.
        (_, State::Polling { since }) => !task.kind.is_call() && now.since(since) < PROMPT,
        // It was polled for the first time while the others were asked.
        (Answer::NotAsked, State::Idle { .. }) => task.kind.is_polled(),
        (Answer::Silent, State::Idle { .. }) => !busy,
    }
}

/// Looks again after ten times the delay that was seen, or after a pause that grows; three times at
/// the most, and on the failing path alone.
fn put_off(scope: &Scope, delay: Duration) -> bool {
    let Some(&pause) = PAUSES.get(scope.postponements()) else {
        return false;
    };
    scope.postpone(clock::now().plus((delay * 10).clamp(pause, LONGEST_PAUSE)));
    true
}

/// Puts the judgement off where a scope inside is still to judge tasks of its own: it knows better
/// what they were allowed. One that has been given a timeout waits for none that is allowed more.
fn lets_inner_speak<'a>(scope: &Scope, tasks: impl Iterator<Item = &'a Arc<Task>>) -> bool {
    let Some(own) = scope.limit() else {
        return false;
    };
    let patient = scope.role == Role::Gather && scope.rule.timeout.is_none();
    let inner = tasks
        .filter(|t| !t.kind.is_call())
        .filter_map(|t| t.scope.as_deref());
    // Those that open later could put it off for ever.
    let in_time = inner.filter(|s| s.id != scope.id && s.entered <= own);
    let open = in_time.filter(|s| !s.is_judged() && !s.is_settled());
    let later = open.filter_map(|s| s.limit().map(|at| (at, at.max(s.postponed_to()))));
    let next = later
        .filter(|(at, _)| patient || *at <= own)
        .map(|(_, next)| next)
        .max();
    if let Some(next) = next {
        let soon = clock::now().plus(ROUNDING);
        scope.postpone_freely(next.plus(ROUNDING).max(soon));
    }
    next.is_some()
}

fn overrun(scope: &Arc<Scope>, facts: Vec<TaskFacts>) {
    let (seen, now) = (scope.facts(), clock::now());
    // It may have returned while it was asked: too late all the same.
    let late = || scope.returned_late().then(|| leak::late(&seen, now));
    let finding = leak::overrun(&seen, facts, now).or_else(late);
    let finding = finding.filter(|f| !act::is_allowed(Some(scope), f));
    act::overrun(scope, finding.into_iter().collect());
}

fn limit(scope: &Arc<Scope>, facts: Vec<TaskFacts>, tasks: &HashMap<TaskId, Arc<Task>>) {
    if scope.rule.on_leak == Action::Ignore {
        // Nor is it said of a task that it has been spoken of.
        return scope.set_judged(Vec::new());
    }
    let mut findings = leak::leaks(&scope.facts(), facts, clock::now());
    findings.retain(|finding| {
        let Some(task) = tasks.get(&finding.task().id) else {
            return false;
        };
        let own = task.scope.as_deref();
        let inner = own.is_some_and(|s| s.id != scope.id);
        if inner && task.has_ended() {
            // It ended within what its own scope allows while stacks were put into words.
            return false;
        }
        // An inner scope may have spoken of the task already.
        !act::is_allowed(own, finding) && !act::is_ignored(own, scope) && task.report_once()
    });
    act::leaks(scope, findings);
}
