//! A sleep that each turn of a loop creates anew is never due while something else is ready sooner.

use crate::support::{codes, found, line};
use leakguard::Code;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::sleep;

const IDLE: Duration = Duration::from_secs(3_600);

/// Ends when nothing has come for a while, or when the channel is closed.
#[leakguard::track]
async fn session(mut messages: mpsc::Receiver<u8>, renews: bool) {
    let mut idle = pin!(sleep(IDLE));
    loop {
        if renews {
            idle.set(sleep(IDLE)); // here: created anew
        }
        tokio::select! {
            message = messages.recv() => if message.is_none() { return },
            () = &mut idle => return,
        }
    }
}

#[leakguard::track]
async fn messages(renews: bool) -> mpsc::Sender<u8> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(session(receiver, renews));
    for message in 0..10 {
        sender.send(message).await.unwrap();
        yield_now().await;
    }
    sender
}

/// The text of the only finding, in one line.
async fn said(renews: bool) -> String {
    let mut kept = None;
    let report = leakguard::find(async { kept = Some(messages(renews).await) }).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    report.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn sleep_that_each_turn_creates_anew_is_named() {
    let (text, line) = (said(true).await, line(include_str!("sleeps.rs"), "created anew"));
    let created = format!("timer: sleep, created at tests/scopes/sleeps.rs:{line}:");
    assert!(
        text.contains(&created) && text.contains("each time before the last one was due"),
        "{text}"
    );
    assert!(
        text.contains(&format!("help: create the `sleep` of line {line} before the loop")),
        "{text}"
    );
    assert_eq!(found(async { drop(messages(true).await) }).await, []);
}

#[tokio::test]
async fn sleep_that_is_created_once_is_not_blamed() {
    let text = said(false).await;
    assert!(!text.contains("timer:") && !text.contains("create the `sleep`"), "{text}");
    assert_eq!(found(async { drop(messages(false).await) }).await, []);
}
