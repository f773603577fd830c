//! What leakguard must survive, and what it must not do to the program that it watches.

use crate::support::{codes, found, gate};
use leakguard::Code;
use std::future::pending;
use std::time::Duration;

#[leakguard::must_terminate(grace = "10ms")]
async fn fails() -> Result<(), Box<dyn std::error::Error>> {
    tokio::task::yield_now().await;
    Err("no".into())
}

#[tokio::test]
async fn future_is_send_though_its_output_is_not() {
    let text = tokio::spawn(async {
        match fails().await {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    });
    assert_eq!(text.await.unwrap(), "no");
}

#[tokio::test]
async fn task_ends_though_its_destructor_panics() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    #[leakguard::track]
    async fn aborts() {
        let task = tokio::spawn(async {
            let _panics = Panics;
            pending::<()>().await;
        });
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.is_err());
    }
    assert_eq!(found(aborts()).await, []);
}

#[tokio::test]
async fn stuck_task_is_reported_inside_an_annotated_function() {
    #[leakguard::must_terminate(timeout = "10ms", on_overrun = "ignore")]
    async fn never() {
        pending::<()>().await;
    }
    #[leakguard::track]
    async fn starts() {
        tokio::spawn(async { never().await });
        tokio::task::yield_now().await;
    }
    assert_eq!(found(starts()).await, [Code::StuckTask]);
}

#[tokio::test]
async fn rotating_poll_order_of_join_is_no_progress() {
    #[leakguard::track]
    async fn joins(a: tokio::sync::oneshot::Receiver<()>, b: tokio::sync::oneshot::Receiver<()>) {
        tokio::spawn(async move {
            let _ = tokio::join!(async { a.await }, async { b.await });
        });
        tokio::task::yield_now().await;
    }
    let (keep, a) = tokio::sync::oneshot::channel();
    let (keep2, b) = tokio::sync::oneshot::channel();
    assert_eq!(found(joins(a, b)).await, [Code::LeakedTask]);
    drop((keep, keep2));
}

#[tokio::test]
async fn ignoring_scope_does_not_hide_findings_of_an_inner_one() {
    #[leakguard::must_terminate(grace = "30ms")]
    async fn strict(gate: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(gate);
    }
    #[leakguard::must_terminate(grace = "0ms", on_leak = "ignore")]
    async fn lenient(gate: impl Future<Output = ()> + Send + 'static) {
        strict(gate).await;
    }
    let (open, gate) = gate();
    let report = leakguard::find(lenient(gate)).await;
    // `ignore` on the outer scope applies to the outer limit only.
    assert_eq!(codes(&report.unwrap_err()), [Code::LeakedTask]);
    drop(open);
}

#[test]
fn overrun_of_a_sync_function_can_panic() {
    #[leakguard::must_terminate(timeout = "5ms", on_overrun = "panic")]
    fn slow(until: std::sync::mpsc::Receiver<()>) {
        let _ = until.recv_timeout(Duration::from_secs(1));
    }
    let (_keep, until) = std::sync::mpsc::channel();
    let panic = std::panic::catch_unwind(|| slow(until)).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("overrun[LG001]"));
    let (keep, until) = std::sync::mpsc::channel();
    drop(keep);
    slow(until);
}

#[test]
fn long_chain_of_scopes_is_dropped_without_recursion() {
    #[leakguard::must_terminate(grace = "10s")]
    async fn chain(left: u32) {
        if left > 0 {
            let next: std::pin::Pin<Box<dyn Future<Output = ()> + Send>> = next(left - 1);
            tokio::spawn(next);
        }
    }
    fn next(left: u32) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(chain(left))
    }
    assert_eq!(crate::support::multi_thread().block_on(found(chain(20_000))), []);
}

#[test]
fn panicking_waker_does_not_stop_the_watchdog() {
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("on purpose");
        }
    }
    #[leakguard::must_terminate(timeout = "10ms")]
    async fn never() {
        pending::<()>().await;
    }
    let waker = std::sync::Arc::new(Panics).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = Box::pin(never());
    assert!(future.as_mut().poll(&mut context).is_pending());
    #[leakguard::track]
    async fn leaks(gate: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(gate);
    }
    let (open, gate) = gate();
    let runtime = crate::support::current_thread();
    assert_eq!(runtime.block_on(found(leaks(gate))), [Code::LeakedTask]);
    drop((open, future));
}
