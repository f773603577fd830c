//! What is done about findings: say them, hand them to who waits, or abort.

use crate::clock;
use crate::config;
use crate::fact::finding::Finding;
use crate::fact::id::Role;
use crate::fact::options::Action;
use crate::judge::{allow, fold::fold, leak};
use crate::record::event::Noted;
use crate::record::scope::ScopeRecord;
use crate::report::{Report, emit};
use crate::site::Site;
use std::sync::Arc;

/// Whether the program allows a finding of `scope`, or the attribute of that scope or of one around
/// it does. `scope` is the innermost one, that of the task: who says of a function that it may leave
/// a task behind need not say so again in every caller.
pub(crate) fn is_allowed(scope: Option<&ScopeRecord>, finding: &Finding) -> bool {
    let mut items = config::allowed();
    let mut at = scope;
    while let Some(scope) = at {
        items.extend(scope.rule.allow.into_iter().flat_map(config::words));
        at = scope.parent.as_deref();
    }
    allow::is_allowed(finding, &items)
}

/// Whether `scope`, or one around it and inside `judged`, leaves its leaks to themselves.
pub(crate) fn is_ignored(scope: Option<&ScopeRecord>, judged: &ScopeRecord) -> bool {
    let mut at = scope;
    while let Some(scope) = at.filter(|s| s.id() != judged.id()) {
        if scope.rule.on_leak == Action::Ignore {
            return true;
        }
        at = scope.parent.as_deref();
    }
    false
}

/// Tasks of `scope` live at its limit, or none does.
pub(crate) fn leaks(scope: &Arc<ScopeRecord>, findings: Vec<Finding>) {
    let sites: Vec<_> = findings.iter().map(Finding::site).collect();
    let action = scope.rule.on_leak;
    let kept = dispatch(scope, action, findings, emit::log);
    // Who sees the count finds the report delivered.
    sites.into_iter().for_each(Site::count_leak);
    scope.progress.set_judged(kept);
}

/// The function of `scope` still runs at its timeout.
pub(crate) fn overrun(scope: &Arc<ScopeRecord>, findings: Vec<Finding>) {
    let action = scope.rule.on_overrun;
    if findings.is_empty() || action == Action::Ignore {
        return scope.progress.set_overrun(Vec::new());
    }
    // It is said at once, whatever follows: the function may never return. Where a test will show
    // the report at its end, a line is enough.
    if scope.collector.is_some() && scope.role == Role::Call {
        findings.iter().for_each(emit::in_short);
    } else if action != Action::Abort {
        emit::log(&Report::new(findings.clone(), 0));
    }
    let goes_on = scope.role != Role::Call && action == Action::Log;
    let kept = if goes_on {
        Vec::new()
    } else {
        dispatch(scope, action, findings, |_| {})
    };
    scope.progress.set_overrun(kept);
}

/// The call of `scope` ends after its timeout, before the watchdog came to say so.
pub(crate) fn late(scope: &Arc<ScopeRecord>) {
    let finding = leak::late(&scope.facts(), clock::now());
    let allowed = is_allowed(Some(scope), &finding);
    overrun(scope, if allowed { Vec::new() } else { vec![finding] });
}

/// Gives findings to whom they concern, and to `say` if that is nobody. What comes back is for the scope's own waiter.
fn dispatch(
    scope: &Arc<ScopeRecord>,
    action: Action,
    findings: Vec<Finding>,
    say: fn(&Report),
) -> Vec<Finding> {
    if findings.is_empty() || action == Action::Ignore {
        return Vec::new();
    }
    if action == Action::Abort {
        emit::to_stderr(&Report::new(fold(findings), 0));
        std::process::abort();
    }
    let waited_for = scope.is_waited_for();
    if waited_for && (scope.role != Role::Call || action == Action::Panic) {
        return findings;
    }
    tell(scope, findings, say);
    Vec::new()
}

/// Gives findings that nobody waits for to the test around, or to the log.
pub(crate) fn say(scope: &ScopeRecord, findings: Vec<Finding>) {
    tell(scope, findings, emit::log);
}

fn tell(scope: &ScopeRecord, findings: Vec<Finding>, say: fn(&Report)) {
    let loose = match scope
        .collector
        .as_ref()
        .filter(|_| matches!(scope.role, Role::Call | Role::Owner))
    {
        Some(collector) => collector.add(findings),
        None => findings,
    };
    if !loose.is_empty() {
        say(&Report::new(fold(loose), 0));
    }
}

/// The findings on what happened once.
pub(crate) fn events(events: Vec<Noted>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for noted in events {
        let scope = noted.task.scope().map(|s| &**s);
        let facts = (scope.map(ScopeRecord::facts), noted.facts());
        let finding = leak::event(facts.0, facts.1, noted.event, clock::now());
        if !is_allowed(scope, &finding) && !scope.is_some_and(|s| s.rule.on_leak == Action::Ignore)
        {
            findings.push(finding);
        }
    }
    findings
}

/// Says what happened outside of every test.
pub(crate) fn log_events(noted: Vec<Noted>) {
    let findings = events(noted);
    if !findings.is_empty() {
        emit::log(&Report::new(fold(findings), 0));
    }
}
