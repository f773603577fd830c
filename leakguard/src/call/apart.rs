//! A test on a thread of its own: the one that the harness gave it fails when that thread is blocked at the timeout.

use crate::call;
use crate::clock;
use crate::record::scope::ScopeRecord;
use std::cell::RefCell;
use std::panic::resume_unwind;
use std::process::{ExitCode, Termination};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

/// How often the waiting thread looks. The timeout is kept by the watchdog, this is only for who hears of it.
const LOOK: Duration = Duration::from_millis(20);
/// A body that can end by itself does so within this, once it has overrun.
const PATIENCE: Duration = Duration::from_secs(1);

/// The scope of the test, once that is open.
type ScopeSlot = Arc<OnceLock<Arc<ScopeRecord>>>;

thread_local! {
    static SLOT: RefCell<Option<ScopeSlot>> = const { RefCell::new(None) };
}

/// Whoever runs this thread's test may see `scope`, the first to be opened.
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
/// As the test does; with its exit code if that says that it failed; with the report on its overrun if it blocks its
/// thread, which is then left behind.
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
    while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        if let Some(report) = scope.get().filter(|s| hangs(s)).and_then(call::report) {
            panic!("\n{report}");
        }
    }
    match body.join() {
        Ok(code) => assert!(code == ExitCode::SUCCESS, "the test returned an error"),
        Err(panic) => resume_unwind(panic),
    }
}

/// Whether its overrun has been said, and has not ended the call since.
fn hangs(scope: &Arc<ScopeRecord>) -> bool {
    let deadline = scope
        .rule
        .overrun
        .map(|timeout| scope.entered.plus(timeout));
    scope.returned().is_none()
        && scope.progress.has_overrun()
        && deadline.is_some_and(|at| clock::now() > at.plus(PATIENCE))
}
