//! What is due next for a scope, and when.

use crate::clock::Instant;
use crate::record::scope::ScopeRecord;
use std::time::Duration;

/// A task whose timer is set to exactly the limit ends in time, although tokio's timers fire up to 1 ms late.
pub(crate) const ROUNDING: Duration = Duration::from_millis(2);

/// Why a scope is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Its function still runs at the timeout.
    Overrun,
    /// Its tasks are alive although their limit has passed.
    Limit,
    /// It may be deadlocked.
    Still,
    /// Its overrun was not printed, because a test shows it at its end, and the call still runs.
    Hangs,
}

/// The next check of a scope.
pub(crate) fn due(scope: &ScopeRecord) -> Option<(Instant, Reason)> {
    if scope.progress.is_judged() || scope.is_settled() {
        return None;
    }
    let hangs = scope.print_at().map(|at| (at, Reason::Hangs));
    let still = scope.look_at().map(|at| (at, Reason::Still));
    let postponed = scope.progress.postponed_to();
    let overrun = scope.overrun_at().map(|at| (at.max(postponed), Reason::Overrun));
    let later = |at: Instant| match scope.progress.is_hastened() {
        true => postponed,
        false => at.plus(ROUNDING).max(postponed),
    };
    let limit = scope.limit().map(|at| (later(at), Reason::Limit));
    let deadline = overrun.or(limit);
    deadline.into_iter().chain(still).chain(hangs).min_by_key(|(at, _)| *at)
}
