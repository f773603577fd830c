//! The check of one scope: its tasks are probed, and their responses are judged.

use crate::check::due::Reason;
use crate::check::hang;
use crate::check::inquiry::Inquiry;
use crate::check::judgement::{Judgement, poll_fingerprint};
use crate::check::outside;
use crate::check::postpone::{postpone_for_inner, postpone_if_starved};
use crate::check::repeat::{self, OpenLikeness};
use crate::check::starvation;
use crate::check::surroundings::{Surroundings, resources, used_channels};
use crate::clock;
use crate::clock::share::Share;
use crate::fact::id::Role;
use crate::fact::resource::WaitFacts;
use crate::fact::task_map::{TaskMap, TaskSet};
use crate::judge::closed::{ClosedChannels, RefusalCounts};
use crate::judge::steady::steady;
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use crate::registry::Registry;
use std::sync::Arc;
use std::time::Duration;

/// How long a runtime that is dropped waits for a verdict after its grace.
const LONGEST: Duration = Duration::from_secs(2);

/// What was withheld during a probe that has not begun.
const NOTHING: Duration = Duration::ZERO;

/// A check under way.
pub(crate) struct ScopeCheck {
    pub(crate) scope: Arc<ScopeRecord>,
    pub(crate) inquiry: Inquiry,
    reason: Reason,
    tasks: TaskMap<Live>,
    /// Before the tasks were probed.
    refusals: RefusalCounts,
    /// What the process had got then.
    share: Arc<Share>,
    likeness: OpenLikeness,
    open: OpenScope,
}

/// Counts as one of the scope's tasks, so that the scope does not settle, and its findings do not seem complete, while
/// the check waits for responses.
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
    /// Probes the tasks `inside` of `scope`, and calls `on_complete` when all have responded. `None` if all tasks have ended, or
    /// if an inner scope is to be judged first.
    pub(crate) fn begin(
        registry: &'static Registry,
        inside: &[Live],
        scope: Arc<ScopeRecord>,
        reason: Reason,
        on_complete: impl Fn() + Send + Sync + 'static,
    ) -> Option<Self> {
        let open = OpenScope::new(registry, scope.clone())?;
        if reason == Reason::Hangs {
            hang::print(&scope);
            return None;
        }
        let tasks: Vec<_> = inside.iter().filter(|t| !t.is_background()).cloned().collect();
        let is_skipped = match reason {
            Reason::Hangs => false,
            Reason::Overrun => {
                starvation::extend(&scope, &tasks, NOTHING) || !scope.claim_overrun()
            }
            Reason::Limit => {
                postpone_for_inner(&scope, tasks.iter())
                    || starvation::extend(&scope, &tasks, NOTHING)
            }
            Reason::Still => {
                let (polls, now) = (poll_fingerprint(&tasks), clock::now());
                !scope.progress.look(polls, scope.entered, now) || !is_at_rest(&tasks)
            }
        };
        if is_skipped && is_given_up(&scope) {
            scope.progress.set_judged(Vec::new());
        }
        if is_skipped || reason == Reason::Limit && repeat::is_told(&scope, &tasks) {
            return None;
        }
        let share = Share::now();
        let refusals = RefusalCounts::new(&used_channels(), clock::coarse());
        let likeness = OpenLikeness::new(&scope, &tasks);
        let by_id = tasks.iter().map(|t| (t.id, t.clone())).collect();
        Some(ScopeCheck {
            scope,
            inquiry: Inquiry::begin(tasks, reason == Reason::Limit, on_complete),
            reason,
            tasks: by_id,
            refusals,
            share,
            likeness,
            open,
        })
    }

    /// Judges by the responses and acts.
    pub(crate) fn finish(self) {
        let scope = &self.scope;
        let _finally = JudgedOnUnwind(scope);
        if self.reason != Reason::Still && self.is_starved() {
            return scope.release_overrun();
        }
        let delay = self.inquiry.slowest_response();
        let before = resources();
        let facts = &self.inquiry.facts()[..];
        let after = resources();
        let closed = ClosedChannels::new(self.refusals, &after);
        let mut resources = steady(before, after);
        let surroundings = &Surroundings {
            alive: self.open.0.tasks().iter().map(|t| t.facts()).collect(),
            threads: outside::threads(&mut resources),
            closed,
            resources,
        };
        let judgement =
            Judgement { scope, tasks: &self.tasks, facts, surroundings, likeness: &self.likeness };
        match self.reason {
            Reason::Overrun => judgement.overrun(),
            Reason::Still => judgement.still(),
            Reason::Limit if postpone_if_starved(scope, delay, facts) => {}
            Reason::Limit => judgement.limit(),
            Reason::Hangs => {}
        }
    }

    /// Whether the tasks get more time because the system withheld it during the probe. Before stacks are resolved, which
    /// takes long then.
    fn is_starved(&self) -> bool {
        let withheld = Share::now().withheld_since(&self.share);
        !self.scope.progress.is_starved(self.scope.returned().is_some())
            && starvation::extend(&self.scope, self.tasks.values(), withheld)
    }
}

/// Whether a runtime that is dropped has waited too long for a verdict. Its tasks lack the processor, so nothing is said of
/// them.
fn is_given_up(scope: &ScopeRecord) -> bool {
    let waited = scope.returned().map(|(at, _)| clock::now().since(at));
    scope.role == Role::Root && waited.is_some_and(|waited| waited > scope.rule.grace + LONGEST)
}

/// Whether no task is polled now, and one waits on a known channel or lock. Only then can a probe prove a deadlock.
fn is_at_rest(tasks: &[Live]) -> bool {
    let ids: TaskSet = tasks.iter().map(|t| t.id).collect();
    let is_ours = |w: &WaitFacts| w.task.is_some_and(|t| ids.contains(&t));
    !tasks.iter().any(|t| t.kind().is_polled() && t.is_polling())
        && resources().iter().any(|r| r.waits.iter().any(is_ours))
}

/// Lets waiters of the scope go on even if its judgement panics in a subscriber or waker of the user's.
struct JudgedOnUnwind<'a>(&'a ScopeRecord);

impl Drop for JudgedOnUnwind<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.progress.set_judged(Vec::new());
        }
    }
}
