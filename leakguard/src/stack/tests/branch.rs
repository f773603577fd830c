//! Futures that wait in several places at once: one stack for each.

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{await_below, look};

async fn receive(mut rx: mpsc::Receiver<u8>) -> Option<u8> {
    await_below();
    rx.recv().await
}

async fn reply(rx: oneshot::Receiver<u8>) -> Option<u8> {
    await_below();
    rx.await.ok()
}

#[tokio::test]
async fn select_shows_each_branch_at_its_own_await() {
    let (tx, rx) = mpsc::channel(1);
    let (_reply, answer) = oneshot::channel();
    let mutex = Mutex::new(());
    let held = mutex.lock().await;
    let either = async {
        tokio::select! {
            biased;
            value = receive(rx) => value,
            value = reply(answer) => value,
            value = async {
                await_below();
                drop(mutex.lock().await);
                None
            } => value,
        }
    };
    let mut either = Box::pin(either);
    look(either.as_mut()).await.waits(&["mpsc receive", "oneshot receive", "mutex lock"]);
    drop(held);
    tx.try_send(1).unwrap();
    assert!(look(either).await.ready);
}

/// A branch without async code of the user's has no line of its own, so the wait is at the line of the macro.
#[tokio::test]
async fn select_on_bare_calls_shows_the_line_of_the_macro() {
    let (_tx, mut rx) = mpsc::channel::<u8>(1);
    let token = CancellationToken::new();
    let polled = look(async {
        await_below();
        tokio::select! {
            biased;
            _ = rx.recv() => {}
            () = token.cancelled() => {}
        }
    });
    let mut polled = polled.await;
    polled.awaits.extend_from_within(..);
    polled.waits(&["mpsc receive", "cancellation"]);
}

#[tokio::test]
async fn join_shows_the_pending_branch() {
    let (tx, rx) = mpsc::channel(1);
    let (_reply, answer) = oneshot::channel();
    let mut both = Box::pin(async { tokio::join!(receive(rx), reply(answer)) });
    look(both.as_mut()).await.waits(&["mpsc receive", "oneshot receive"]);
    tx.try_send(1).unwrap();
    // Only the second branch is still there; its await was passed at the first poll.
    look(both.as_mut()).await.has_words(&["oneshot receive"]);
}

#[tokio::test]
async fn join_of_the_futures_crate_shows_each_branch() {
    let (_tx, rx) = mpsc::channel(1);
    let (_reply, answer) = oneshot::channel();
    let polled = look(futures::future::join(receive(rx), reply(answer)));
    polled.await.waits(&["mpsc receive", "oneshot receive"]);
}
