//! A test that cannot make progress is stopped at once, without a timeout. A test that an unknown thread may still wake
//! continues.

use crate::support::codes;
use leakguard::sync::{Barrier, Mutex, mpsc};
use leakguard::{Cause, Code, Report};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::channel;

/// Two tasks acquire lock_both locks. The body joins the tasks.
#[leakguard::track]
async fn lock_both(in_order: bool) {
    let locks = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
    let arrived = Arc::new(Barrier::new(2));
    let tasks = [0, 1].map(|n| {
        let ([first, second], arrived) = (locks.clone(), arrived.clone());
        tokio::spawn(async move {
            if in_order {
                let _first = first.lock().await;
                let _second = second.lock().await;
                return;
            }
            let (first, second) = if n == 0 { (first, second) } else { (second, first) };
            let _first = first.lock().await;
            arrived.wait().await;
            let _second = second.lock().await;
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn body_that_joins_deadlocked_tasks_is_stopped() {
    let report: Report = leakguard::find(lock_both(false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::Deadlock], "{report}");
    assert_eq!(report.findings()[0].count(), 2, "{report}");
    assert_eq!(report.findings()[0].cause(), Some(Cause::Cycle));
    leakguard::verify(lock_both(true)).await;
}

#[leakguard::test(start_paused = true)]
#[should_panic(expected = "deadlock[LG009]")]
async fn double_lock_is_stopped_though_time_is_paused() {
    let number = Mutex::new(1);
    let _first = number.lock().await;
    drop(number.lock().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn body_that_holds_the_lock_of_its_task_is_stopped() {
    #[leakguard::track]
    async fn holds_and_joins() {
        let number = Arc::new(Mutex::new(1));
        let _held = number.lock().await;
        let wanted = number.clone();
        let task = tokio::spawn(async move { drop(wanted.lock().await) });
        task.await.unwrap();
    }
    let report = leakguard::find(holds_and_joins()).await.unwrap_err();
    assert!(report.to_string().contains("for its tasks, of which"), "{report}");
}

/// Runs `body` and calls `then` once the watchdog has probed where it waits.
async fn after_probe<T>(body: impl Future<Output = T>, then: impl FnOnce()) -> T {
    let (mut body, mut then, mut polls) = (pin!(body), Some(then), 0);
    poll_fn(|cx| {
        polls += 1;
        let poll = body.as_mut().poll(cx);
        // Only the probe polls it again.
        if let Some(then) = then.take_if(|_| poll.is_pending() && polls > 1) {
            then();
        }
        poll
    })
    .await
}

#[tokio::test]
async fn sender_may_be_in_an_unwatched_thread() {
    let (sender, mut receiver) = mpsc::channel::<u8>(1);
    let (go, wait) = channel();
    // Spawned without an attribute, so leakguard does not know the thread.
    let thread = std::thread::spawn(move || {
        wait.recv().unwrap();
        sender.blocking_send(1).unwrap();
    });
    let body = after_probe(async { receiver.recv().await }, || go.send(()).unwrap());
    assert_eq!(leakguard::verify(body).await, Some(1));
    thread.join().unwrap();
}

#[tokio::test]
async fn owned_guard_may_be_in_an_unwatched_thread() {
    let body = async {
        let lock = Arc::new(Mutex::new(()));
        let guard = lock.clone().lock_owned().await;
        let (go, wait) = channel();
        let thread = std::thread::spawn(move || {
            wait.recv().unwrap();
            drop(guard);
        });
        let locks = async {
            drop(lock.lock().await);
        };
        after_probe(locks, || go.send(()).unwrap()).await;
        thread.join().unwrap();
    };
    leakguard::verify(body).await;
}

#[tokio::test]
async fn deadlock_is_reported_once_though_the_limit_passes() {
    #[leakguard::must_terminate(timeout = "20ms", grace = "20ms")]
    async fn late() {
        let locks = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
        let arrived = Arc::new(Barrier::new(3));
        for n in 0..2 {
            let ([first, second], arrived) = (locks.clone(), arrived.clone());
            let (first, second) = if n == 0 { (first, second) } else { (second, first) };
            tokio::spawn(async move {
                let _first = first.lock().await;
                arrived.wait().await;
                let _second = second.lock().await;
            });
        }
        arrived.wait().await;
        // Outlasts the timeout. A busy machine may report the deadlock only at the limit.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    let report = leakguard::find(late()).await.unwrap_err();
    let deadlocks = codes(&report);
    let deadlocks = deadlocks.iter().filter(|c| **c == Code::Deadlock);
    assert_eq!(deadlocks.count(), 1, "{report}");
    assert!(codes(&report).contains(&Code::Overrun), "{report}");
}
