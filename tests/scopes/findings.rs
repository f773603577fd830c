//! One test per code. Each plants a fault and expects a finding, then mends it and expects none.

use crate::support::{codes, found, gate, line};
use leakguard::{Code, Verdict};
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::task::Poll;

#[leakguard::track]
async fn starts(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future); // here: spawn
    tokio::task::yield_now().await;
}

#[tokio::test]
async fn lg002_names_its_wait_and_spawn() {
    let (keep, mut channel) = tokio::sync::mpsc::channel::<u8>(1);
    let reader = async move {
        while channel.recv().await.is_some() {} // here: receive
    };
    let report = leakguard::find(starts(reader)).await.unwrap_err();
    let (finding, source) = (&report.findings()[0], include_str!("findings.rs"));
    assert_eq!(finding.code(), Code::LeakedTask);
    assert!(matches!(finding.verdict(), Verdict::Blocked(_)));
    assert_eq!(finding.wait(), Some(leakguard::WaitKind::MpscReceive));
    assert_eq!(finding.wait_place().unwrap().line() as usize, line(source, "receive"));
    assert_eq!(finding.site().location().line() as usize, line(source, "spawn"));
    drop(keep);
    let (keep, mut channel) = tokio::sync::mpsc::channel::<u8>(1);
    drop(keep);
    assert_eq!(found(starts(async move { assert_eq!(channel.recv().await, None) })).await, []);
}

#[tokio::test]
async fn identical_findings_are_folded() {
    #[leakguard::track]
    async fn pool(n: usize, notify: Arc<tokio::sync::Notify>) {
        for _ in 0..n {
            let notify = notify.clone();
            tokio::spawn(async move { notify.notified().await });
        }
        tokio::task::yield_now().await;
    }
    let notify = Arc::new(tokio::sync::Notify::new());
    let report = leakguard::find(pool(8, notify)).await.unwrap_err();
    assert_eq!(report.findings().len(), 1, "{report}");
    assert_eq!(report.findings()[0].count(), 8);
}

#[tokio::test]
async fn lg007_is_reported_only_if_nothing_can_wake_the_task() {
    assert_eq!(found(starts(pending())).await, [Code::StuckTask]);
    let (open, gate) = gate();
    assert_eq!(found(starts(gate)).await, [Code::LeakedTask]);
    drop(open);
}

/// A flag and a wait for it. Raising the flag wakes the wait only if `wakes`.
fn flag(wakes: bool) -> (impl Fn(), impl Future<Output = ()> + Send + 'static) {
    let set = Arc::new(AtomicBool::new(false));
    let waker = Arc::new(std::sync::Mutex::new(None::<std::task::Waker>));
    let (set2, waker2) = (set.clone(), waker.clone());
    let raise = move || {
        set.store(true, SeqCst);
        if let Some(waker) = waker.lock().unwrap().take().filter(|_| wakes) {
            waker.wake();
        }
    };
    let wait = std::future::poll_fn(move |cx| {
        *waker2.lock().unwrap() = Some(cx.waker().clone());
        if set2.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }
    });
    (raise, wait)
}

#[tokio::test]
async fn lg008_flag_is_raised_without_a_wakeup() {
    #[leakguard::must_terminate(grace = "1s")]
    async fn waits(raise: impl Fn(), wait: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(async move { wait.await });
        tokio::task::yield_now().await;
        raise();
    }
    let (raise, wait) = flag(false);
    let report = leakguard::find(waits(raise, wait)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LostWakeup], "{report}");
    let (raise, wait) = flag(true);
    assert_eq!(found(waits(raise, wait)).await, []);
}

#[test]
fn lg011_task_blocks_its_worker() {
    let runtime = crate::support::multi_thread();
    let (end, ended) = mpsc::channel::<()>();
    let busy = async move {
        let _ = ended.recv();
    };
    let report = runtime.block_on(leakguard::find(starts(busy))).unwrap_err();
    assert_eq!(codes(&report), [Code::BusyExecutor], "{report}");
    assert!(report.to_string().contains("tokio-rt-worker"), "{report}");
    drop(end);
    let (end, ended) = mpsc::channel::<()>();
    drop(end);
    let done = async move { assert!(ended.recv().is_err()) };
    assert_eq!(runtime.block_on(found(starts(done))), []);
}

#[tokio::test]
async fn task_that_makes_progress_is_running() {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let spins = async move {
        while !stopped.load(SeqCst) {
            tokio::task::yield_now().await;
        }
    };
    let report = leakguard::find(starts(spins)).await.unwrap_err();
    assert_eq!(report.findings()[0].verdict(), Verdict::Running, "{report}");
    stop.store(true, SeqCst);
    assert_eq!(found(starts(async { tokio::task::yield_now().await })).await, []);
}
