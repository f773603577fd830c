//! Opens a scope for a call, and returns the findings to its caller when it is over.

pub(crate) mod apart;
pub(crate) mod await_scope;
pub(crate) mod boxed;
pub(crate) mod by_hand;
pub(crate) mod failure;
pub(crate) mod future;
pub(crate) mod guard;
mod late_report;
pub(crate) mod output;
pub(crate) mod owner;
pub(crate) mod paused;
pub(crate) mod root;
pub(crate) mod runtime_scope;
pub(crate) mod test;
mod told;
pub(crate) mod unseen;

use crate::check::{act, long_polls, messages, starvation, summary};
use crate::context::{self, Heritage};
use crate::fact::finding::Finding;
use crate::fact::id::{Ending, Role, TaskKind};
use crate::fact::options::{Options, Rule};
use crate::journal;
use crate::record::live::Live;
use crate::record::resource::channel::ChannelContext;
use crate::record::scope::{Opening, ScopeRecord};
use crate::record::task::{NewTask, TaskMeta};
use crate::registry::home;
use crate::report::{self, Report, emit};
use crate::site::Site;
use crate::vocabulary::Action;
use crate::{config, deadline, ledger, registry};
use std::sync::Arc;
use std::sync::atomic::{Ordering::SeqCst, fence};

/// Opens a scope inside the current one, and has its deadline watched. `None` if leakguard is off.
fn open(
    meta: &'static TaskMeta,
    site: &'static Site,
    options: &Options,
    rule: &Rule,
    role: Role,
) -> Option<Arc<ScopeRecord>> {
    if config::is_off() {
        return None;
    }
    let name = options.name.unwrap_or(site.function());
    // No outer scope waits for a call inside a background task, such as a request of a server. Its findings still go to
    // the surrounding test.
    let Heritage { parent: caller, scope: mut around, background } = match role {
        // A runtime may outlive the one in which it is first used.
        Role::Root => Heritage::default(),
        _ => context::heritage(),
    };
    // A handler in a task of a library, whose test waits for its verdict.
    let resident = (caller.is_none() && role == Role::Call).then(home::of_unseen_task).flatten();
    if let Some(resident) = &resident {
        around = Some(resident.scope().clone());
    }
    let collector = around.as_ref().and_then(|s| s.collector.clone());
    let parent = around.filter(|_| !background);
    // A value may outlive the function that creates it, but not a test.
    let parent = match role {
        Role::Owner => parent.and_then(|scope| scope.collecting()),
        _ => parent,
    };
    let scope = registry::global().open(&mut Opening {
        call: NewTask { meta, site, parent: caller, background: false, detached: false },
        name,
        rule,
        parent,
        collector,
        role,
    });
    if let Some(at) = scope.overrun_at() {
        deadline::arm(at);
    }
    if let Some(at) = scope.look_at() {
        deadline::arm(at);
    }
    if role == Role::Collect {
        apart::show(&scope);
    }
    Some(scope)
}

/// Ends the call. What it left behind is judged at its limit. Returns the argument of [`registry::recycle`].
#[inline]
fn close(scope: &Arc<ScopeRecord>, how: Ending) -> Option<Arc<ScopeRecord>> {
    if scope.call.kind().is_polled() {
        // Other calls are never probed.
        scope.call.end();
    }
    // Claimed last, because a claimed overrun is waited for.
    let is_late = scope.is_late() && !starvation::is_excused(scope) && scope.claim_overrun();
    scope.set_returned(how);
    if is_late {
        act::late(scope);
    }
    let listed = registry::global().settle(scope);
    if listed.is_none() && !scope.is_settled() {
        // The watchdog plans its next check before it reads `returned`, and this thread writes `returned` before it
        // reads the plan, so that one of the two sees the other's write.
        fence(SeqCst);
        if let Some(at) = scope.limit() {
            deadline::arm(at);
        }
    }
    listed
}

/// Passes on what was found for a caller that no longer waits for the return.
fn abandon(scope: &Arc<ScopeRecord>) {
    scope.set_unawaited();
    scope.progress.drop_waiter();
    act::collect_or_log(scope, scope.progress.take_findings());
}

/// Whether findings may be passed to the caller that waits for the return.
fn has_waiter(scope: &ScopeRecord) -> bool {
    waits_for_tasks(scope) || scope.rule.on_overrun == Action::Panic
}

/// Whether the return of the call waits for its tasks.
fn waits_for_tasks(scope: &ScopeRecord) -> bool {
    match scope.role {
        Role::Call => scope.rule.on_leak == Action::Panic,
        Role::Main | Role::Collect | Role::Root => true,
        Role::Owner => false,
    }
}

