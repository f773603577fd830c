//! Drop-ins that spawn tasks register each task once, with or without an attribute. Their joins know which task they
//! wait for.

use crate::support::{codes, found, gate, line, names};
use leakguard::sync::Mutex;
use leakguard::task::{self, JoinSet};
use leakguard::{Cause, Code, Report};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use tokio::task::yield_now;

/// `file:line:` of a marked line.
fn at(mark: &str) -> String {
    let line = line(include_str!("tasks.rs"), mark);
    format!("tests/scopes/tasks.rs:{line}:")
}

/// Number of tasks in a dump that were spawned at that line.
fn count_spawned(mark: &str) -> usize {
    let text = leakguard::dump().to_string();
    text.matches(&format!("\n  spawned at {}", at(mark))).count()
}

async fn report(future: impl Future<Output = ()>) -> Report {
    leakguard::find(future).await.unwrap_err()
}

#[tokio::test]
async fn task_is_registered_once_with_and_without_an_attribute() {
    #[leakguard::track]
    fn inside(gates: impl Future<Output = ()> + Clone + Send + 'static) -> JoinSet<()> {
        let mut set = JoinSet::new();
        task::spawn(gates.clone()); // here: spawn inside
        set.spawn(gates); // here: set inside
        set
    }
    fn outside(gates: impl Future<Output = ()> + Clone + Send + 'static) -> JoinSet<()> {
        let mut set = JoinSet::new();
        task::spawn(gates.clone()); // here: spawn outside
        set.spawn(gates); // here: set outside
        set
    }
    let (open, gate) = gate();
    let gates = futures::FutureExt::shared(gate);
    let sets = [inside(gates.clone()), outside(gates)];
    let marks = ["spawn inside", "set inside", "spawn outside", "set outside"];
    // Before and after their first poll.
    assert_eq!(marks.map(count_spawned), [1; 4]);
    yield_now().await;
    assert_eq!(marks.map(count_spawned), [1; 4]);
    drop(open);
    for set in sets {
        set.join_all().await;
    }
    assert_eq!(marks.map(count_spawned), [0; 4]);
}

#[tokio::test]
async fn local_task_and_blocking_call_are_registered_once() {
    #[leakguard::track]
    fn inside(opened: Receiver<()>) -> [task::JoinHandle<()>; 2] {
        let waits = move || opened.iter().for_each(drop);
        let job = task::spawn_blocking(waits); // here: blocking inside
        let local = task::spawn_local(std::future::pending()); // here: local inside
        [job, local]
    }
    fn outside(opened: Receiver<()>) -> [task::JoinHandle<()>; 2] {
        let job = task::spawn_blocking(move || opened.iter().for_each(drop)); // here: blocking outside
        let local = task::spawn_local(std::future::pending()); // here: local outside
        [job, local]
    }
    let ((open, opened), (open_too, opened_too)) = (channel(), channel());
    let tasks = task::LocalSet::new();
    tasks
        .run_until(async {
            let handles = [inside(opened), outside(opened_too)];
            let marks = ["blocking inside", "blocking outside"];
            let local = ["local inside", "local outside"];
            assert_eq!((marks.map(count_spawned), local.map(count_spawned)), ([1; 2], [1; 2]));
            yield_now().await;
            assert_eq!((marks.map(count_spawned), local.map(count_spawned)), ([1; 2], [1; 2]));
            drop((open, open_too));
            for [job, local] in handles {
                job.await.unwrap();
                local.abort();
                assert!(local.await.unwrap_err().is_cancelled());
            }
            assert_eq!((marks.map(count_spawned), local.map(count_spawned)), ([0; 2], [0; 2]));
        })
        .await;
}

