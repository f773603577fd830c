//! A task that lives only because another found task does is a line of that one's finding. Each test plants a fault and
//! expects one finding, then mends it and expects none.

use crate::support::{codes, current_thread, found, gate, line};
use leakguard::sync::{Barrier, Mutex, mpsc};
use leakguard::{Code, track};
use std::sync::Arc;
use tokio::sync::oneshot;

fn here(mark: &str) -> String {
    format!("tests/scopes/derived.rs:{}:", line(include_str!("derived.rs"), mark))
}

fn is_behind(text: &str, count: &str, mark: &str) -> bool {
    // A report breaks long lines.
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").contains(&format!("also alive because of it: {count} of {}", here(mark)))
}

/// Three tasks wait for a lock whose owner waits for something else.
#[track]
async fn wait_for_the_owner(ends: bool) {
    let lock = Arc::new(Mutex::new(()));
    let (open, opened) = gate();
    let (acquired, is_acquired) = oneshot::channel();
    let owned = lock.clone();
    // here: owner
    tokio::spawn(async move {
        let _guard = owned.lock().await;
        acquired.send(()).unwrap();
        opened.await;
    });
    is_acquired.await.unwrap();
    for _ in 0..3 {
        let wanted = lock.clone();
        tokio::spawn(async move { drop(wanted.lock().await) }); // here: waiters
    }
    tokio::task::yield_now().await;
    match ends {
        true => drop(open),
        false => std::mem::forget(open),
    }
}

