//! A supervised call is a task of the scope that makes it. The task that supervises it belongs to no scope.

use crate::support::{codes, found, gate};
use leakguard::supervise::{CallError, Monitor, Stop, restart};
use leakguard::{Code, must_terminate};
use std::future::pending;
use std::sync::mpsc;
use std::time::Duration;
use tokio::task::yield_now;

const SOON: Duration = Duration::from_millis(20);
const NEVER: Duration = Duration::from_secs(3_600);

/// A call that times out, in a function that has nothing else to do.
#[must_terminate(grace = "20ms")]
async fn gives_up(monitor: &Monitor) {
    let (_open, gate) = gate();
    let call = monitor.call(async move { gate.await });
    assert_eq!(call.await, Err(CallError::TimedOut));
    // The gate stays shut.
    std::mem::forget(_open);
}

#[tokio::test]
async fn abandoned_call_leaks_unless_it_is_cancelled() {
    let monitor = Monitor::builder().call_timeout(SOON).build();
    let report = leakguard::find(gives_up(&monitor)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask]);
    let text = report.to_string();
    assert!(text.contains("spawned by `Monitor::call`"), "{text}");
    assert!(text.contains("tests/scopes/supervised.rs"), "{text}");
    assert!(text.contains("cancel_abandoned(true)"), "{text}");
    let monitor = Monitor::builder().call_timeout(SOON);
    let monitor = monitor.cancel_abandoned(true).build();
    assert_eq!(found(gives_up(&monitor)).await, []);
}

#[must_terminate(grace = "20ms")]
async fn blocks(monitor: &Monitor, ended: mpsc::Receiver<()>) {
    let call = monitor.call_blocking(move || ended.recv());
    assert_eq!(call.await, Err(CallError::TimedOut));
}

#[tokio::test]
async fn abandoned_blocking_call_leaks_until_it_ends() {
    let monitor = Monitor::builder().call_timeout(SOON).build();
    let (end, ended) = mpsc::channel();
    assert_eq!(found(blocks(&monitor, ended)).await, [Code::LeakedThread]);
    drop(end);
}

#[tokio::test]
async fn alert_task_belongs_to_no_scope() {
    #[must_terminate(grace = "20ms")]
    async fn calls(monitor: &Monitor) {
        assert_eq!(monitor.call(async { 7 }).await, Ok(7));
    }
    let monitor = Monitor::builder().max_active(1).alert_after(NEVER).build();
    assert_eq!(found(calls(&monitor)).await, []);
    let dump = leakguard::dump().to_string();
    assert!(!dump.contains("supervise/stall.rs"), "{dump}");
}

#[must_terminate(grace = "20ms")]
async fn supervises(ignores: bool, aborts: bool) {
    let mut runs = 0;
    let supervision = restart(move |_, stop: Stop| {
        runs += 1;
        let hangs = runs == 1;
        async move {
            if hangs && ignores {
                pending::<()>().await;
            }
            if hangs {
                stop.stopped().await;
            }
            Ok::<(), String>(())
        }
    });
    let supervision = supervision.timeout(SOON).grace(SOON).abort_ignoring(aborts);
    supervision.on_failure(|_| {}).run().await.unwrap();
    yield_now().await;
}

#[tokio::test]
async fn only_a_run_that_ignores_its_token_is_reported() {
    let report = leakguard::find(supervises(true, false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::IgnoredCancellation], "{report}");
    let text = report.to_string();
    assert!(text.contains("although it was requested to stop"), "{text}");
    assert!(text.contains("`leakguard::supervise::restart`"), "{text}");
    assert!(text.contains("stop.stopped()"), "{text}");
    // Aborting the run ends it. The finding remains because the run ignored its token.
    assert_eq!(found(supervises(true, true)).await, [Code::IgnoredCancellation]);
    assert_eq!(found(supervises(false, false)).await, []);
}

#[tokio::test]
async fn run_that_outlives_its_supervision_is_a_leak() {
    #[must_terminate(grace = "20ms")]
    async fn starts() {
        let supervision = restart(|_, _| async {
            pending::<()>().await;
            Ok::<(), String>(())
        });
        let supervision = tokio::time::timeout(SOON, supervision.run());
        assert!(supervision.await.is_err());
    }
    let report = leakguard::find(starts()).await.unwrap_err();
    assert_eq!(codes(&report), [Code::StuckTask]);
}
