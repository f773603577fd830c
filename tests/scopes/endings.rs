//! The ways in which calls and tasks end.

use crate::support::{found, gate, line};
use leakguard::Code;
use std::future::pending;
use std::panic::AssertUnwindSafe;

#[leakguard::track]
async fn spawn_and_abort() {
    let task = tokio::spawn(pending::<()>());
    tokio::task::yield_now().await;
    task.abort();
}

#[tokio::test]
async fn aborted_task_is_not_reported() {
    assert_eq!(found(spawn_and_abort()).await, []);
}

#[tokio::test]
async fn dropped_join_set_ends_its_tasks() {
    #[leakguard::track]
    async fn set() {
        let mut set = tokio::task::JoinSet::new();
        set.spawn(pending::<()>());
    }
    assert_eq!(found(set()).await, []);
}

#[leakguard::must_terminate(grace = "20ms")]
async fn holds_on(gate: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(gate);
    pending::<()>().await;
}

#[tokio::test]
async fn cancelled_call_is_still_checked() {
    let (open, gate) = gate();
    let cancelled = async {
        let mut call = Box::pin(holds_on(gate));
        assert!(poll_once(call.as_mut()).await.is_none());
        drop(call);
    };
    assert_eq!(found(cancelled).await, [Code::LeakedTask]);
    drop(open);
}