#[tokio::test]
async fn tasks_that_wait_for_a_found_owner_are_a_line_of_its_finding() {
    let report = leakguard::find(wait_for_the_owner(false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    let finding = &report.findings()[0];
    assert_eq!(finding.count(), 1, "{report}");
    let owner = line(include_str!("derived.rs"), "owner") + 1;
    assert_eq!(finding.site().location().line() as usize, owner, "{report}");
    assert!(is_behind(&report.to_string(), "3 tasks", "waiters"), "{report}");
    assert_eq!(found(wait_for_the_owner(true)).await, []);
}

/// A task joins one that joins another.
#[track]
async fn join_in_a_row(ends: bool) {
    let (open, opened) = gate();
    // here: outer
    tokio::spawn(async move {
        let inner = tokio::spawn(opened); // here: inner
        inner.await.unwrap();
    });
    match ends {
        true => drop(open),
        false => std::mem::forget(open),
    }
}

#[tokio::test]
async fn task_that_joins_a_found_task_is_a_line_of_its_finding() {
    let report = leakguard::find(join_in_a_row(false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    let text = report.to_string();
    assert!(text.contains(&format!("spawned:  {}", here("inner"))), "{text}");
    let outer = line(include_str!("derived.rs"), "outer") + 1;
    assert!(text.contains(&format!("1 task of tests/scopes/derived.rs:{outer}:")), "{text}");
    assert_eq!(found(join_in_a_row(true)).await, []);
}

/// Each task waits for what the other one would send.
#[track]
async fn wait_for_each_other(sends: bool) {
    let (to_left, mut left) = mpsc::channel::<u8>(1);
    let (to_right, mut right) = mpsc::channel::<u8>(1);
    let (open, opened) = gate();
    std::mem::forget(open);
    // Without this task, which may own anything, it is a deadlock.
    let beside = tokio::spawn(opened);
    tokio::spawn(async move {
        to_right.send(1).await.unwrap();
        left.recv().await; // here: left
        left.recv().await;
    });
    tokio::spawn(async move {
        to_left.send(1).await.unwrap();
        right.recv().await; // here: right
        if !sends {
            right.recv().await;
        }
    });
    if sends {
        beside.abort();
    }
}

#[tokio::test]
async fn tasks_that_may_wait_for_each_other_are_findings_of_their_own() {
    let report = leakguard::find(wait_for_each_other(false)).await.unwrap_err();
    assert_eq!(codes(&report).len(), 3, "{report}");
    assert!(!report.to_string().contains("because of it"), "{report}");
    assert_eq!(found(wait_for_each_other(true)).await, []);
}

/// Two tasks lock the same locks in two orders. A third one wants one of the locks, and the body joins all.
#[track]
async fn wait_behind_a_deadlock(in_order: bool) {
    let [left, right] = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
    let arrived = Arc::new(Barrier::new(3));
    let orders = match in_order {
        true => [[left.clone(), right.clone()], [left.clone(), right]],
        false => [[left.clone(), right.clone()], [right, left.clone()]],
    };
    let mut tasks = Vec::new();
    for [first, second] in orders {
        let arrived = arrived.clone();
        tasks.push(tokio::spawn(async move {
            if in_order {
                arrived.wait().await;
            }
            let _first = first.lock().await;
            if !in_order {
                arrived.wait().await;
            }
            let _second = second.lock().await;
        }));
    }
    arrived.wait().await;
    tasks.push(tokio::spawn(async move { drop(left.lock().await) })); // here: third
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn deadlock_that_stops_a_test_names_what_waits_behind_it() {
    let report = leakguard::find(wait_behind_a_deadlock(false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    assert_eq!(report.findings()[0].count(), 2, "{report}");
    let text = report.to_string();
    assert!(is_behind(&text, "1 task", "third"), "{text}");
    assert!(text.contains("also alive because of it: 1 call of"), "{text}");
    assert_eq!(found(wait_behind_a_deadlock(true)).await, []);
}

/// A thread runs a `LocalSet` with one task.
#[track]
fn run_a_set(gate: impl Future<Output = ()> + Send + 'static) {
    let runtime = current_thread();
    // here: thread
    std::thread::spawn(move || {
        let set = tokio::task::LocalSet::new();
        set.spawn_local(gate); // here: local
        runtime.block_on(set);
    });
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn thread_that_runs_a_found_local_task_is_a_line_of_its_finding() {
    let (open, opened) = gate();
    let report = leakguard::find(async { run_a_set(opened) }).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    let text = report.to_string();
    assert!(text.contains(&format!("spawned:  {}", here("local"))), "{text}");
    let thread = line(include_str!("derived.rs"), "thread") + 1;
    let words: Vec<_> = text.split_whitespace().collect();
    let expected = "it runs on a thread that has not ended either: 1 thread of";
    assert!(
        words.join(" ").contains(&format!("{expected} tests/scopes/derived.rs:{thread}:")),
        "{text}"
    );
    drop(open);
    assert_eq!(found(async { run_a_set(async {}) }).await, []);
}

type Shared = Arc<Mutex<mpsc::Receiver<u8>>>;

/// A worker that puts back what it could not handle.
#[track]
async fn work(receiver: Shared, again: mpsc::Sender<u8>) {
    loop {
        let next = receiver.lock().await.recv().await; // here: receives
        match next {
            Some(1) => again.send(2).await.unwrap(),
            Some(_) => {}
            None => return,
        }
    }
}

#[track]
async fn work_mended(receiver: Shared) {
    while receiver.lock().await.recv().await.is_some() {}
}

/// Workers share a receiver, and each of them has a sender.
#[track]
async fn share_a_receiver(closes: bool) {
    let (sender, receiver) = mpsc::channel::<u8>(4);
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..3 {
        match closes {
            true => tokio::spawn(work_mended(receiver.clone())),
            false => tokio::spawn(work(receiver.clone(), sender.clone())), // here: workers
        };
    }
    for number in [0, 0, 1] {
        sender.send(number).await.unwrap();
    }
}

#[tokio::test]
async fn tasks_behind_one_that_waits_for_its_own_sender_are_lines_of_its_finding() {
    let report = leakguard::find(share_a_receiver(false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::AbandonedReceiver], "{report}");
    let (text, source) = (report.to_string(), include_str!("derived.rs"));
    assert_eq!(report.findings()[0].count(), 1, "{text}");
    assert!(text.contains(&format!("{} |", line(source, "receives"))), "{text}");
    let words: Vec<_> = text.split_whitespace().collect();
    let spawned = line(source, "workers");
    let behind = format!("also alive because of it: 2 tasks of tests/scopes/derived.rs:{spawned}:");
    assert!(words.join(" ").contains(&behind), "{text}");
    assert_eq!(found(share_a_receiver(true)).await, []);
}
