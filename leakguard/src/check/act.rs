//! Acts on findings: passes them to a waiting call or the surrounding test, logs them, or aborts.

use crate::check::{hang, repeat};
use crate::fact::finding::Finding;
use crate::fact::id::Role;
use crate::judge::{allow, leak};
use crate::record::event::Noted;
use crate::record::scope::ScopeRecord;
use crate::report::{Report, emit};
use crate::site::Site;
use crate::vocabulary::Action;
use crate::{clock, config};
use std::iter::successors;
use std::sync::Arc;

/// `scope` and all scopes around it.
fn with_outer(scope: Option<&ScopeRecord>) -> impl Iterator<Item = &ScopeRecord> {
    successors(scope, |scope| scope.parent.as_deref())
}

/// Whether the program, or the attribute of `scope` or of a scope around it, allows a finding. `scope` is the innermost
/// one, that of the task, so that a function's attribute need not be repeated in every caller.
pub(crate) fn is_allowed(scope: Option<&ScopeRecord>, finding: &Finding) -> bool {
    let mut items = config::allowed();
    let rules = with_outer(scope).filter_map(|scope| scope.rule.allow);
    items.extend(rules.flat_map(config::words));
    allow::is_allowed(finding, &items)
}

/// Whether `scope`, or a scope around it and inside `judged`, ignores its leaks.
pub(crate) fn is_ignored(scope: Option<&ScopeRecord>, judged: &ScopeRecord) -> bool {
    with_outer(scope)
        .take_while(|scope| scope.id() != judged.id())
        .any(|scope| scope.rule.on_leak == Action::Ignore)
}

/// Acts on the tasks of `scope` that are alive at its limit, if any.
pub(crate) fn leaks(scope: &Arc<ScopeRecord>, findings: Vec<Finding>) {
    let behind = |f: &Finding| f.subject.behind().iter().map(|task| task.site).collect::<Vec<_>>();
    let sites = findings.iter().flat_map(|f| [vec![f.site()], behind(f)].concat());
    let sites: Vec<_> = sites.collect();
    let for_waiter = dispatch(scope, scope.rule.on_leak, findings, repeat::log);
    emit::settle();
    // After the report is delivered, so that a caller that sees the count finds the report.
    sites.into_iter().for_each(Site::count_leak);
    scope.progress.set_judged(for_waiter);
}

/// Acts on the overrun of `scope`, whose function still runs at its timeout.
pub(crate) fn overrun(scope: &Arc<ScopeRecord>, findings: Vec<Finding>) {
    let action = scope.rule.on_overrun;
    if findings.is_empty() || action == Action::Ignore {
        return scope.progress.set_overrun(Vec::new());
    }
    let is_logged = action != Action::Abort && hang::announce(scope, &findings);
    let is_done = scope.role != Role::Call && action == Action::Log;
    let for_waiter = match is_done {
        true => Vec::new(),
        false => dispatch(scope, action, findings, if is_logged { |_| {} } else { repeat::log }),
    };
    scope.progress.set_overrun(for_waiter);
    if !scope.is_waited_for() {
        // The waiter has gone meanwhile.
        collect_or_log(scope, scope.progress.take_findings());
    }
}

/// Acts on a call that returned after its timeout, before the watchdog checked it.
pub(crate) fn late(scope: &Arc<ScopeRecord>) {
    let finding = leak::late(&scope.facts(), clock::now());
    let allowed = is_allowed(Some(scope), &finding);
    overrun(scope, if allowed { Vec::new() } else { vec![finding] });
}

/// Passes findings to the surrounding test, or else to `report`. Returns those that are for the scope's own waiter.
fn dispatch(
    scope: &Arc<ScopeRecord>,
    action: Action,
    findings: Vec<Finding>,
    report: fn(&Report),
) -> Vec<Finding> {
    if findings.is_empty() || action == Action::Ignore {
        return Vec::new();
    }
    if action == Action::Abort {
        emit::abort(&Report::new(findings, 0));
    }
    if scope.is_waited_for() && (scope.role != Role::Call || action == Action::Panic) {
        return findings;
    }
    collect_or(scope, findings, report);
    Vec::new()
}

/// Passes findings that no call waits for to the surrounding test, or logs them.
pub(crate) fn collect_or_log(scope: &ScopeRecord, findings: Vec<Finding>) {
    collect_or(scope, findings, repeat::log);
}

fn collect_or(scope: &ScopeRecord, findings: Vec<Finding>, report: fn(&Report)) {
    let is_inner = matches!(scope.role, Role::Call | Role::Owner);
    let loose = match scope.collector.as_ref().filter(|_| is_inner) {
        Some(collector) => collector.add(findings),
        None => findings,
    };
    if !loose.is_empty() {
        report(&Report::new(loose, 0));
    }
}

/// Logs what was found in the root scope of a runtime. Each of its findings passes here, also one like an earlier one, so
/// that it is known in which test it was.
pub(crate) fn tell(report: &Report) {
    if !report.findings().is_empty() {
        emit::log(report);
    }
}

/// The findings on events of tasks.
pub(crate) fn events(events: Vec<Noted>) -> Vec<Finding> {
    let finding = |noted: Noted| {
        let scope = noted.task.scope().map(|s| &**s);
        let facts = (scope.map(ScopeRecord::facts), noted.facts());
        let finding = leak::event(facts.0, facts.1, noted.event, clock::now());
        let is_ignored = scope.is_some_and(|s| s.rule.on_leak == Action::Ignore);
        (!is_ignored && !is_allowed(scope, &finding)).then_some(finding)
    };
    events.into_iter().filter_map(finding).collect()
}

/// Logs events of tasks outside of every test.
pub(crate) fn log_events(noted: Vec<Noted>) {
    let findings = events(noted);
    if !findings.is_empty() {
        repeat::log(&Report::new(findings, 0));
    }
}