async fn poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut future).poll(cx) {
            std::task::Poll::Ready(out) => Some(out),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[leakguard::must_terminate(grace = "20ms")]
async fn panics(gate: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(gate);
    panic!("on purpose");
}

#[tokio::test]
async fn panicking_call_is_still_checked() {
    let (open, gate) = gate();
    let caught = async {
        let joined = tokio::spawn(panics(gate)).await;
        assert!(joined.unwrap_err().is_panic());
    };
    // The spawn above is not annotated, so the scope of `panics` has no parent.
    assert_eq!(found(caught).await, []);
    let (open2, gate) = crate::support::gate();
    #[leakguard::track]
    async fn tracked(gate: impl Future<Output = ()> + Send + 'static) {
        let joined = tokio::spawn(panics(gate)).await;
        assert!(joined.unwrap_err().is_panic());
    }
    assert_eq!(found(tracked(gate)).await, [Code::LeakedTask]);
    drop((open, open2));
}

#[leakguard::must_terminate(grace = "20ms")]
fn sync_call(gate: impl Future<Output = ()> + Send + 'static) -> Option<u8> {
    tokio::spawn(gate);
    let early: Option<u8> = None;
    Some(early? + 1)
}

#[tokio::test]
async fn early_return_is_checked() {
    let (open, gate) = gate();
    assert_eq!(found(async { assert_eq!(sync_call(gate), None) }).await, [Code::LeakedTask]);
    drop(open);
}

#[test]
fn panicking_sync_call_closes_its_scope() {
    let runtime = crate::support::current_thread();
    let (_open, gate) = gate();
    #[leakguard::must_terminate(grace = "20ms")]
    fn panics(gate: impl Future<Output = ()> + Send + 'static) {
        drop(gate);
        panic!("on purpose");
    }
    std::panic::catch_unwind(AssertUnwindSafe(|| panics(gate))).unwrap_err();
    assert_eq!(runtime.block_on(found(async {})), []);
}

#[tokio::test]
async fn task_that_was_never_polled_is_a_leak() {
    #[leakguard::track]
    async fn keeps_it(local: &tokio::task::LocalSet) {
        // The set is never run.
        local.spawn_local(async {});
    }
    let local = tokio::task::LocalSet::new();
    let report = leakguard::find(keeps_it(&local)).await.unwrap_err();
    assert!(
        matches!(report.findings()[0].verdict(), leakguard::Verdict::NeverBegun(_)),
        "{report}"
    );
    drop(local);
}

#[tokio::test]
async fn panic_of_a_detached_task_is_reported() {
    #[leakguard::track]
    async fn detached() {
        tokio::spawn(async { panic!("on purpose") }); // here: detached
        tokio::task::yield_now().await;
    }
    #[leakguard::track]
    async fn joined() {
        let task = tokio::spawn(async { panic!("on purpose") });
        assert!(task.await.is_err());
    }
    #[leakguard::track]
    async fn by_method() {
        let handle = tokio::runtime::Handle::current();
        handle.spawn(async { panic!("on purpose") });
        tokio::task::yield_now().await;
    }
    #[leakguard::track]
    async fn in_a_set() {
        let mut set = tokio::task::JoinSet::new();
        // `spawn` of a set returns no join handle, so nothing is detached here.
        set.spawn(async { panic!("on purpose") });
        assert!(set.join_next().await.unwrap().is_err());
    }
    let report = leakguard::find(detached()).await.unwrap_err();
    assert_eq!(crate::support::codes(&report), [Code::SwallowedPanic], "{report}");
    let (text, line) = (report.to_string(), line(include_str!("endings.rs"), "detached"));
    assert!(text.contains("nothing will ever join it"), "{text}");
    assert!(
        text.contains(&format!("endings.rs:{line}:")) && text.contains(": on purpose"),
        "{text}"
    );
    assert_eq!(found(by_method()).await, [Code::SwallowedPanic]);
    assert_eq!(found(joined()).await, []);
    assert_eq!(found(in_a_set()).await, []);
}

#[tokio::test]
async fn panic_after_the_return_is_told_apart() {
    #[leakguard::track]
    async fn returns(open: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(async move {
            open.await;
            panic!("nothing is left to talk to")
        });
    }
    let (open, opened) = gate();
    let body = async move {
        returns(opened).await;
        // The task goes on when the body has returned.
        drop(open);
    };
    let report = leakguard::find(body).await.unwrap_err();
    assert_eq!(crate::support::codes(&report), [Code::SwallowedPanic], "{report}");
    let text = report.to_string();
    assert!(text.contains("panicked after `leakguard::find` had returned"), "{text}");
    assert!(text.contains("nothing is left to talk to"), "{text}");
    let (open, opened) = gate();
    let joined = async move {
        #[leakguard::track]
        fn start(opened: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
            tokio::spawn(opened)
        }
        let task = start(opened);
        drop(open);
        task.await.unwrap();
    };
    assert_eq!(found(joined).await, []);
}

#[tokio::test]
async fn running_blocking_call_is_a_leak() {
    #[leakguard::track]
    async fn blocking(end: std::sync::mpsc::Receiver<()>) {
        tokio::task::spawn_blocking(move || {
            let _ = end.recv();
        });
    }
    let (end, ended) = std::sync::mpsc::channel();
    assert_eq!(found(blocking(ended)).await, [Code::LeakedThread]);
    drop(end);
    let (end, ended) = std::sync::mpsc::channel();
    drop(end);
    assert_eq!(found(blocking(ended)).await, []);
}

#[tokio::test]
async fn running_thread_is_a_leak() {
    #[leakguard::track]
    fn threads(end: std::sync::mpsc::Receiver<()>) {
        std::thread::Builder::new()
            .name("worker".into())
            .spawn(move || {
                let _ = end.recv();
            })
            .unwrap();
    }
    let (end, ended) = std::sync::mpsc::channel();
    let report = leakguard::find(async { threads(ended) }).await.unwrap_err();
    assert_eq!(crate::support::codes(&report), [Code::LeakedThread], "{report}");
    drop(end);
    let (end, ended) = std::sync::mpsc::channel();
    drop(end);
    assert_eq!(found(async { threads(ended) }).await, []);
}

#[tokio::test]
async fn scoped_threads_end_with_their_scope() {
    #[leakguard::track]
    fn scoped() -> usize {
        let words = ["a", "bc"];
        std::thread::scope(|s| {
            let all: Vec<_> = words.iter().map(|w| s.spawn(|| w.len())).collect();
            all.into_iter().map(|t| t.join().unwrap()).sum()
        })
    }
    assert_eq!(found(async { assert_eq!(scoped(), 3) }).await, []);
}