/// Whether a call that has returned waits for nothing more: neither for its tasks, which end or are judged, nor for the
/// check of its overrun.
#[inline]
fn is_over(scope: &ScopeRecord) -> bool {
    let is_settled = !waits_for_tasks(scope) || scope.is_settled() || scope.progress.is_judged();
    is_settled && !scope.awaits_overrun()
}

/// All that was found in a scope that is over, and inside it if it collects.
fn findings(scope: &Arc<ScopeRecord>) -> Vec<Finding> {
    let mut all = scope.progress.take_findings();
    all.extend(messages(scope));
    if scope.role == Role::Collect
        && let Some(collector) = &scope.collector
    {
        let is_own = |c: &Arc<_>| Arc::ptr_eq(c, collector);
        let inside = |s: &Arc<ScopeRecord>| s.collector.as_ref().is_some_and(is_own);
        long_polls::note_ended(registry::global());
        // Before the collector closes, because the watchdog logs the events of closed collectors.
        let events = registry::global().take_events(|t| t.scope().is_some_and(inside));
        all.extend(act::events(events));
        all.extend(collector.take());
    }
    if scope.role == Role::Root {
        let inside = |t: &Live| t.scope().is_some_and(|s| s.is_inside(scope.id()));
        all.extend(act::events(registry::global().take_events(inside)));
    }
    all
}

/// Whether its report has what was found inside it and was not reported yet.
#[inline]
fn reports_inside(scope: &ScopeRecord) -> bool {
    matches!(scope.role, Role::Collect | Role::Main | Role::Root)
}

/// What happened to channels that were created in a scope that collects, or in `main`.
fn messages(scope: &Arc<ScopeRecord>) -> Vec<Finding> {
    let collector = |s: &ScopeRecord| s.collector.as_ref().map(Arc::as_ptr);
    let own = |s: &Arc<ScopeRecord>| match scope.role {
        Role::Collect => collector(s) == collector(scope),
        _ => s.collector.is_none() && s.is_inside(scope.id()),
    };
    if !reports_inside(scope) {
        return Vec::new();
    }
    let wanted = |channel: &ChannelContext| channel.scope.as_ref().is_some_and(own);
    let events = ledger::global().take_events(|e| wanted(&e.channel));
    messages::collect(events, wanted)
}

/// The report on a scope that is over, if there is anything to report.
#[inline]
fn report(scope: &Arc<ScopeRecord>) -> Option<Report> {
    if !reports_inside(scope) && !scope.progress.has_state() {
        return None;
    }
    show_held_back(scope);
    show_singletons(scope);
    let findings = findings(scope);
    (!findings.is_empty()).then(|| report_on(scope, findings))
}

/// Prints what initialisers have started in a test or a scope by hand, which is no leak.
#[cold]
fn show_singletons(scope: &ScopeRecord) {
    let collector = scope.collector.as_ref().filter(|_| scope.role == Role::Collect);
    let singletons = collector.map(|collector| collector.take_singletons()).unwrap_or_default();
    if !singletons.is_empty() && !config::is_json_only() {
        emit::to_own_output(&report::on_singletons(&singletons));
    }
}

/// Prints what a test only logs. The report has the rest.
#[cold]
fn show_held_back(scope: &ScopeRecord) {
    if !scope.progress.has_state() {
        return;
    }
    let held = scope.progress.take_held_back();
    if scope.role == Role::Collect && scope.rule.on_overrun == Action::Log && !held.is_empty() {
        let report = Report::new(held, 0);
        if !emit::raise(&report) {
            return;
        }
        if scope.rule.timeout.is_some() {
            summary::add(scope.site(), &report, true);
        }
        emit::to_own_output(&report.to_string());
    }
}

#[cold]
fn report_on(scope: &ScopeRecord, findings: Vec<Finding>) -> Report {
    let report = Report::new(findings, unseen::count());
    journal::see_unseen(report.unseen());
    if scope.role == Role::Collect && !apart::keep(scope, &report) {
        late_report::schedule(&report);
    }
    report
}

/// Describes a call that no executor polls.
const SYNC: TaskMeta = TaskMeta { kind: TaskKind::SyncCall, type_name: || "" };

/// The rule of a test. An overrun fails the test only if the test sets a timeout.
fn test_rule(options: &Options) -> Rule {
    let mut rule = config::rule(options, Action::Panic);
    if rule.timeout.is_none() {
        rule.overrun = Some(SLOW_TEST);
        rule.on_overrun = Action::Log;
    }
    rule
}

/// How long a test without a timeout runs before the log says where it is.
const SLOW_TEST: std::time::Duration = std::time::Duration::from_secs(60);
