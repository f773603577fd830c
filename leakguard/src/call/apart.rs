//! Runs a test on a thread of its own, so that the harness's thread can fail it when it blocks its thread past the timeout.

use crate::record::scope::ScopeRecord;
use crate::{call, clock};
use std::cell::RefCell;
use std::panic::resume_unwind;
use std::process::{ExitCode, Termination};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

/// How often the harness's thread checks whether the watchdog has reported an overrun.
const PERIOD: Duration = Duration::from_millis(20);
/// How long after an overrun a body may still end on its own.
const PATIENCE: Duration = Duration::from_secs(1);

/// The scope of the test once it is open.
type ScopeSlot = Arc<OnceLock<Arc<ScopeRecord>>>;

thread_local! {
    static SLOT: RefCell<Option<ScopeSlot>> = const { RefCell::new(None) };
}

/// Shows the first scope on this thread to the caller of [`apart`].
pub(super) fn show(scope: &Arc<ScopeRecord>) {
    let slot = SLOT.try_with(|slot| slot.borrow_mut().take());
    if let Some(slot) = slot.ok().flatten() {
        let _ = slot.set(scope.clone());
    }
}

/// Not public API. Runs a test.
///
/// # Panics
///
/// If the test panics or returns a failure. With the report on its overrun if the test blocks its thread, which is then
/// left behind.
pub fn apart<T: Termination + 'static>(test: fn() -> T) {
    let (done, ended) = channel::<()>();
    let slot = ScopeSlot::default();
    let scope = slot.clone();
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
    while ended.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
        if let Some(report) = scope.get().filter(|s| hangs(s)).and_then(call::report) {
            panic!("\n{report}");
        }
    }
    match body.join() {
        Ok(code) => assert!(code == ExitCode::SUCCESS, "the test returned an error"),
        Err(panic) => resume_unwind(panic),
    }
}

/// Whether the overrun was reported, and the call has not ended since.
fn hangs(scope: &Arc<ScopeRecord>) -> bool {
    let last = |timeout| scope.entered.plus(timeout).plus(PATIENCE);
    scope.returned().is_none()
        && scope.progress.has_overrun()
        && scope.rule.overrun.is_some_and(|t| clock::now() > last(t))
}
