//! What is due for a scope, and the two moments at which it is judged.

use crate::check::act;
use crate::check::inquiry::Inquiry;
use crate::clock::{self, Instant};
use crate::fact::finding::Finding;
use crate::fact::id::Role;
use crate::fact::id::TaskId;
use crate::fact::options::Action;
use crate::fact::resource::{ResourceFacts, WaitFacts};
use crate::fact::task::{ProbeOutcome, ScopeFacts, TaskFacts, TaskState};
use crate::judge::closed::{ClosedChannels, RefusalCounts};
use crate::judge::fold::fold;
use crate::judge::graph::{Graph, named};
use crate::judge::steady::steady;
use crate::judge::verdict::{LONG_POLL, goes_on};
use crate::judge::waiters::Observation;
use crate::judge::{leak, value};
use crate::ledger;
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use crate::registry::Registry;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

/// A task whose timer is set to the very limit ends in time; tokio's fire up to 1 ms later.
const ROUNDING: Duration = Duration::from_millis(2);

/// An executor that answers within this has time for its tasks.
const PROMPT: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
const PAUSES: [Duration; 3] = [PROMPT, Duration::from_millis(80), LONGEST_PAUSE];

/// Reason a scope is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Its function still runs at the timeout.
    Overrun,
    /// Its tasks live though their limit has passed.
    Limit,
    /// It may stand still for good.
    Still,
}

/// What is due next for a scope, and when.
pub(crate) fn due(scope: &ScopeRecord) -> Option<(Instant, Reason)> {
    if scope.progress.is_judged() || scope.is_settled() {
        return None;
    }
    let look = scope.look_at().map(|at| (at, Reason::Still));
    let overrun = scope.overrun_at().map(|at| (at, Reason::Overrun));
    let limit = scope.limit();
    let later = |at: Instant| at.plus(ROUNDING).max(scope.progress.postponed_to());
    let limit = limit.map(|at| (later(at), Reason::Limit));
    let deadline = overrun.or(limit);
    deadline.into_iter().chain(look).min_by_key(|(at, _)| *at)
}

/// A scope whose tasks are being asked.
pub(crate) struct ScopeCheck {
    pub(crate) scope: Arc<ScopeRecord>,
    pub(crate) inquiry: Inquiry,
    reason: Reason,
    tasks: HashMap<TaskId, Live>,
    /// Before they were asked.
    refusals: RefusalCounts,
    open_scope: OpenScope,
}

/// Counts as one of the scope's tasks, so that nobody takes the scope for settled, and its findings
/// for complete, while its judge still waits for answers.
struct OpenScope(&'static Registry, Arc<ScopeRecord>);

impl OpenScope {
    fn new(registry: &'static Registry, scope: Arc<ScopeRecord>) -> Option<Self> {
        scope.try_join().then(|| OpenScope(registry, scope))
    }
}

impl Drop for OpenScope {
    fn drop(&mut self) {
        self.0.leave(&self.1);
    }
}

impl ScopeCheck {
    /// Asks the tasks of `scope`; `bell` rings when all have answered. `None` if all have ended, or
    /// if a scope inside is to speak first.
    pub(crate) fn begin(
        registry: &'static Registry,
        all: &[Live],
        scope: Arc<ScopeRecord>,
        reason: Reason,
        bell: impl Fn() + Send + Sync + 'static,
    ) -> Option<Self> {
        let open_scope = OpenScope::new(registry, scope.clone())?;
        if reason == Reason::Overrun && !scope.claim_overrun() {
            return None;
        }
        let inside = |t: &&Live| t.scope().is_some_and(|s| s.is_inside(scope.id()));
        let tasks: Vec<_> = all
            .iter()
            .filter(inside)
            .filter(|t| !t.is_background())
            .cloned()
            .collect();
        if reason == Reason::Limit && lets_inner_speak(&scope, tasks.iter()) {
            return None;
        }
        let stands = || {
            let (seen, now) = (print(&tasks), clock::now());
            scope.progress.look(seen, scope.entered, now) && rests(&tasks)
        };
        if reason == Reason::Still && !stands() {
            return None;
        }
        let refusals = RefusalCounts::new(&resources(), clock::coarse());
        let by_id = tasks.iter().map(|t| (t.id, t.clone())).collect();
        Some(ScopeCheck {
            scope,
            inquiry: Inquiry::begin(tasks, reason == Reason::Limit, bell),
            reason,
            tasks: by_id,
            refusals,
            open_scope,
        })
    }

    /// Judges by the answers and acts.
    pub(crate) fn finish(self) {
        let ScopeCheck {
            scope,
            inquiry,
            reason,
            tasks,
            refusals,
            open_scope,
        } = self;
        let _finally = JudgedOnUnwind(&scope);
        let delay = inquiry.slowest_response();
        let before = resources();
        let facts = inquiry.facts();
        let after = resources();
        let surroundings = Surroundings {
            alive: open_scope.0.tasks().iter().map(|t| t.facts()).collect(),
            turning: ClosedChannels::new(refusals, &after),
            resources: steady(before, after),
        };
        match reason {
            Reason::Overrun => overrun(&scope, facts, &tasks, &surroundings),
            Reason::Still => still(&scope, &facts, &tasks, &surroundings),
            Reason::Limit
                if is_starved(delay, &facts, clock::now()) && put_off(&scope, delay, &facts) => {}
            Reason::Limit => limit(&scope, facts, &tasks, &surroundings),
        }
        drop(open_scope);
    }
}

/// A number that changes with every poll of every task.
fn print<'a>(tasks: impl IntoIterator<Item = &'a Live>) -> u64 {
    let all = tasks.into_iter().map(|t| (t.id, t.polls()));
    let mut all: Vec<_> = all.collect();
    all.sort_unstable();
    let mut hasher = DefaultHasher::new();
    all.hash(&mut hasher);
    hasher.finish()
}