#[tokio::test]
async fn lg002_is_reported_without_an_attribute() {
    async fn leaves(gate: impl Future<Output = ()> + Send + 'static) {
        task::spawn(gate); // here: left
    }
    let (open, opened) = gate();
    let report = report(leaves(opened)).await;
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    assert_eq!(report.findings()[0].count(), 1, "{report}");
    assert!(report.to_string().contains(&at("left")), "{report}");
    drop(open);
    assert_eq!(found(leaves(async {})).await, []);
}

/// The joining task holds the lock of the task it joins. A third task keeps running, so the report has to know which
/// task is joined.
#[leakguard::track]
async fn joins(releases: bool, goes_on: impl Future<Output = ()> + Send + 'static) {
    let number = Arc::new(Mutex::new(1));
    let wanted = number.clone();
    task::spawn(async move {
        let held = number.lock().await; // here: held
        let held = Some(held).filter(|_| !releases);
        let wants = task::spawn(async move { *wanted.lock().await += 1 }); // here: joined
        wants.await.unwrap(); // here: join
        drop(held);
    });
    task::spawn(goes_on);
    yield_now().await;
}

#[tokio::test]
async fn lg009_join_handle_names_the_joined_task() {
    let (open, goes_on) = gate();
    let report = report(joins(false, goes_on)).await;
    drop(open);
    let text = report.to_string();
    assert!(codes(&report).contains(&Code::Deadlock), "{text}");
    let deadlock = report.iter().find(|f| f.code() == Code::Deadlock).unwrap();
    assert_eq!(deadlock.cause(), Some(Cause::Cycle), "{text}");
    for mark in ["held", "joined", "join"] {
        let line = line(include_str!("tasks.rs"), mark);
        assert!(names(&text, "tasks.rs", line), "{mark}: {text}");
    }
    assert!(text.contains("for the end of task"), "{text}");
    assert_eq!(found(joins(true, async {})).await, []);
}

#[leakguard::track]
async fn joins_all(releases: bool, goes_on: impl Future<Output = ()> + Send + 'static) {
    let number = Arc::new(Mutex::new(1));
    task::spawn(async move {
        let mut set = JoinSet::new(); // here: set
        let held = number.lock().await; // here: held by the joiner
        let held = Some(held).filter(|_| !releases);
        for _ in 0..2 {
            let wanted = number.clone();
            set.spawn(async move { *wanted.lock().await += 1 }); // here: in the set
        }
        while set.join_next().await.is_some() {} // here: join next
        drop(held);
    });
    task::spawn(goes_on);
    yield_now().await;
}

#[tokio::test]
async fn lg009_join_set_names_the_joined_tasks() {
    let (open, goes_on) = gate();
    let report = report(joins_all(false, goes_on)).await;
    drop(open);
    let text = report.to_string();
    assert!(codes(&report).contains(&Code::Deadlock), "{text}");
    for mark in ["set", "held by the joiner", "in the set", "join next"] {
        let line = line(include_str!("tasks.rs"), mark);
        assert!(names(&text, "tasks.rs", line), "{mark}: {text}");
    }
    assert_eq!(found(joins_all(true, async {})).await, []);
}

/// One of two tasks can end, which ends the wait for the next one.
#[tokio::test]
async fn join_set_with_a_running_task_is_not_deadlocked() {
    #[leakguard::track]
    async fn joins_one_of_two(goes_on: impl Future<Output = ()> + Send + 'static) {
        let number = Arc::new(Mutex::new(1));
        task::spawn(async move {
            let held = number.lock().await;
            let (mut set, wanted) = (JoinSet::new(), number.clone());
            set.spawn(async move { *wanted.lock().await += 1 });
            set.spawn(goes_on);
            set.join_next().await;
            drop(held);
            set.join_next().await;
        });
        yield_now().await;
    }
    let (open, goes_on) = gate();
    let report = report(joins_one_of_two(goes_on)).await;
    drop(open);
    assert!(!codes(&report).contains(&Code::Deadlock), "{report}");
    assert_eq!(found(joins_one_of_two(async {})).await, []);
}
