//! Runs a test on a thread of its own, so that the harness's thread can fail it when that thread is blocked past the
//! timeout: in its body, or in the drop of its runtime.

use crate::call::failure;
use crate::call::test::{Unasked, is_asked_for};
use crate::check::{act, summary, unended};
use crate::clock::Instant;
use crate::clock::share::Share;
use crate::record::scope::ScopeRecord;
use crate::report::{Report, emit};
use crate::vocabulary::Action;
use crate::{call, clock};
use std::cell::RefCell;
use std::panic::resume_unwind;
use std::process::{ExitCode, Termination};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

/// How often the harness's thread checks whether the watchdog has reported an overrun.
const PERIOD: Duration = Duration::from_millis(20);
/// How long after its limit a test may still end on its own.
const PATIENCE: Duration = Duration::from_secs(1);
/// How much longer at most, if the system does not let its process run.
const LONGEST: Duration = Duration::from_secs(10);

const FAILED: &str = "the test returned an error";

/// What a test shows to the caller of [`apart`].
#[derive(Debug, Default)]
struct TestSlot {
    /// The scope of the test once it is open.
    scope: OnceLock<Arc<ScopeRecord>>,
    /// What the process had got of the processor when the test was at its limit.
    share: OnceLock<Arc<Share>>,
    /// The report with which its function has failed.
    report: OnceLock<Report>,
}

thread_local! {
    static SLOT: RefCell<Option<Arc<TestSlot>>> = const { RefCell::new(None) };
}

fn slot() -> Option<Arc<TestSlot>> {
    SLOT.try_with(|slot| slot.borrow().clone()).ok().flatten()
}

/// Shows the first scope on this thread to the caller of [`apart`].
pub(super) fn show(scope: &Arc<ScopeRecord>) {
    if let Some(slot) = slot() {
        let _ = slot.scope.set(scope.clone());
    }
}

/// Shows the report on `scope` to the caller of [`apart`], which fails the test with it if its thread does not end.
/// `false` if there is no such caller.
pub(super) fn keep(scope: &ScopeRecord, report: &Report) -> bool {
    let is_test = |slot: &TestSlot| slot.scope.get().is_some_and(|test| test.id() == scope.id());
    slot().filter(|slot| is_test(slot) && may_fail(scope)).is_some_and(|slot| {
        let _ = slot.report.set(report.clone());
        true
    })
}

/// Not public API. Runs a test.
///
/// # Panics
///
/// If the test panics or returns a failure. With the report on its overrun if its thread is blocked, which is then left
/// behind. A report that the test does not ask for with `should_panic` is only printed, so that the harness fails it.
pub fn apart<T: Termination + 'static>(should_panic: Option<&'static str>, test: fn() -> T) {
    let (done, ended) = channel::<()>();
    let slot = Arc::<TestSlot>::default();
    let shown = slot.clone();
    let mut builder = thread::Builder::new();
    if let Some(name) = thread::current().name() {
        builder = builder.name(name.to_owned());
    }
    let body = move || {
        let _done = done;
        SLOT.set(Some(slot));
        test().report()
    };
    let body = builder.spawn(body).expect("a thread for the test");
    if let Some((scope, report)) = await_end(&ended, || shown.failure()) {
        return fail_hanging(scope, &report, should_panic);
    }
    match body.join() {
        Ok(ExitCode::SUCCESS) => {}
        Ok(_) => match shown.scope.get() {
            Some(scope) => failure::panic_at(scope.site().location(), FAILED),
            None => panic!("{FAILED}"),
        },
        Err(panic) if panic.is::<Unasked>() => {}
        Err(panic) => resume_unwind(panic),
    }
}

/// Waits until the thread of a test has ended, or has failed while it goes on.
fn await_end<F>(ended: &Receiver<()>, mut failure: impl FnMut() -> Option<F>) -> Option<F> {
    while ended.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
        let found = failure();
        // It may have ended meanwhile: stacks are resolved for seconds where the system does not let the process run.
        if found.is_some() && ended.try_recv() == Err(TryRecvError::Empty) {
            return found;
        }
    }
    None
}

/// Whether a thread that should have ended at `limit`, or soon after it, had the time to do so. `then` is what the
/// process had got shortly after the limit.
fn is_overdue(limit: Instant, then: &Share, now: &Share) -> bool {
    let withheld = now.withheld_since(then).min(LONGEST);
    now.at() > limit.plus(PATIENCE).plus(withheld)
}

fn fail_hanging(scope: &ScopeRecord, report: &Report, should_panic: Option<&str>) {
    let is_asked_for = is_asked_for(report, should_panic);
    if should_panic.is_none() || !is_asked_for {
        emit::raise(report);
        summary::add(scope.site(), report, false);
    }
    match is_asked_for {
        true => failure::fail(scope.site(), report),
        false => failure::show(scope.site(), report),
    }
}

fn may_fail(scope: &ScopeRecord) -> bool {
    scope.rule.on_overrun == Action::Panic
}

impl TestSlot {
    /// The report on a test whose thread is still blocked a second after its limit.
    fn failure(&self) -> Option<(&ScopeRecord, Report)> {
        let scope = self.scope.get()?;
        let timeout = scope.entered.plus(scope.rule.overrun?);
        let limit = scope.limit().map_or(timeout, |limit| limit.max(timeout));
        let limit = limit.max(scope.progress.postponed_to());
        if clock::now() <= limit {
            return None;
        }
        let then = self.share.get_or_init(Share::now);
        if clock::now() <= limit.plus(PATIENCE) || !may_fail(scope) {
            return None;
        }
        let report = match scope.returned() {
            // The watchdog has waited for a starved call, and prints the report past the harness soon.
            None if scope.progress.has_overrun() => call::report(scope),
            Some(_) if is_finished(scope) && is_overdue(limit, then, &Share::now()) => {
                self.unended(scope)
            }
            _ => None,
        };
        Some((scope, report?))
    }

    /// What the function has failed with, if it has, and where the thread is.
    fn unended(&self, scope: &ScopeRecord) -> Option<Report> {
        let failed = self.report.get().map_or(&[][..], Report::findings);
        let unended = unended::look(scope).filter(|f| !act::is_allowed(Some(scope), f));
        let findings: Vec<_> = failed.iter().cloned().chain(unended).collect();
        (!findings.is_empty()).then(|| Report::new(findings, 0))
    }
}

/// Whether the function has returned, and no longer waits for its tasks.
fn is_finished(scope: &ScopeRecord) -> bool {
    scope.is_settled() || scope.progress.is_judged()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_that_ends_while_its_report_is_made_has_not_hung() {
        let (done, ended) = channel();
        let mut done = Some(done);
        let makes_a_report = || {
            done = None;
            Some("a report")
        };
        assert_eq!(await_end(&ended, makes_a_report), None);
    }

    #[test]
    fn test_that_goes_on_has_failed() {
        let (_done, ended) = channel();
        assert_eq!(await_end(&ended, || Some("a report")), Some("a report"));
    }

    #[test]
    fn starved_thread_has_more_time_to_end() {
        let limit = Instant::from_nanos(100_000_000);
        let then = Share::of_one_thread(100, 10, 0);
        let is_overdue =
            |at, ran, waited| is_overdue(limit, &then, &Share::of_one_thread(at, ran, waited));
        assert!(!is_overdue(1_900, 20, 900));
        assert!(is_overdue(1_900, 20, 0), "it was idle");
        assert!(is_overdue(12_000, 20, 11_900), "at most ten seconds");
    }
}
