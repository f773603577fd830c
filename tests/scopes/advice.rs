//! Advice with the user's own lines, on what lacks at a barrier, at a semaphore and in a circle of sends.

use crate::support::{codes, found, line};
use leakguard::Code;
use leakguard::sync::{Barrier, Semaphore, mpsc};
use std::sync::Arc;
use tokio::task::yield_now;

/// The text of the only finding, in one line.
async fn said(body: impl Future<Output = ()>, code: Code) -> String {
    let report = leakguard::find(body).await.unwrap_err();
    let found = codes(&report);
    assert!(found.iter().all(|c| *c == code), "{report}");
    report.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[leakguard::track]
async fn meet(tasks: usize) {
    let barrier = Arc::new(Barrier::new(3));
    for _ in 0..tasks {
        let barrier = barrier.clone();
        tokio::spawn(async move {
            let _ = barrier.wait().await;
        });
    }
    yield_now().await;
}

#[tokio::test]
async fn barrier_tells_how_many_wait() {
    let text = said(meet(2), Code::LeakedTask).await;
    assert!(text.contains("2 of 3 tasks wait"), "{text}");
    assert_eq!(found(meet(3)).await, []);
}

#[leakguard::track]
async fn takes_a_permit(forgets: bool) {
    let permits = Arc::new(Semaphore::new(1));
    let permit = permits.acquire().await.unwrap();
    if forgets {
        permit.forget(); // here: forget
    }
    let wanted = permits.clone();
    tokio::spawn(async move { drop(wanted.acquire().await) });
    yield_now().await;
}

#[tokio::test]
async fn forgotten_permit_is_named_where_it_was_forgotten() {
    let text = said(takes_a_permit(true), Code::LeakedTask).await;
    let forget = line(include_str!("advice.rs"), "forget");
    assert!(text.contains("0 permits, 0 held, 1 forgotten, last at"), "{text}");
    assert!(text.contains(&format!("were forgotten, last at line {forget}")), "{text}");
    assert_eq!(found(takes_a_permit(false)).await, []);
}

/// Passes on what it receives, after it has sent a message of its own.
#[leakguard::track]
async fn passes(to: mpsc::Sender<u8>, mut from: mpsc::Receiver<u8>, own: u8) {
    for _ in 0..own {
        to.send(1).await.unwrap();
    }
    drop(to);
    while from.recv().await.is_some() {}
}

#[leakguard::track]
async fn circle(own: u8) {
    let (left, from_left) = mpsc::channel(1);
    let (right, from_right) = mpsc::channel(1);
    tokio::spawn(passes(left, from_right, own));
    tokio::spawn(passes(right, from_left, own));
    yield_now().await;
}

#[tokio::test]
async fn circle_of_sends_is_not_told_to_receive_until_it_is_closed() {
    let text = said(circle(2), Code::Deadlock).await;
    assert!(text.contains("help: each task sends to the next one before it receives"), "{text}");
    assert_eq!(found(circle(1)).await, []);
}
