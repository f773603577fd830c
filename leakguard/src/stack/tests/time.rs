//! The clock, other tasks, and tokio-util's ways to wait for them.

use std::future::{pending, ready};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinSet, coop, yield_now};
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Class, await_below, look};

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn sleeping() {
    let nap = async |length| {
        await_below();
        sleep(length).await;
    };
    let polled = look(nap(LONG)).await;
    polled.waits(&["sleep"]);
    polled.is_of(Class::Timer);
}

#[tokio::test]
async fn interval_tick() {
    let mut interval = interval(LONG);
    // The first tick comes at once.
    interval.tick().await;
    let polled = look(async {
        await_below();
        interval.tick().await
    });
    polled.await.waits(&["interval tick"]);
}

#[tokio::test]
async fn timeout_keeps_the_wait_that_it_wraps() {
    let (tx, mut rx) = mpsc::channel(1);
    let mut receive = async || {
        await_below();
        timeout(LONG, rx.recv()).await
    };
    let mut polled = look(receive()).await;
    // One await, two leaves.
    polled.awaits.extend_from_within(..);
    polled.waits(&["mpsc receive", "timeout"]);
    tx.try_send(1_u8).unwrap();
    look(receive()).await.is_silent();
}

#[tokio::test]
async fn join_handle() {
    let mut task = tokio::spawn(pending::<()>());
    let polled = look(async {
        await_below();
        (&mut task).await
    });
    let polled = polled.await;
    polled.waits(&["join"]);
    polled.is_of(Class::Join);
    task.abort();
    (&mut task).await.unwrap_err();
}

#[tokio::test]
async fn join_set() {
    let mut set = JoinSet::new();
    let mut next = async |future: bool| {
        if future {
            set.spawn(pending::<()>());
        }
        await_below();
        set.join_next().await
    };
    look(next(false)).await.is_silent();
    look(next(true)).await.waits(&["join set"]);
}

#[tokio::test]
async fn cancellation() {
    let token = CancellationToken::new();
    let cancelled = async || {
        await_below();
        token.cancelled().await;
    };
    look(cancelled()).await.waits(&["cancellation"]);
    token.cancel();
    look(cancelled()).await.is_silent();
}

#[tokio::test]
async fn task_tracker() {
    let tracker = TaskTracker::new();
    let held = tracker.token();
    tracker.close();
    let wait = async || {
        await_below();
        tracker.wait().await;
    };
    look(wait()).await.waits(&["task tracker"]);
    drop(held);
    look(wait()).await.is_silent();
}

#[tokio::test]
async fn yield_waits_for_nothing() {
    let polled = look(async {
        await_below();
        yield_now().await;
    });
    let polled = polled.await;
    polled.waits(&["yield"]);
    polled.is_of(Class::Yield);
}

#[tokio::test]
async fn spent_budget_is_a_yield() {
    let polled = look(async {
        loop {
            coop::consume_budget().await;
        }
    });
    polled.await.has_words(&["yield"]);
}

#[tokio::test]
async fn pending_leaves_no_waker() {
    let polled = look(pending::<()>()).await;
    assert!(!polled.ready && polled.stacks.is_empty());
    assert_eq!((polled.capture.clones, polled.capture.wakes), (0, 0));
    look(ready(())).await.is_silent();
}
