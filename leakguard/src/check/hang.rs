//! Prints an overrun once: where its call ends, or here if that does not end.

use crate::check::{repeat, summary};
use crate::clock;
use crate::fact::finding::Finding;
use crate::record::scope::{Role, ScopeRecord};
use crate::report::{Report, emit};
use crate::vocabulary::Action;
use std::time::Duration;

/// How long after its overrun a call may still end, and show the findings there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Logs `findings` on the overrun of `scope`, unless a test or a panic will show them. Those are logged later, if the call
/// has not ended by then. Returns whether they were logged now.
pub(crate) fn announce(scope: &ScopeRecord, findings: &[Finding]) -> bool {
    let panics = scope.rule.on_overrun == Action::Panic && scope.is_waited_for();
    let is_shown = scope.collector.is_some() || panics;
    match is_shown {
        false if scope.role == Role::Root => emit::log(&Report::new(findings.to_vec(), 0)),
        true => scope.progress.hold_back(findings.to_vec(), clock::now().plus(PATIENCE)),
        false => repeat::log(&Report::new(findings.to_vec(), 0)),
    }
    !is_shown
}

/// Prints what `scope` has held back. The harness keeps what a test prints until its end, so this goes past it.
pub(crate) fn print(scope: &ScopeRecord) {
    let mut findings = scope.progress.take_held_back();
    let collector = scope.collector.as_ref();
    match (scope.role, collector) {
        (Role::Collect, Some(collector)) => findings.extend(collector.peek()),
        (Role::Call, Some(collector)) => {
            // The report of the test has the rest.
            return if collector.is_open() {
                findings.iter().for_each(emit::in_short)
            };
        }
        _ => {}
    }
    if !findings.is_empty() {
        let report = Report::new(findings, 0);
        if scope.role == Role::Collect && scope.rule.timeout.is_some() {
            summary::add(scope.site(), &report, true);
        }
        emit::log(&report);
    }
}
