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
    look(either.as_mut())
        .await
        .waits(&["mpsc receive", "oneshot receive", "mutex lock"]);
    drop(held);
    tx.try_send(1).unwrap();
    assert!(look(either).await.ready);
}

/// A branch that is no async code of the user's own has no line of its own; the macro's line is where the user waits.
#[tokio::test]
async fn select_on_bare_calls_shows_the_line_of_the_macro() {
    let (_tx, mut rx) = mpsc::channel::<u8>(1);
    let token = CancellationToken::new();
    let seen = look(async {
        await_below();
        tokio::select! {
            biased;
            _ = rx.recv() => {}
            () = token.cancelled() => {}
        }
    });
    let mut seen = seen.await;
    seen.awaits.extend_from_within(..);
    seen.waits(&["mpsc receive", "cancellation"]);
}

#[tokio::test]
async fn join_shows_what_is_left() {
    let (tx, rx) = mpsc::channel(1);
    let (_reply, answer) = oneshot::channel();
    let mut both = Box::pin(async { tokio::join!(receive(rx), reply(answer)) });
    look(both.as_mut())
        .await
        .waits(&["mpsc receive", "oneshot receive"]);
    tx.try_send(1).unwrap();
    // Only the second branch is still there; its await was passed at the first poll.
    look(both.as_mut()).await.says(&["oneshot receive"]);
}

#[tokio::test]
async fn the_join_of_futures_shows_each_too() {
    let (_tx, rx) = mpsc::channel(1);
    let (_reply, answer) = oneshot::channel();
    let seen = look(futures::future::join(receive(rx), reply(answer)));
    seen.await.waits(&["mpsc receive", "oneshot receive"]);
}
