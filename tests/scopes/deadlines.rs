//! Timeouts, graces and overruns.

use crate::support::{codes, found, gate, line};
use leakguard::{Code, Scope, Verdict};
use std::time::Duration;

#[leakguard::track]
async fn starts(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
}

#[tokio::test(start_paused = true)]
async fn ending_tasks_do_not_use_up_the_grace() {
    let before = tokio::time::Instant::now();
    let ends = tokio::time::sleep(Duration::from_millis(50));
    assert_eq!(found(starts(ends)).await, []);
    assert_eq!(before.elapsed(), Duration::from_millis(50));
    // The test would hang if the scope waited for its whole grace.
    let patient = Scope::new("patient").grace(Duration::from_secs(3600));
    patient.find(starts(async {})).await.unwrap();
}

#[tokio::test]
async fn task_may_outlive_the_return_within_the_timeout() {
    #[leakguard::must_terminate(timeout = "10s", grace = "0ms", on_leak = "panic")]
    async fn patient(gate: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(gate);
    }
    let (open, gate) = gate();
    let call = tokio::spawn(patient(gate));
    // Past the grace, which is zero, and far from the timeout.
    tokio::task::yield_now().await;
    open.send(()).unwrap();
    call.await.unwrap();
}

#[leakguard::must_terminate(timeout = "20ms", on_overrun = "panic")]
async fn overruns(opened: tokio::sync::oneshot::Receiver<()>) {
    let _ = opened.await; // here: overruns
}

#[tokio::test]
async fn overrun_is_reported_and_stops_the_call() {
    let (open, opened) = tokio::sync::oneshot::channel();
    let panic = tokio::spawn(overruns(opened)).await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("LG001"), "{text}");
    let line = line(include_str!("deadlines.rs"), "overruns");
    assert!(text.contains(&format!("deadlines.rs:{line}:")), "the await is named: {text}");
    // The body has been dropped.
    assert!(open.is_closed());
    let (open, opened) = tokio::sync::oneshot::channel();
    drop(open);
    overruns(opened).await;
}

#[tokio::test]
async fn overrun_inside_a_collecting_scope_is_a_finding() {
    #[leakguard::must_terminate(timeout = "10ms")]
    async fn slow() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let report = leakguard::find(slow()).await.unwrap_err();
    assert_eq!(codes(&report), [Code::Overrun], "{report}");
    assert!(
        matches!(report.findings()[0].verdict(), Verdict::TimerOrIo(_) | Verdict::Late(_)),
        "{report}"
    );
}

#[tokio::test]
async fn sync_call_can_overrun() {
    #[leakguard::must_terminate(timeout = "5ms")]
    fn slow(until: std::sync::mpsc::Receiver<()>) {
        let _ = until.recv_timeout(Duration::from_secs(1));
    }
    let (_keep, until) = std::sync::mpsc::channel();
    assert_eq!(found(async { slow(until) }).await, [Code::Overrun]);
    let (keep, until) = std::sync::mpsc::channel();
    drop(keep);
    assert_eq!(found(async { slow(until) }).await, []);
}
