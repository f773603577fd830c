//! A function with a limit, called inside a test or another scope: its finding is the one it has alone, and is told once.

use crate::support::{codes, found};
use futures::FutureExt;
use leakguard::sync::{Mutex, mpsc};
use leakguard::{Cause, Code};
use std::panic::AssertUnwindSafe;

#[leakguard::must_terminate(timeout = "20ms")]
async fn locks_twice(releases: bool) {
    let number = Mutex::new(1);
    let first = number.lock().await;
    let kept = (!releases).then_some(first);
    drop(number.lock().await);
    drop(kept);
}

#[leakguard::must_terminate(timeout = "20ms", on_overrun = "panic")]
async fn reads_its_own_channel(drops: bool) {
    let (sender, mut receiver) = mpsc::channel::<u8>(4);
    sender.send(1).await.unwrap();
    let kept = (!drops).then_some(sender);
    while receiver.recv().await.is_some() {}
    drop(kept);
}

#[leakguard::must_terminate(timeout = "20ms", on_overrun = "panic")]
async fn fills_its_own_channel(count: u8) {
    let (sender, mut receiver) = mpsc::channel::<u8>(2);
    for n in 0..count {
        sender.send(n).await.unwrap();
    }
    drop(sender);
    while receiver.recv().await.is_some() {}
}

/// What the watchdog says of a call inside a scope, which it stops.
async fn said_inside(call: impl Future<Output = ()>) -> String {
    let stopped = leakguard::find(AssertUnwindSafe(call).catch_unwind()).await.unwrap();
    *stopped.unwrap_err().downcast::<String>().unwrap()
}

#[tokio::test]
async fn lg009_of_an_inner_call_is_told_once() {
    let report = leakguard::find(async { locks_twice(false).await }).await.unwrap_err();
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::HeldByItself));
    assert!(
        report.to_string().contains("`locks_twice` waits for what it holds itself"),
        "{report}"
    );
    assert_eq!(found(locks_twice(true)).await, []);
}

#[tokio::test]
async fn lg003_of_an_inner_call_is_that_of_the_call_alone() {
    let text = said_inside(reads_its_own_channel(false)).await;
    assert!(text.contains("LG003") && text.contains("waits to receive"), "{text}");
    assert!(text.contains("last used by `reads_its_own_channel` itself"), "{text}");
    assert_eq!(found(reads_its_own_channel(true)).await, []);
}

#[tokio::test]
async fn lg004_of_an_inner_call_is_that_of_the_call_alone() {
    let text = said_inside(fills_its_own_channel(3)).await;
    assert!(text.contains("LG004") && text.contains("waits to send"), "{text}");
    assert_eq!(found(fills_its_own_channel(2)).await, []);
}
