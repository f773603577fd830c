//! Whether a scope is late because the system did not let its process run. Then its end is extended by that time.

use crate::check::judgement::poll_fingerprint;
use crate::clock::share::Share;
use crate::clock::{Instant, pulse};
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use std::time::Duration;

/// What the system withholds at least of a process that is starved.
const LEAST: Duration = Duration::from_millis(10);
/// A scope may lack one part of its time in this number of parts.
const PART: u32 = 20;

/// Extends the end of a scope that is due, if its process is starved. `withheld` is what was withheld while its tasks were
/// probed. Returns whether it did.
pub(super) fn extend<'a>(
    scope: &ScopeRecord,
    tasks: impl IntoIterator<Item = &'a Live>,
    withheld: Duration,
) -> bool {
    let Some((start, end)) = scope.span() else {
        return false;
    };
    let (span, share) = (end.since(start), Share::now());
    let lacks = lack(&share, start, span).max(withheld);
    let starved = lacks >= LEAST.max(span / PART) || withheld >= LEAST;
    let known = starved.then_some(lacks);
    // A wait that goes on is seen by a second look.
    let lacks = known.or_else(|| share.is_runnable().then_some(Duration::ZERO));
    let now = (share, poll_fingerprint(tasks));
    scope.progress.extend(scope.returned().is_some(), lacks, now)
}

/// What was probably withheld from a scope in its time, `span`.
fn lack(share: &Share, start: Instant, span: Duration) -> Duration {
    pulse::overslept_since(start).max(waited_since(share, start)).min(span.max(LEAST))
}

/// The longest that a thread waited for a processor, if the machine is loaded.
fn waited_since(share: &Share, start: Instant) -> Duration {
    let known = share.since(start).into_iter().chain([share.of_new_threads(start)]);
    known.filter(Share::is_loaded).map(|own| own.longest_wait()).max().unwrap_or_default()
}

/// Whether a call that returns now, after its timeout, is late by no more than the system withheld.
pub(crate) fn is_excused(scope: &ScopeRecord) -> bool {
    let Some((entered, end)) = scope.span() else {
        return false;
    };
    let share = Share::now();
    let late = share.at().since(end);
    // The watchdog has not found it late so far.
    scope.progress.is_starved(false)
        || pulse::overslept_since(entered) >= late
        || waited_since(&share, entered) >= late
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;
    use crate::clock;
    use crate::context;
    use crate::vocabulary::Code;
    use tokio::runtime::Builder;

    /// Whether the limit of the scope around the current task is extended.
    fn is_extended() -> bool {
        let scope = context::with(|task| task.scope().cloned()).flatten();
        scope.is_some_and(|scope| scope.progress.is_extended(true))
    }

    /// Runs a scope, in the grace of which the watchdog wakes late.
    fn find(ends: bool) -> Result<(), crate::Report> {
        let body = async move {
            drop(crate::task::spawn(async move {
                while !(ends && is_extended()) {
                    tokio::task::yield_now().await;
                }
            }));
            let soon = clock::now().plus(Duration::from_millis(20));
            pulse::record_overslept(soon, Duration::from_secs(1));
        };
        let runtime = Builder::new_current_thread().build().unwrap();
        let scope = Scope::new("starved").grace(Duration::from_millis(1));
        runtime.block_on(scope.find(body))
    }

    #[test]
    fn a_task_of_a_starved_process_gets_more_time() {
        assert!(find(true).is_ok());
    }

    #[test]
    fn a_report_on_a_starved_process_says_how_much_more() {
        let report = find(false).unwrap_err();
        let codes: Vec<_> = report.iter().map(|finding| finding.code()).collect();
        assert_eq!(codes, [Code::LeakedTask], "{report}");
        assert!(report.to_string().contains("had to wait for a processor"), "{report}");
    }

    #[test]
    fn a_call_that_returns_late_and_is_excused_does_not_wait_for_a_report() {
        let body = async {
            let scope = context::with(|task| task.scope().cloned()).flatten().unwrap();
            let (_, end) = scope.span().unwrap();
            pulse::record_overslept(end.plus(Duration::from_secs(60)), Duration::from_secs(60));
            while clock::now() <= end {
                std::hint::spin_loop();
            }
        };
        let runtime = Builder::new_current_thread().build().unwrap();
        let scope = Scope::new("excused").timeout(Duration::from_millis(1));
        assert!(runtime.block_on(scope.find(body)).is_ok());
    }
}
