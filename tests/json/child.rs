//! Programs whose findings are written: each is a test of this binary that runs as a child.

use leakguard::sync::{Mutex, mpsc, oneshot};
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn sleeps() {
    tokio::spawn(async { tokio::time::sleep(Duration::from_secs(3600)).await });
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn receives() {
    async fn worker(mut jobs: mpsc::Receiver<u8>) {
        while jobs.recv().await.is_some() {}
    }
    let (sender, jobs) = mpsc::channel::<u8>(8);
    sender.send(1).await.unwrap();
    std::mem::forget(tokio::spawn(worker(jobs)));
    std::mem::forget(sender);
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn sends() {
    let (sender, jobs) = mpsc::channel::<u8>(1);
    tokio::spawn(async move { while sender.send(1).await.is_ok() {} });
    tokio::task::yield_now().await;
    std::mem::forget(jobs);
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn can_never_be_woken() {
    tokio::spawn(pending::<()>());
}

#[leakguard::track]
async fn lock_both(first: Arc<Mutex<u8>>, second: Arc<Mutex<u8>>, both: Arc<tokio::sync::Barrier>) {
    let _first = first.lock().await;
    both.wait().await;
    let _second = second.lock().await;
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn locks_in_two_orders() {
    let (left, right) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let both = Arc::new(tokio::sync::Barrier::new(2));
    tokio::spawn(lock_both(left.clone(), right.clone(), both.clone()));
    tokio::spawn(lock_both(right, left, both));
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn blocks_a_thread() {
    tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(1500)));
    tokio::task::yield_now().await;
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn panics_unheard() {
    tokio::spawn(async { panic!("a \"quoted\"\n\tmessage with \u{1b}[31mcolour") });
    tokio::task::yield_now().await;
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn keeps_a_value() {
    std::mem::forget(leakguard::Tracked::new(String::new()));
}

#[leakguard::bounded_channel]
async fn lose_a_message() {
    let (sender, messages) = mpsc::channel::<u8>(4);
    sender.send(1).await.unwrap();
    drop(messages);
}

#[leakguard::bounded_channel]
async fn break_a_promise() {
    let (sender, value) = oneshot::channel::<u8>();
    tokio::spawn(async move {
        tokio::task::yield_now().await;
        drop(sender);
    });
    assert!(value.await.is_err());
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn loses_and_breaks() {
    lose_a_message().await;
    break_a_promise().await;
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn spins() {
    let (sender, mut jobs) = mpsc::channel::<u8>(1);
    tokio::spawn(async move {
        loop {
            assert_eq!(jobs.recv().await, None);
            tokio::task::yield_now().await;
        }
    });
    drop(sender);
    tokio::task::yield_now().await;
}

/// Ends once the file of this process has a finding with `code`. The thread is no part of the program.
fn until_written(code: &'static str) -> tokio::sync::oneshot::Receiver<()> {
    let (done, ended) = tokio::sync::oneshot::channel();
    let directory = std::env::var_os("LEAKGUARD_JSON").unwrap();
    let has_it = move || {
        let files = std::fs::read_dir(&directory).unwrap();
        let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        texts.into_iter().any(|text| text.contains(&format!("\"code\":\"{code}\"")))
    };
    std::thread::spawn(move || {
        while !has_it() {
            std::thread::park_timeout(Duration::from_millis(10));
        }
        let _ = done.send(());
    });
    ended
}

#[leakguard::must_terminate(timeout = "30ms", on_overrun = "log")]
async fn take_long() {
    let _ = until_written("LG001").await;
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn calls_what_takes_long() {
    take_long().await;
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn ignores_its_token() {
    let token = leakguard::sync::CancellationToken::new();
    let own = token.clone();
    tokio::spawn(async move {
        assert!(!own.is_cancelled());
        tokio::time::sleep(Duration::from_secs(3600)).await;
        drop(own);
    });
    tokio::task::yield_now().await;
    token.cancel();
}

/// Two tasks that are alike, and a third that lives only because of one of them.
#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn leaves_consequences() {
    for _ in 0..2 {
        let (open, gate) = oneshot::channel::<u8>();
        tokio::spawn(async move {
            let joined = leakguard::task::spawn(gate);
            let _ = joined.await;
        });
        std::mem::forget(open);
    }
    tokio::task::yield_now().await;
}

#[leakguard::test(grace = "20ms")]
#[ignore = "run as a child"]
async fn ends_all() {
    tokio::spawn(poll_fn(|_| Poll::Ready(()))).await.unwrap();
}

/// Logged outside of every test, so that equal findings are only counted.
#[leakguard::must_terminate(grace = "1ms")]
async fn leave_a_task() {
    tokio::spawn(pending::<()>());
}

#[tokio::test]
#[ignore = "run as a child"]
async fn leaves_alike_tasks() {
    for _ in 0..3 {
        leave_a_task().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// A report is a value for its caller.
#[tokio::test]
#[ignore = "run as a child"]
async fn finds() {
    let scope = leakguard::Scope::new("start-up").grace(Duration::from_millis(1));
    let report = scope.find(leave_a_task()).await.unwrap_err();
    let lines = report.to_json_lines();
    assert_eq!(lines.lines().count(), report.findings().len());
    assert!(lines.starts_with(&report.findings()[0].to_json()[..20]), "{lines}");
}

#[tokio::test]
#[ignore = "run as a child"]
async fn verifies() {
    leakguard::Scope::new("start-up").grace(Duration::from_millis(1)).verify(leave_a_task()).await;
}

#[leakguard::must_terminate(grace = "1ms", on_leak = "panic")]
async fn panic_for_a_task() {
    tokio::spawn(pending::<()>());
}

#[tokio::test]
#[ignore = "run as a child"]
async fn panics_for_a_leak() {
    panic_for_a_task().await;
}

/// What a test asks for is no finding.
#[leakguard::test(grace = "1ms")]
#[should_panic(expected = "leak[LG007]")]
#[ignore = "run as a child"]
async fn asks_for_the_report() {
    tokio::spawn(pending::<()>());
}
