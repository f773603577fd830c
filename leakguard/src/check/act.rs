//! What is done about findings: say them, hand them to who waits, or abort.

use crate::clock;
use crate::config;
use crate::judge::{allow, fold::fold, leak};
use crate::record::finding::Finding;
use crate::record::options::Action;
use crate::record::scope::Scope;
use crate::record::task::Task;
use crate::report::{Report, emit};
use std::sync::Arc;

/// Leaves out what the attribute of the scope or of one around it, or the program, allows.
pub(crate) fn not_allowed(scope: &Scope, mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut items = config::allowed();
    let mut at = Some(scope);
    while let Some(scope) = at {
        items.extend(scope.rule.allow.into_iter().flat_map(config::words));
        at = scope.parent.as_deref();
    }
    findings.retain(|f| !allow::is_allowed(f, &items));
    findings
}

/// Tasks of `scope` live at its limit, or none does.
pub(crate) fn leaks(scope: &Arc<Scope>, findings: Vec<Finding>) {
    for finding in &findings {
        finding.site().count_leak();
    }
    let action = scope.rule.on_leak;
    let kept = hand_over(scope, action, findings);
    scope.set_judged(kept);
}

/// The function of `scope` still runs at its timeout.
pub(crate) fn overrun(scope: &Arc<Scope>, findings: Vec<Finding>) {
    let action = scope.rule.on_overrun;
    // The dump comes first: whatever follows, it has been seen.
    if action == Action::Panic && !findings.is_empty() {
        emit::to_stderr(&Report::new(findings.clone(), 0));
    }
    let kept = hand_over(scope, action, findings);
    scope.set_overrun(kept);
}

/// Gives findings to whom they concern. What comes back is for the scope's own waiter.
fn hand_over(scope: &Arc<Scope>, action: Action, findings: Vec<Finding>) -> Vec<Finding> {
    if findings.is_empty() || action == Action::Ignore {
        return Vec::new();
    }
    if action == Action::Abort {
        emit::to_stderr(&Report::new(fold(findings), 0));
        std::process::abort();
    }
    if scope.gathers || (action == Action::Panic && scope.is_waited_for()) {
        return findings;
    }
    if let Some(collector) = &scope.collector {
        collector.add(findings);
    } else {
        emit::log(&Report::new(fold(findings), 0));
    }
    Vec::new()
}

/// Detached tasks that panicked.
pub(crate) fn panicked(tasks: Vec<Arc<Task>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for task in tasks {
        let scope = task.scope.as_ref();
        let finding = leak::panicked(scope.map(|s| s.facts()), task.facts(), clock::now());
        findings.extend(match scope {
            Some(scope) => not_allowed(scope, vec![finding]),
            None => vec![finding],
        });
    }
    findings
}

/// Says what panicked outside of every test.
pub(crate) fn log_panicked(tasks: Vec<Arc<Task>>) {
    let findings = panicked(tasks);
    if !findings.is_empty() {
        emit::log(&Report::new(fold(findings), 0));
    }
}
