//! Several waits at once, of one task in a `select!` or of several tasks on one channel: each finding is about one.

use crate::support::{codes, found, line, names};
use leakguard::sync::{CancellationToken, mpsc, watch};
use leakguard::{Cause, Code};
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::timeout;

/// The task would end if it were cancelled, and if the receiver were dropped.
#[leakguard::track]
async fn sends_until_cancelled(keeps: bool) {
    let (sender, mut receiver) = mpsc::channel::<u8>(1);
    let stop = CancellationToken::new();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                sent = sender.send(1) => if sent.is_err() { break },
            }
        }
    });
    receiver.recv().await;
    yield_now().await;
    if keeps {
        std::mem::forget(receiver);
    }
}

#[tokio::test]
async fn title_and_label_are_about_the_same_branch() {
    for _ in 0..4 {
        let report = leakguard::find(sends_until_cancelled(true)).await.unwrap_err();
        assert_eq!(codes(&report), [Code::ForgottenSender], "{report}");
        let text = report.to_string();
        assert!(text.contains("waits to send") && text.contains("mpsc send, for"), "{text}");
        assert!(text.contains("also:     cancellation"), "{text}");
    }
    assert_eq!(found(sends_until_cancelled(false)).await, []);
}

/// One task waits for a new value, another one looks for one again and again.
#[leakguard::track]
async fn watches(keeps: bool) {
    let (sender, mut receiver) = watch::channel(0);
    sender.send(1).unwrap(); // here: sent
    let mut other = receiver.clone();
    tokio::spawn(async move { while receiver.changed().await.is_ok() {} });
    tokio::spawn(async move {
        let tick = Duration::from_millis(1);
        while !matches!(timeout(tick, other.changed()).await, Ok(Err(_))) {}
    });
    yield_now().await;
    if keeps {
        std::mem::forget(sender);
    }
}

#[tokio::test]
async fn lg003_is_found_though_another_task_renews_its_wait() {
    let report = leakguard::find(watches(true)).await.unwrap_err();
    let abandoned = report.iter().find(|f| f.code() == Code::AbandonedReceiver);
    assert_eq!(abandoned.and_then(|f| f.cause()), Some(Cause::LeftBehind), "{report}");
    let sent = line(include_str!("branches.rs"), "sent");
    assert!(names(&report.to_string(), "tests/scopes/branches.rs", sent), "{report}");
    assert_eq!(found(watches(false)).await, []);
}

/// The library waits for the token, and the future that is passed to it for a message.
#[leakguard::track]
async fn runs_until_cancelled(cancels: bool) {
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<u8>(1);
    let stop = tokio_util::sync::CancellationToken::new();
    let reads = async move {
        receiver.recv().await; // here: reads
    };
    tokio::spawn(stop.clone().run_until_cancelled_owned(reads));
    yield_now().await;
    match cancels {
        true => stop.cancel(),
        false => std::mem::forget(stop),
    }
    std::mem::forget(sender);
}

#[tokio::test]
async fn words_are_of_the_wait_at_the_marked_line() {
    let text = leakguard::find(runs_until_cancelled(false)).await.unwrap_err().to_string();
    let reads = line(include_str!("branches.rs"), "reads");
    assert!(names(&text, "tests/scopes/branches.rs", reads), "{text}");
    assert!(
        text.contains("^ mpsc receive, for") && text.contains("also:     cancellation"),
        "{text}"
    );
    let help = "help: cancel the token that the task of line";
    assert!(text.contains(help), "{text}");
    assert_eq!(found(runs_until_cancelled(true)).await, []);
}
