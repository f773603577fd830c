//! Opening a scope for a call, and what its caller gets when it is over.

pub(crate) mod aside;
pub(crate) mod by_hand;
pub(crate) mod future;
pub(crate) mod keep;
pub(crate) mod root;
pub(crate) mod ticket;

use crate::clock;
use crate::config;
use crate::context;
use crate::deadline;
use crate::judge::fold::fold;
use crate::record::finding::Finding;
use crate::record::id::{Ending, TaskKind};
use crate::record::options::{Action, Options, Rule};
use crate::record::scope::{Role, Scope};
use crate::registry;
use crate::report::Report;
use crate::site::Site;
use crate::{check::act, check::inquiry};
use std::sync::Arc;

/// Opens a scope inside the current one and has its deadline watched; none when leakguard is off.
fn open(site: &'static Site, options: &Options, rule: Rule, role: Role) -> Option<Arc<Scope>> {
    if config::is_off() {
        return None;
    }
    let name = options.name.unwrap_or(site.function());
    // A call inside a task that is meant to go on, as a request of a server, is nobody's to wait
    // for; what it finds still comes to the test around it.
    let (parent, collector) = context::with(|task| {
        let around = task.scope.clone();
        let collector = around.as_ref().and_then(|s| s.collector.clone());
        (around.filter(|_| !task.is_background()), collector)
    })
    .unwrap_or_default();
    let scope = Scope::new(site, name, rule, parent, collector, role);
    let scope = registry::global().open(scope);
    if let Some(at) = scope.overrun_at() {
        deadline::arm(at);
    }
    Some(scope)
}

/// Ends the call; what it left behind is judged at its limit.
fn close(scope: &Arc<Scope>, how: Ending) {
    let is_late = scope.overrun_at().is_some_and(|at| at < clock::now()) && scope.claim_overrun();
    scope.set_returned(how);
    if is_late {
        act::late(scope);
    }
    registry::global().close(scope);
    if !scope.is_settled() {
        if let Some(at) = scope.limit() {
            deadline::arm(at);
        }
    }
}

/// Nobody waits any more for a call that has returned: what was found for who did goes elsewhere.
fn abandon(scope: &Arc<Scope>) {
    scope.set_unawaited();
    scope.forget_waiter();
    act::say(scope, scope.take_findings());
}

/// Whether the return of the call waits for its tasks.
fn waits(scope: &Scope) -> bool {
    scope.role != Role::Call || scope.rule.on_leak == Action::Panic
}

/// All that was found in a scope that is over. A gathering one has what every scope inside it found.
fn findings(scope: &Arc<Scope>) -> Vec<Finding> {
    let mut all = scope.take_findings();
    if let Some(collector) = scope
        .collector
        .as_ref()
        .filter(|_| scope.role == Role::Gather)
    {
        all.extend(collector.take());
        let inside = |s: &Arc<Scope>| {
            s.collector
                .as_ref()
                .is_some_and(|c| Arc::ptr_eq(c, collector))
        };
        let events = registry::global().take_events(|t| t.scope.as_ref().is_some_and(inside));
        all.extend(act::events(events));
    }
    fold(all)
}

/// The report on a scope that is over; `None` if there is nothing to say.
fn report(scope: &Arc<Scope>) -> Option<Report> {
    let findings = findings(scope);
    (!findings.is_empty()).then(|| Report::new(findings, unseen()))
}

/// How many tasks live on the current runtime that leakguard did not see start. Watched tasks of
/// other runtimes are subtracted too, so that it is never too high.
pub(crate) fn unseen() -> usize {
    let Ok(handle) = tokio::runtime::Handle::try_current() else {
        return 0;
    };
    let watched = inquiry::facts_of(&registry::global().tasks());
    let watched = watched.iter().filter(|t| t.kind == TaskKind::Async).count();
    handle.metrics().num_alive_tasks().saturating_sub(watched)
}

/// The rule of a test: an overrun fails it only where it gives a timeout of its own.
fn test_rule(options: &Options) -> Rule {
    let mut rule = config::rule(options, Action::Panic);
    if rule.timeout.is_none() {
        rule.overrun = Some(SLOW_TEST);
        rule.on_overrun = Action::Log;
    }
    rule
}

/// A test without a timeout of its own says after so long where it is, and goes on.
const SLOW_TEST: std::time::Duration = std::time::Duration::from_secs(60);