/// Whether none is polled now, and one waits on a channel or lock that is known: only then is it worth to ask.
fn rests(tasks: &[Live]) -> bool {
    let ids: HashSet<TaskId> = tasks.iter().map(|t| t.id).collect();
    let is_ours = |w: &WaitFacts| w.task.is_some_and(|t| ids.contains(&t));
    !tasks.iter().any(|t| t.kind().is_polled() && t.is_polling())
        && resources().iter().any(|r| r.waits.iter().any(is_ours))
}

/// What a judge may know beside the tasks of the scope.
struct Surroundings {
    alive: Vec<TaskFacts>,
    resources: Vec<ResourceFacts>,
    turning: ClosedChannels,
}

impl Surroundings {
    fn seen_by<'a>(&'a self, scope: &'a ScopeFacts, asked: &'a [TaskFacts]) -> Observation<'a> {
        Observation {
            scope,
            probed: asked,
            alive: &self.alive,
            resources: &self.resources,
            closed: &self.turning,
        }
    }
}

fn resources() -> Vec<ResourceFacts> {
    let all = ledger::global().resources();
    all.iter().map(|r| r.facts()).collect()
}

/// With the places where it made channels that are only observed.
fn facts_of(scope: &ScopeRecord) -> ScopeFacts {
    let mut facts = scope.facts();
    facts.observed = ledger::global().observed();
    facts
        .observed
        .retain(|place| place.scopes.contains(&facts.id));
    facts
}

/// If judging panics, in a subscriber or a waker of the user's, whoever waits goes on all the same.
struct JudgedOnUnwind<'a>(&'a ScopeRecord);

impl Drop for JudgedOnUnwind<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.progress.set_judged(Vec::new());
        }
    }
}

/// Whether tasks may be alive only because they get too little of the processor: then healthy ones
/// may just need longer.
fn is_starved(delay: Duration, facts: &[TaskFacts], now: Instant) -> bool {
    let busy = facts.iter().any(|t| is_in_long_poll(t, now));
    delay > PROMPT || facts.iter().any(|t| moves(t, now, busy))
}

fn is_in_long_poll(task: &TaskFacts, now: Instant) -> bool {
    matches!(task.state, TaskState::Polling { since } if now.since(since) >= LONG_POLL)
}

/// Whether a task has still to begin, or did not say that it waits though nothing is known to keep
/// its executor from polling it.
fn moves(task: &TaskFacts, now: Instant, busy: bool) -> bool {
    match (&task.answer, task.state) {
        (ProbeOutcome::Ended, _) => false,
        (_, TaskState::NeverPolled | TaskState::NotBegun) => true,
        (ProbeOutcome::Pending(waits), _) => goes_on(waits),
        (_, TaskState::Polling { .. }) if task.kind.is_polled() => {
            !task.kind.is_call() && !is_in_long_poll(task, now)
        }
        // A thread may be blocked for good; only one that has just begun is given a moment.
        (_, TaskState::Polling { since }) => !task.kind.is_call() && now.since(since) < PROMPT,
        // It was polled for the first time while the others were asked.
        (ProbeOutcome::NotProbed, TaskState::Idle { .. }) => task.kind.is_polled(),
        (ProbeOutcome::NoResponse, TaskState::Idle { .. }) => !busy,
    }
}

/// Looks again after ten times the delay that was seen, or after a pause that grows; three times at
/// the most, and on the failing path alone.
fn put_off(scope: &ScopeRecord, delay: Duration, facts: &[TaskFacts]) -> bool {
    let (created, now) = (scope.progress.postponements(), clock::now());
    let Some(&pause) = PAUSES.get(created) else {
        return false;
    };
    let next = now.plus((delay * 10).clamp(pause, LONGEST_PAUSE));
    // The last look tells a poll that does not end from many short ones.
    let is_last = created + 1 == PAUSES.len();
    let long = facts.iter().filter_map(long_at).max();
    scope
        .progress
        .postpone(long.filter(|_| is_last).map_or(next, |at| at.max(next)));
    true
}

/// When the poll that it is in will be a long one.
fn long_at(task: &TaskFacts) -> Option<Instant> {
    match task.state {
        TaskState::Polling { since } if task.kind.is_polled() => Some(since.plus(LONG_POLL)),
        _ => None,
    }
}

