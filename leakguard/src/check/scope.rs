//! What is due for a scope, and the two moments at which it is judged.

use crate::check::act;
use crate::check::inquiry::Inquiry;
use crate::clock::{self, Moment};
use crate::judge::leak;
use crate::record::facts::TaskFacts;
use crate::record::scope::Scope;
use crate::record::task::{Task, TaskId};
use crate::registry::Registry;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A task whose timer is set to the very limit ends in time; it has this long to be seen to.
const ROUNDING: Duration = Duration::from_millis(5);

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
    scope.limit().map(|at| (at.plus(ROUNDING), Why::Limit))
}

/// A scope whose tasks are being asked.
pub(crate) struct Case {
    pub(crate) scope: Arc<Scope>,
    pub(crate) inquiry: Inquiry,
    why: Why,
    tasks: HashMap<TaskId, Arc<Task>>,
}

impl Case {
    /// Asks the tasks of `scope`; `bell` rings when all have answered.
    pub(crate) fn open(
        registry: &Registry,
        scope: Arc<Scope>,
        why: Why,
        bell: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let tasks = registry.tasks_in(scope.id);
        let by_id = tasks.iter().map(|t| (t.id, t.clone())).collect();
        Case { scope, inquiry: Inquiry::put(tasks, bell), why, tasks: by_id }
    }

    /// Judges by the answers and acts.
    pub(crate) fn close(self) {
        let Case { scope, inquiry, why, tasks } = self;
        let facts = inquiry.facts();
        match why {
            Why::Overrun => overrun(&scope, facts),
            Why::Limit => limit(&scope, facts, &tasks),
        }
    }
}

fn overrun(scope: &Arc<Scope>, facts: Vec<TaskFacts>) {
    let finding = leak::overrun(&scope.facts(), facts, clock::now());
    let findings = act::not_allowed(scope, finding.into_iter().collect());
    act::overrun(scope, findings);
}

fn limit(scope: &Arc<Scope>, facts: Vec<TaskFacts>, tasks: &HashMap<TaskId, Arc<Task>>) {
    let findings = leak::leaks(&scope.facts(), facts, clock::now());
    let mut findings = act::not_allowed(scope, findings);
    // An inner scope may have spoken of a task already.
    findings.retain(|f| tasks.get(&f.task().id).is_some_and(|t| t.report_once()));
    act::leaks(scope, findings);
}
