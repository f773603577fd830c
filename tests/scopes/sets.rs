//! Sets of futures poll their futures with wakers of their own, so a probed task shows only the set. Their known waits are
//! listed. Each test plants a fault and expects a finding, then mends it and expects none.

use crate::support::{codes, found, gate, line};
use futures::future::BoxFuture;
use futures::stream::{self, FuturesUnordered, StreamExt};
use leakguard::sync::{Mutex, oneshot};
use leakguard::{Code, must_terminate, track};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

fn here(mark: &str) -> String {
    format!("tests/scopes/sets.rs:{}:", line(include_str!("sets.rs"), mark))
}

/// What polls the futures.
#[derive(Clone, Copy, Debug)]
enum Through {
    Set,
    Buffer,
    JoinAll,
}

#[track]
async fn wait_through(through: Through, sends: bool) {
    tokio::spawn(async move {
        let (sender, receiver) = oneshot::channel::<u8>(); // here: created
        let mut sender = Some(sender);
        if sends {
            sender.take().map(|sender| sender.send(1));
        }
        let receive = async move {
            let _ = receiver.await; // here: receives
        };
        match through {
            Through::Set => {
                let mut set = FuturesUnordered::from_iter([receive]);
                while set.next().await.is_some() {} // here: set
            }
            Through::Buffer => {
                let mut buffer = stream::iter([receive]).buffer_unordered(2);
                while buffer.next().await.is_some() {}
            }
            Through::JoinAll => {
                // With fewer futures it polls them with the waker of the task.
                let ready = (0..40).map(|_| Box::pin(async {}) as BoxFuture<'static, ()>);
                futures::future::join_all(ready.chain([Box::pin(receive) as _])).await;
            }
        }
        drop(sender);
    });
}

#[tokio::test]
async fn wait_inside_a_set_is_listed_with_its_line() {
    for through in [Through::Set, Through::Buffer, Through::JoinAll] {
        let report = leakguard::find(wait_through(through, false)).await.unwrap_err();
        assert_eq!(codes(&report), [Code::LeakedTask], "{through:?}: {report}");
        let text = report.to_string();
        let (created, receives) = (here("created"), here("receives"));
        assert!(text.contains(&format!("oneshot, created at {created}")), "{through:?}: {text}");
        assert!(text.contains(&format!("waits to receive at {receives}")), "{through:?}: {text}");
        assert!(text.contains("help: send the value that"), "{through:?}: {text}");
        assert_eq!(found(wait_through(through, true)).await, []);
    }
}

#[must_terminate(timeout = "1h")]
async fn acquire(lock: Arc<Mutex<()>>) {
    drop(lock.lock().await);
}

/// One future of the set waits for a lock that its own task holds. The other one lets the task go on.
#[track]
async fn hold_beside(opened: BoxFuture<'static, ()>) {
    tokio::spawn(async move {
        let lock = Arc::new(Mutex::new(()));
        let _guard = lock.lock().await;
        let acquires = Box::pin(acquire(lock.clone())) as BoxFuture<'static, ()>;
        FuturesUnordered::from_iter([acquires, opened]).next().await;
    });
}

#[tokio::test]
async fn task_whose_set_has_an_unknown_future_is_in_no_deadlock() {
    let (open, opened) = gate();
    let report = leakguard::find(hold_beside(Box::pin(opened))).await.unwrap_err();
    assert!(!codes(&report).contains(&Code::Deadlock), "{report}");
    drop(open);
    assert_eq!(found(hold_beside(Box::pin(async {}))).await, []);
}

/// Yields once. It wakes the task that was found before, or that of its own poll.
async fn yield_by(found: Waker, heeds: bool) {
    let mut yielded = false;
    let once = poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        if heeds {
            cx.waker().wake_by_ref()
        } else {
            found.wake_by_ref()
        }
        Poll::Pending
    });
    once.await;
}

#[track]
async fn yields_inside_a_set(heeds: bool) {
    tokio::spawn(async move {
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        let yields = || yield_by(waker.clone(), heeds);
        let mut set = FuturesUnordered::from_iter([yields(), yields()]);
        while set.next().await.is_some() {} // here: yields
    });
}

#[tokio::test]
async fn set_whose_futures_wake_the_task_is_told_to_wake_the_set() {
    let report = leakguard::find(yields_inside_a_set(false)).await.unwrap_err();
    assert_eq!(codes(&report), [Code::LeakedTask], "{report}");
    let text = report.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("until a future in its set wakes the set"), "{text}");
    let line = line(include_str!("sets.rs"), "yields");
    assert!(
        text.contains(&format!("help: the set of line {line} polls a future again only")),
        "{text}"
    );
    assert!(text.contains("wake the `cx.waker()` of its poll"), "{text}");
    assert_eq!(found(yields_inside_a_set(true)).await, []);
}