/// Puts the judgement off where a scope inside is still to judge tasks of its own: it knows better
/// what they were allowed. One that has been given a timeout waits for none that is allowed more.
fn lets_inner_speak<'a>(scope: &ScopeRecord, tasks: impl Iterator<Item = &'a Live>) -> bool {
    let Some(own) = scope.limit() else {
        return false;
    };
    let patient = scope.role == Role::Collect && scope.rule.timeout.is_none();
    let inner = tasks
        .filter(|t| !t.kind().is_call())
        .filter_map(|t| t.scope());
    // Those that open later could put it off for ever.
    let in_time = inner.filter(|s| s.id() != scope.id() && s.entered <= own);
    let open = in_time.filter(|s| !s.progress.is_judged() && !s.is_settled());
    let later = open.filter_map(|s| s.limit().map(|at| (at, at.max(s.progress.postponed_to()))));
    let next = later
        .filter(|(at, _)| patient || *at <= own)
        .map(|(_, next)| next)
        .max();
    if let Some(next) = next {
        let soon = clock::now().plus(ROUNDING);
        scope
            .progress
            .postpone_freely(next.plus(ROUNDING).max(soon));
    }
    next.is_some()
}

fn overrun(
    scope: &Arc<ScopeRecord>,
    facts: Vec<TaskFacts>,
    tasks: &HashMap<TaskId, Live>,
    around: &Surroundings,
) {
    let (seen, now) = (facts_of(scope), clock::now());
    // It may have returned while it was asked: too late all the same.
    let late = || scope.returned_late().then(|| leak::late(&seen, now));
    let known = around.seen_by(&seen, &facts);
    let graph = Graph::new(&known);
    let finding = leak::overrun(&seen, &facts, &graph, now).or_else(late);
    let certain = finding
        .iter()
        .flat_map(|_| leak::certain(&seen, &facts, &graph, now));
    // What is said here is not said again at the limit, unless that is to do more than this.
    let is_said = scope.rule.on_overrun == scope.rule.on_leak;
    let certain: Vec<_> = certain
        .filter(|f| concerns(scope, tasks, f) && (!is_said || report_once(tasks, f)))
        .collect();
    let finding = finding.filter(|f| !act::is_allowed(Some(scope), f));
    act::overrun(scope, fold(finding.into_iter().chain(certain).collect()));
}

/// Neither the task's own scope nor the one that is judged lets it be.
fn concerns(scope: &ScopeRecord, tasks: &HashMap<TaskId, Live>, finding: &Finding) -> bool {
    let task = tasks.get(&finding.task().id);
    let own = task.and_then(|t| t.scope().map(|s| &**s));
    !act::is_allowed(own, finding) && !act::is_ignored(own, scope)
}

fn report_once(tasks: &HashMap<TaskId, Live>, finding: &Finding) -> bool {
    let task = tasks.get(&finding.task().id);
    task.is_some_and(|t| t.report_once())
}

/// Stops a test in which nothing can ever go on. That has to be proven, whatever its code does that nobody watches; so
/// it is asked twice, and what may only be so has to wait for a deadline.
fn still(
    scope: &Arc<ScopeRecord>,
    facts: &[TaskFacts],
    tasks: &HashMap<TaskId, Live>,
    around: &Surroundings,
) {
    let (seen, now) = (scope.facts(), clock::now());
    let known = around.seen_by(&seen, facts);
    let graph = Graph::new(&known);
    if !scope
        .progress
        .respond(print(tasks.values()), graph.is_dead())
    {
        return;
    }
    let findings = leak::deadlocks(&seen, facts, &graph, now);
    let findings: Vec<_> = findings
        .into_iter()
        .filter(|f| concerns(scope, tasks, f) && report_once(tasks, f))
        .collect();
    if !findings.is_empty() {
        scope.progress.set_deadlocked(fold(findings));
    }
}

fn limit(
    scope: &Arc<ScopeRecord>,
    facts: Vec<TaskFacts>,
    tasks: &HashMap<TaskId, Live>,
    around: &Surroundings,
) {
    if scope.rule.on_leak == Action::Ignore {
        // Nor is it said of a task that it has been spoken of.
        return scope.progress.set_judged(Vec::new());
    }
    let own = facts_of(scope);
    let known = around.seen_by(&own, &facts);
    let mut findings = leak::leaks(&own, &facts, &Graph::new(&known), clock::now());
    findings.retain(|finding| {
        let Some(task) = tasks.get(&finding.task().id) else {
            return false;
        };
        let own = task.scope().map(|s| &**s);
        let inner = own.is_some_and(|s| s.id() != scope.id());
        if inner && task.has_ended() {
            // It ended within what its own scope allows while stacks were put into words.
            return false;
        }
        // An inner scope may have spoken of the task already, or the overrun.
        concerns(scope, tasks, finding) && task.report_once()
    });
    let alive: HashMap<_, _> = around.alive.iter().map(|t| (t.id, named(t))).collect();
    let name = |task| alive.get(&task).copied();
    let kept = value::kept(&own, &around.resources, name, clock::now());
    findings.extend(
        kept.into_iter()
            .filter(|f| !act::is_allowed(Some(scope), f)),
    );
    act::leaks(scope, findings);
}
