//! Signals that are sent too early, without a waiter, or never.

use super::sync::{CancellationToken, Notify, mpsc, oneshot};
use crate::kernel::Cause::{LeftBehind, NeverSignalled, NotifiedTooEarly};
use crate::kernel::{Kernel, LG002, LG003, body, form, task, with};
use crate::row::{Row, rows};
use leakguard::track;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

rows! { kubernetes_11298 cockroach_10790 cockroach_13197 grpc_862 moby_29733 }

// The condition was signalled before the wait for it began, and never again.
#[track]
mod kubernetes_11298 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "kubernetes#11298",
        leaking: form!(leaking),
        finds: &[with("waiter"), body("caller")],
        expected: (LG002, NotifiedTooEarly),
        silent: &[form!(mended)],
    };

    async fn wait(ready: Arc<Notify>) {
        ready.notified().await; // wait: waiter
    }

    async fn leaking() {
        let ready = Arc::new(Notify::new());
        ready.notify_waiters();
        let waiter = tokio::spawn(wait(ready)); // spawn: waiter
        waiter.await.unwrap(); // wait: caller
    }

    async fn mended() {
        let ready = Arc::new(Notify::new());
        ready.notify_one();
        let waiter = tokio::spawn(wait(ready));
        waiter.await.unwrap();
    }
}

// After the cancellation the drain waited for commands that had returned without sending.
#[track]
mod cockroach_10790 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#10790",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG003, LeftBehind),
        silent: &[form!(mended), form!(saved)],
    };

    struct Replica {
        done: mpsc::Sender<u32>,
        cancel: CancellationToken,
    }

    async fn command(replica: Arc<Replica>) {
        tokio::select! {
            () = replica.cancel.cancelled() => {}
            () = sleep(Duration::from_secs(60)) => {
                let _ = replica.done.send(1).await;
            }
        }
    }

    async fn command_mended(replica: Arc<Replica>) {
        replica.cancel.cancelled().await;
        let _ = replica.done.send(0).await;
    }

    async fn drain(mut pending: mpsc::Receiver<u32>, _replica: Arc<Replica>) {
        pending.recv().await; // wait
    }

    fn replica() -> (Arc<Replica>, mpsc::Receiver<u32>) {
        let (done, pending) = mpsc::channel(1);
        let cancel = CancellationToken::new();
        (Arc::new(Replica { done, cancel }), pending)
    }

    async fn leaking() {
        let (replica, pending) = replica();
        replica.cancel.cancel();
        tokio::spawn(command(replica.clone())).await.unwrap();
        tokio::spawn(drain(pending, replica)); // spawn
    }

    async fn mended() {
        let (replica, pending) = replica();
        replica.cancel.cancel();
        tokio::spawn(command_mended(replica.clone()));
        tokio::spawn(drain(pending, replica));
    }

    /// The replica and its sender are dropped with the command.
    async fn saved() {
        let (replica, mut pending) = replica();
        replica.cancel.cancel();
        tokio::spawn(command(replica));
        tokio::spawn(async move { assert_eq!(pending.recv().await, None) });
    }
}

// A transaction is rolled back on cancellation, and one return path of the function forgot to cancel.
#[track]
mod cockroach_13197 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#13197",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG002, NeverSignalled),
        silent: &[form!(mended)],
    };

    async fn roll_back(context: CancellationToken) {
        context.cancelled().await; // wait
    }

    async fn leaking() {
        let context = CancellationToken::new();
        tokio::spawn(roll_back(context.clone())); // spawn
    }

    async fn mended() {
        let context = CancellationToken::new();
        let _cancel = context.clone().drop_guard();
        tokio::spawn(roll_back(context));
    }
}

// A connection was dialled again and again, and its context was not cancelled when its owner was dropped.
#[track]
mod grpc_862 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "grpc#862",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG002, NeverSignalled),
        silent: &[form!(mended)],
    };

    async fn dial(context: CancellationToken) {
        loop {
            tokio::select! { // wait
                () = sleep(Duration::from_millis(1)) => {}
                () = context.cancelled() => return,
            }
        }
    }

    async fn leaking() {
        let context = CancellationToken::new();
        tokio::spawn(dial(context.clone())); // spawn
    }

    async fn mended() {
        let context = CancellationToken::new();
        tokio::spawn(dial(context.clone()));
        context.cancel();
    }
}

// Enabling a plugin waited for a condition that was never signalled after a failure.
#[track]
mod moby_29733 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "moby#29733",
        leaking: form!(leaking),
        finds: &[with("waiter"), body("caller")],
        expected: (LG002, NeverSignalled),
        silent: &[form!(mended)],
    };

    async fn wait_active(active: Arc<Notify>, done: oneshot::Sender<()>) {
        active.notified().await; // wait: waiter
        let _ = done.send(());
    }

    fn enable(_: &Notify) -> Result<(), ()> {
        Err(())
    }

    async fn leaking() {
        let active = Arc::new(Notify::new());
        let (done, waited) = oneshot::channel();
        tokio::spawn(wait_active(active.clone(), done)); // spawn: waiter
        if enable(&active).is_ok() {
            active.notify_one();
        }
        let _ = waited.await; // wait: caller
    }

    async fn mended() {
        let active = Arc::new(Notify::new());
        let (done, waited) = oneshot::channel();
        tokio::spawn(wait_active(active.clone(), done));
        let _ = enable(&active);
        active.notify_one();
        let _ = waited.await;
    }
}
