//! Findings on channels and locks whose holders are known. Each test plants a fault and expects a finding, then mends it
//! and expects none. What would be a guess is not reported.

use crate::support::{codes, found, gate, line, names};
use leakguard::sync::{Barrier, CancellationToken, Mutex, RwLock, mpsc, oneshot};
use leakguard::{Cause, Code, Report, Scope};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::sleep;

#[leakguard::track]
async fn starts(future: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(future);
    yield_now().await;
}

async fn report(future: impl Future<Output = ()>) -> Report {
    leakguard::find(future).await.unwrap_err()
}

fn assert_names(report: &Report, marks: &[&str]) {
    let (text, source) = (report.to_string(), include_str!("blocked.rs"));
    for mark in marks {
        let line = line(source, mark);
        let is_named = names(&text, "tests/scopes/blocked.rs", line);
        assert!(is_named, "no {mark}, line {line} in\n{text}");
    }
}

#[tokio::test]
async fn lg003_receiving_task_holds_the_last_sender() {
    let pool = |keeps: bool| async move {
        let (sender, mut receiver) = mpsc::channel::<u8>(4); // here: channel
        let sender = keeps.then_some(sender);
        if let Some(sender) = &sender {
            sender.send(1).await.unwrap(); // here: last send
        }
        while receiver.recv().await.is_some() {}
        drop(sender);
    };
    let report = report(starts(pool(true))).await;
    assert_eq!(codes(&report), [Code::AbandonedReceiver], "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::HeldByItself));
    assert_names(&report, &["channel", "last send"]);
    let text = report.to_string();
    assert!(text.contains("1 sent, 1 received"), "{text}");
    assert!(text.contains("last used by the waiting task itself"), "{text}");
    assert!(text.contains("nothing that leakguard knows of will wake it"), "{text}");
    assert_eq!(found(starts(pool(false))).await, []);
}

#[tokio::test]
async fn lg003_is_not_reported_while_a_sender_is_busy() {
    #[leakguard::track]
    async fn late() {
        let (sender, mut receiver) = mpsc::channel::<u8>(4);
        tokio::spawn(async move {
            sender.send(1).await.unwrap();
            sleep(Duration::from_secs(9)).await;
            let _ = sender.send(2).await;
        });
        tokio::spawn(async move { while receiver.recv().await.is_some() {} });
        yield_now().await;
    }
    let report = report(late()).await;
    // The receiver is a line of the finding on the sender.
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
}

#[tokio::test]
async fn receiver_with_a_timer_is_not_abandoned() {
    let waits = async {
        let (_sender, mut receiver) = mpsc::channel::<u8>(4);
        tokio::select! {
            _ = receiver.recv() => {}
            () = sleep(Duration::from_secs(9)) => {}
        }
    };
    assert_eq!(found(starts(waits)).await, [Code::LeakedTask]);
}

#[tokio::test]
async fn lg004_receiver_is_alive_but_unused() {
    #[leakguard::track]
    async fn pool(keeps: bool) {
        let (sender, mut receiver) = mpsc::channel::<u8>(1); // here: bounded
        tokio::spawn(async move { while sender.send(1).await.is_ok() {} });
        receiver.recv().await; // here: last receive
        if keeps {
            std::mem::forget(receiver);
        }
    }
    let report = report(pool(true)).await;
    assert_eq!(codes(&report), [Code::ForgottenSender], "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::LeftBehind));
    assert_names(&report, &["bounded", "last receive"]);
    assert!(report.to_string().contains("capacity 1"), "{report}");
    assert_eq!(found(pool(false)).await, []);
}

/// Each philosopher acquires one fork and then the other.
#[leakguard::track]
async fn dine(in_order: bool) {
    let forks = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
    let both = Arc::new(Barrier::new(2));
    for n in 0..2 {
        let [left, right] = forks.clone();
        let (first, second) = if n == 0 || in_order { (left, right) } else { (right, left) };
        let both = both.clone();
        // here: philosopher
        tokio::spawn(async move {
            if in_order {
                both.wait().await;
            }
            let _first = first.lock().await; // here: first fork
            if !in_order {
                both.wait().await;
            }
            let _second = second.lock().await; // here: second fork
        });
    }
}

#[tokio::test]
async fn lg009_two_philosophers() {
    let report = report(dine(false)).await;
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    assert_eq!(report.findings()[0].count(), 2, "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::Cycle));
    assert_names(&report, &["first fork", "second fork"]);
    assert_eq!(found(dine(true)).await, []);
}

#[tokio::test]
async fn lg009_call_acquires_its_lock_twice() {
    #[leakguard::must_terminate(timeout = "50ms")]
    async fn twice(releases: bool) {
        let number = RwLock::new(1);
        let first = number.write().await; // here: acquired
        if releases {
            drop(first);
            *number.write().await += 1;
        } else {
            let again = number.read(); // here: again
            let _ = tokio::time::timeout(Duration::from_secs(1), again).await;
        }
    }
    // The wait has a deadline of its own, so it is no deadlock.
    assert_eq!(found(twice(false)).await, [Code::Overrun]);
    #[leakguard::must_terminate(timeout = "50ms")]
    async fn for_ever(stop: oneshot::Receiver<()>) {
        let number = RwLock::new(1);
        let _first = number.write().await; // here: write
        tokio::spawn(async move { drop(stop.await) });
        let _again = number.read().await; // here: read
    }
    let scope = leakguard::Scope::new("twice").timeout(Duration::from_millis(50));
    let (_keep, stop) = oneshot::channel();
    let report = scope.find(for_ever(stop)).await.unwrap_err();
    assert!(codes(&report).contains(&Code::Deadlock), "{report}");
    assert_names(&report, &["write", "read"]);
    assert_eq!(found(twice(true)).await, []);
}

#[tokio::test]
async fn owned_guard_in_another_task_is_no_deadlock() {
    #[leakguard::track]
    async fn hand_over() {
        let lock = Arc::new(Mutex::new(()));
        let stop = CancellationToken::new();
        let taker = lock.clone();
        tokio::spawn(async move {
            let guard = taker.clone().lock_owned().await;
            tokio::spawn(async move {
                sleep(Duration::from_secs(9)).await;
                drop(guard);
            });
            drop(taker.lock().await);
        });
        stop.cancel();
        yield_now().await;
    }
    let report = report(hand_over()).await;
    assert_eq!(codes(&report), [Code::LeakedTask; 2], "{report}");
}

#[tokio::test]
async fn guard_of_a_static_in_another_task_is_no_deadlock() {
    static CONSTANT: Mutex<()> = Mutex::const_new(());
    static LAZY: LazyLock<Mutex<()>> = LazyLock::new(Mutex::default);
    #[leakguard::track]
    async fn hand_over(lock: &'static Mutex<()>) {
        tokio::spawn(async move {
            let guard = lock.lock().await;
            tokio::spawn(async move {
                sleep(Duration::from_secs(9)).await;
                drop(guard);
            });
            drop(lock.lock().await);
        });
        yield_now().await;
    }
    for lock in [&CONSTANT, &*LAZY] {
        let report = report(hand_over(lock)).await;
        assert_eq!(codes(&report), [Code::LeakedTask; 2], "{report}");
    }
}

#[tokio::test]
async fn crossed_locks_of_statics_are_a_deadlock() {
    static LOCKS: [Mutex<()>; 2] = [const { Mutex::const_new(()) }; 2];
    #[leakguard::track]
    async fn cross(crosses: bool) {
        let arrived = Arc::new(Barrier::new(2));
        for (first, second) in [(0, 1), (1, 0)] {
            let arrived = arrived.clone();
            tokio::spawn(async move {
                let first = LOCKS[first].lock().await;
                if crosses {
                    arrived.wait().await;
                } else {
                    drop(first);
                }
                drop(LOCKS[second].lock().await);
            });
        }
        // An unrelated task does not change the result.
        tokio::spawn(sleep(Duration::from_secs(if crosses { 9 } else { 0 })));
        yield_now().await;
    }
    assert_eq!(found(cross(false)).await, []);
    let report = report(cross(true)).await;
    let found = [Code::LeakedTask, Code::Deadlock];
    assert_eq!(codes(&report), found, "{report}");
}

#[tokio::test]
async fn reply_from_outside_the_scope_is_no_abandoned_receiver() {
    let (actor, mut requests) = mpsc::channel::<oneshot::Sender<()>>(1);
    let serves = tokio::spawn(async move {
        let reply = requests.recv().await;
        sleep(Duration::from_secs(9)).await;
        drop(reply);
    });
    let calls = async move {
        let (reply, replied) = oneshot::channel();
        actor.send(reply).await.unwrap();
        let _ = replied.await;
    };
    let report = report(starts(calls)).await;
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    assert_eq!(report.findings()[0].cause(), None, "{report}");
    serves.abort();
}

#[tokio::test]
async fn unused_sender_may_be_in_any_task() {
    #[leakguard::track]
    async fn late() {
        let (sender, mut receiver) = mpsc::channel::<u8>(4);
        tokio::spawn(async move {
            sleep(Duration::from_secs(9)).await;
            let _ = sender.send(2).await;
        });
        tokio::spawn(async move { while receiver.recv().await.is_some() {} });
        yield_now().await;
    }
    let report = report(late()).await;
    assert_eq!(codes(&report), [Code::LeakedTask; 2], "{report}");
}

/// The finding on a task mentions that the receiver of its result is gone, but only once that is so.
#[tokio::test]
async fn finding_mentions_a_dropped_receiver() {
    #[leakguard::track]
    async fn calls(gate: impl Future<Output = ()> + Send + 'static) -> oneshot::Receiver<u8> {
        let (reply, mut replied) = oneshot::channel();
        tokio::spawn(async move {
            gate.await;
            let _ = reply.send(1);
        });
        tokio::select! {
            biased;
            _ = &mut replied => {}
            () = yield_now() => {}
        }
        replied
    }
    let scope = Scope::new("calls").grace(Duration::from_millis(10));
    let gone = "oneshot, created at tests/scopes/blocked.rs";
    let (open, gate) = gate();
    let report = scope.find(async { drop(calls(gate).await) }).await;
    let text = report.unwrap_err().to_string();
    assert!(text.contains(gone) && text.contains("its receiver is gone"), "{text}");
    drop(open);
    let (open, gate) = super::support::gate();
    let kept = std::sync::Mutex::new(None);
    let keeps = async { *kept.lock().unwrap() = Some(calls(gate).await) };
    let text = scope.find(keeps).await.unwrap_err().to_string();
    assert!(!text.contains("its receiver is gone"), "{text}");
    drop(open);
}
