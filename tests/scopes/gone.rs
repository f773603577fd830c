//! What a task waits for is gone in a way that its stack does not show: a consumer that ended at `Lagged`, a stream that has
//! ended, and an executor that does not run. Each test plants a fault and expects a hint, then mends it and expects none.

use crate::printed::child;
use crate::support::{codes, found, line};
use leakguard::sync::{broadcast, mpsc, watch};
use leakguard::{Code, Scope, track};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::task::LocalSet;

fn here(mark: &str) -> String {
    format!("tests/scopes/gone.rs:{}:", line(include_str!("gone.rs"), mark))
}

/// The text without its line breaks.
fn flat(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ")
}

/// A consumer that is polled for the first time when it has missed messages.
#[track]
async fn burst(goes_on: bool) {
    let (events, mut received) = broadcast::channel(2); // here: events
    let (seen, mut is_seen) = watch::channel(0);
    let seen = Arc::new(seen);
    let kept = seen.clone();
    tokio::spawn(async move {
        loop {
            // here: lagged
            match received.recv().await {
                Ok(event) => _ = seen.send_replace(event),
                Err(broadcast::error::RecvError::Lagged(_)) if goes_on => {}
                Err(_) => return,
            }
        }
    });
    for event in 1..=5 {
        events.send(event).unwrap();
    }
    tokio::spawn(async move {
        is_seen.wait_for(|event| *event == 5).await.unwrap();
        drop((events, kept));
    });
}

#[tokio::test]
async fn consumer_that_ended_at_lagged_is_named_to_what_waits_for_it() {
    let report = leakguard::find(burst(false)).await.unwrap_err();
    assert_eq!(report.findings().len(), 1, "{report}");
    let text = flat(&report.to_string());
    let lagged = line(include_str!("gone.rs"), "lagged") + 1;
    let lagged = format!("returned `Lagged` at tests/scopes/gone.rs:{lagged}:");
    assert!(text.contains(&format!("broadcast created at {}", here("events"))), "{text}");
    assert!(text.contains(&lagged), "{text}");
    assert!(text.contains("help: if its task should have gone on, receive again when"), "{text}");
    assert_eq!(found(burst(true)).await, []);
}

#[track]
async fn read_to_the_end(returns: bool) {
    let (sender, mut numbers) = mpsc::channel::<u8>(1); // here: numbers
    drop(sender);
    tokio::spawn(poll_fn(move |cx| match numbers.poll_recv(cx) {
        Poll::Ready(None) if !returns => Poll::Pending,
        other => other,
    }));
}

#[tokio::test]
async fn ended_stream_is_named_to_a_task_that_waits_for_more() {
    let report = leakguard::find(read_to_the_end(false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::StuckTask], "{report}");
    let text = flat(&report.to_string());
    assert!(text.contains(&format!("created at {}", here("numbers"))), "{text}");
    assert!(text.contains("its last sender was dropped"), "{text}");
    assert!(text.contains("returns `None`: the channel is closed"), "{text}");
    assert_eq!(found(read_to_the_end(true)).await, []);
}

#[track]
async fn reload(drives: bool) {
    let local = LocalSet::new();
    let reloading = local.spawn_local(async { 7 });
    let reloaded = if drives { local.run_until(reloading).await } else { reloading.await };
    assert_eq!(reloaded.unwrap(), 7);
}

#[tokio::test]
async fn join_on_a_local_set_that_is_not_run_says_so() {
    let scope = Scope::new("reloads").timeout(Duration::from_millis(20));
    let report = scope.find(reload(false)).await.unwrap_err();
    assert!(flat(&report.to_string()).contains("inside `run_until` of its `LocalSet`"), "{report}");
}

#[leakguard::test]
async fn join_on_a_local_set_that_is_run_passes() {
    reload(true).await;
}

#[track]
async fn spawn_and_join() {
    tokio::spawn(async {}).await.unwrap();
}

/// Run by the test below.
#[leakguard::test(timeout = "20ms")]
#[ignore = "run as a child"]
fn joins_by_the_handle() {
    crate::support::current_thread().handle().block_on(spawn_and_join());
}

#[test]
fn join_by_the_handle_of_a_runtime_that_is_not_run_says_so() {
    let output = child("gone::joins_by_the_handle", &[]).output().unwrap();
    let text = flat(&String::from_utf8_lossy(&output.stdout));
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("with `block_on` of the runtime itself"), "{text}");
}

#[leakguard::test]
fn join_on_a_runtime_that_is_run_passes() {
    crate::support::current_thread().block_on(spawn_and_join());
}
