//! Very many leaks: the report is as short as one on few, and comes at all. In a process of its own, because the watchdog
//! is busy for a while.
#![cfg(any(debug_assertions, feature = "always"))]

use leakguard::Report;
use leakguard::sync::{Mutex, oneshot, watch};
use leakguard::task;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::task::{JoinHandle, yield_now};

/// With a cost that is quadratic in this number each test would take minutes.
const MANY: usize = 10_000;

/// Counts the tasks that have begun.
#[derive(Clone, Default)]
struct Begun(Arc<AtomicUsize>);

impl Begun {
    fn count(&self) {
        self.0.fetch_add(1, SeqCst);
    }

    async fn all(&self) {
        while self.0.load(SeqCst) < MANY {
            yield_now().await;
        }
    }
}

async fn join(tasks: Vec<JoinHandle<()>>) {
    for task in tasks {
        task.await.unwrap();
    }
}

/// All tasks are in few short findings: in one, unless some of them could not respond in time on a loaded machine.
fn assert_short(report: &Report, tasks: usize) {
    let text = report.to_string();
    let (findings, lines) = (report.findings().len(), text.lines().count());
    assert!(findings <= 4 && lines < 30 * findings, "{text}");
    let found: usize = report.findings().iter().map(|finding| finding.count()).sum();
    let behind = text.split("also alive because of it: ").skip(1);
    let behind = behind.filter_map(|line| line.split(' ').next()?.parse::<usize>().ok());
    assert_eq!(found + behind.sum::<usize>(), tasks, "{text}");
}

#[tokio::test]
async fn ten_thousand_leaks_are_one_short_finding() {
    #[leakguard::track]
    async fn leave(ends: bool) {
        let begun = Begun::default();
        let start = |_| {
            let begun = begun.clone();
            tokio::spawn(async move {
                begun.count();
                if !ends {
                    pending::<()>().await;
                }
            })
        };
        let tasks = (0..MANY).map(start).collect();
        begun.all().await;
        if ends {
            join(tasks).await;
        }
    }
    assert_short(&leakguard::find(leave(false)).await.unwrap_err(), MANY);
    assert!(leakguard::find(leave(true)).await.is_ok());
}

#[tokio::test]
async fn ten_thousand_waiters_of_one_lock_are_one_short_finding() {
    #[leakguard::track]
    async fn queue(releases: bool) {
        let (begun, lock) = (Begun::default(), Arc::new(Mutex::new(())));
        let guard = lock.clone().lock_owned().await;
        let start = |_| {
            let (begun, lock) = (begun.clone(), lock.clone());
            tokio::spawn(async move {
                begun.count();
                drop(lock.lock().await);
            })
        };
        let tasks = (0..MANY).map(start).collect();
        begun.all().await;
        if releases {
            drop(guard);
            join(tasks).await;
        } else {
            std::mem::forget(guard);
        }
    }
    assert_short(&leakguard::find(queue(false)).await.unwrap_err(), MANY);
    assert!(leakguard::find(queue(true)).await.is_ok());
}

#[tokio::test]
async fn ten_thousand_oneshots_are_one_short_finding() {
    #[leakguard::track]
    async fn wait_each(sends: bool) -> Vec<oneshot::Sender<()>> {
        let (begun, mut senders) = (Begun::default(), Vec::new());
        let start = |_| {
            let (sender, value) = oneshot::channel();
            senders.push(sender);
            let begun = begun.clone();
            tokio::spawn(async move {
                begun.count();
                drop(value.await);
            })
        };
        let tasks = (0..MANY).map(start).collect();
        begun.all().await;
        if sends {
            senders.clear();
            join(tasks).await;
        }
        senders
    }
    let mut kept = Vec::new();
    assert_short(
        &leakguard::find(async { kept = wait_each(false).await }).await.unwrap_err(),
        MANY,
    );
    assert!(leakguard::find(async { drop(wait_each(true).await) }).await.is_ok());
    drop(kept);
}

#[tokio::test]
async fn ten_thousand_receivers_are_a_line_of_the_finding_on_their_sender() {
    #[leakguard::track]
    async fn listen(ends: bool) {
        let (begun, (sender, _)) = (Begun::default(), watch::channel(()));
        let start = |_| {
            let (begun, mut receiver) = (begun.clone(), sender.subscribe());
            tokio::spawn(async move {
                begun.count();
                drop(receiver.changed().await);
            })
        };
        let tasks = (0..MANY).map(start).collect();
        begun.all().await;
        let owner = tokio::spawn(async move {
            sender.send_if_modified(|()| false);
            if !ends {
                pending::<()>().await;
            }
        });
        if ends {
            owner.await.unwrap();
            join(tasks).await;
        }
    }
    let report = leakguard::find(listen(false)).await.unwrap_err();
    assert!(report.to_string().contains("also alive because of it"), "{report}");
    assert_short(&report, MANY + 1);
    assert!(leakguard::find(listen(true)).await.is_ok());
}

#[tokio::test]
async fn chain_of_ten_thousand_joins_is_a_line_of_the_finding_on_its_end() {
    #[leakguard::track]
    async fn join_each_other(ends: bool) {
        let begun = Begun::default();
        let mut last = task::spawn(async move {
            if !ends {
                pending::<()>().await;
            }
        });
        for _ in 0..MANY {
            let begun = begun.clone();
            last = task::spawn(async move {
                begun.count();
                drop(last.await);
            });
        }
        begun.all().await;
        if ends {
            last.await.unwrap();
        }
    }
    let report = leakguard::find(join_each_other(false)).await.unwrap_err();
    assert!(report.to_string().contains("also alive because of it"), "{report}");
    assert_short(&report, MANY + 1);
    assert!(leakguard::find(join_each_other(true)).await.is_ok());
}
