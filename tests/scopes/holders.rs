//! Where the other half of a channel is said to be: used, given to a task, queued with a message, or never used.

use crate::support::{codes, found, gate, line, names};
use leakguard::sync::{Mutex, mpsc, oneshot};
use leakguard::{Cause, Code};
use std::sync::Arc;
use tokio::task::yield_now;

type Request = (u8, oneshot::Sender<u8>);

/// Receives a request only while it has the lock.
#[leakguard::track]
async fn serves(state: Arc<Mutex<u8>>, mut requests: mpsc::Receiver<Request>) {
    loop {
        let number = state.lock().await; // here: server locks
        let Some((add, reply)) = requests.recv().await else { break };
        let _ = reply.send(*number + add);
    }
}

#[leakguard::track]
async fn asks(state: Arc<Mutex<u8>>, requests: mpsc::Sender<Request>, releases: bool) {
    let held = state.lock().await; // here: client locks
    let kept = (!releases).then_some(held);
    let (reply, replied) = oneshot::channel();
    requests.send((1, reply)).await.unwrap(); // here: request
    assert_eq!(replied.await, Ok(1)); // here: reply
    drop(kept);
}

/// The shape of moby's lock around a request: the server needs the lock before it receives.
#[leakguard::track]
async fn lock_around_a_request(releases: bool) {
    let state = Arc::new(Mutex::new(0));
    let (requests, queue) = mpsc::channel(1); // here: queue
    tokio::spawn(asks(state.clone(), requests, releases));
    yield_now().await;
    tokio::spawn(serves(state, queue));
    yield_now().await;
}

#[tokio::test]
async fn lg009_lock_and_a_reply_that_lies_in_a_queue() {
    let report = leakguard::find(lock_around_a_request(false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::Cycle));
    let (text, source) = (report.to_string(), include_str!("holders.rs"));
    for mark in ["server locks", "client locks", "request", "reply", "queue"] {
        let line = line(source, mark);
        assert!(names(&text, "tests/scopes/holders.rs", line), "no {mark}, line {line} in\n{text}");
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("was probably sent here, and lies in the queue of"), "{report}");
    assert_eq!(found(lock_around_a_request(true)).await, []);
}

/// The task was given the sender, and keeps it until the gate opens.
#[leakguard::track]
async fn keeps(to: mpsc::Sender<u8>, gate: impl Future<Output = ()>) {
    // here: keeps
    gate.await;
    drop(to);
}

#[leakguard::track]
async fn given_and_unused(gate: impl Future<Output = ()> + Send + 'static) {
    let (to, mut last) = mpsc::channel::<u8>(1);
    tokio::spawn(async move { while last.recv().await.is_some() {} });
    tokio::spawn(keeps(to, gate));
    yield_now().await;
}

#[leakguard::track]
async fn created_and_unused(keeps: bool) {
    let (first, mut from) = mpsc::channel::<u8>(1);
    tokio::spawn(async move { while from.recv().await.is_some() {} });
    yield_now().await;
    if keeps {
        std::mem::forget(first);
    }
}

#[tokio::test]
async fn unused_sender_was_created_and_not_used() {
    let report = leakguard::find(created_and_unused(true)).await.unwrap_err();
    let text = report.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("alive, never used since it was created by"), "{report}");
    assert!(!text.contains("last used by"), "nothing was sent\n{report}");
    assert_eq!(found(created_and_unused(false)).await, []);
}

#[tokio::test]
async fn unused_sender_was_given_and_not_used() {
    let (open, gate) = gate();
    given_and_unused(gate).await;
    let text = leakguard::dump().to_string();
    let at = format!("holders.rs:{}:", line(include_str!("holders.rs"), "keeps") - 1);
    let is_given = |line: &str| {
        line.contains("sender, given to task")
            && line.contains(&at)
            && line.ends_with("not used since")
    };
    assert!(text.lines().any(is_given), "{text}");
    drop(open);
    assert_eq!(found(given_and_unused(std::future::ready(()))).await, []);
}

/// Spawns a receiver itself. leakguard polls it, and no line of the user's does.
#[leakguard::track]
async fn spawns_a_receiver(sends: bool) {
    let (sender, receiver) = oneshot::channel::<u8>();
    let waits = tokio::spawn(receiver); // here: spawned receiver
    yield_now().await;
    match sends {
        true => assert!(sender.send(1).is_ok()),
        false => std::mem::forget(sender),
    }
    drop(waits);
}

#[tokio::test]
async fn receiver_that_is_spawned_waits_where_it_was_spawned() {
    let report = leakguard::find(spawns_a_receiver(false)).await.unwrap_err().to_string();
    let spawned = format!("{}:{}", file!(), line(include_str!("holders.rs"), "spawned receiver"));
    assert!(report.contains(&spawned), "{report}");
    assert!(!report.contains("watch/future.rs"), "{report}");
}

#[tokio::test]
async fn receiver_that_is_spawned_and_gets_its_value_is_silent() {
    assert_eq!(found(spawns_a_receiver(true)).await, []);
}
