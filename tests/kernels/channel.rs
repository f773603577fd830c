//! Channels that get no more messages, that are no longer received from, or that two tasks fill for each other.

use super::sync::{CancellationToken, Mutex, mpsc, watch};
use crate::kernel::Cause::{Cycle, HeldByItself, LeftBehind};
use crate::kernel::{Kernel, LG002, LG003, LG004, LG009, body, form, task, with};
use crate::row::{Row, rows};
use leakguard::track;
use std::sync::Arc;
use tokio::task::yield_now;

rows! { cockroach_2448 cockroach_25456 cockroach_35073 grpc_1275 moby_33293 }

// Two actors sent to each other, and neither received before it had sent all its messages.
#[track]
mod cockroach_2448 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#2448",
        leaking: form!(leaking),
        finds: &[task(LG002, "raft"), task(LG002, "store")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    type Mailbox = mpsc::Receiver<u32>;

    async fn act(mut mailbox: Mailbox, peer: mpsc::Sender<u32>, stop: CancellationToken) {
        for n in 0..2 {
            tokio::select! { // wait
                _ = peer.send(n) => {}
                () = stop.cancelled() => return,
            }
        }
        while mailbox.recv().await.is_some() {}
    }

    async fn act_mended(mut mailbox: Mailbox, peer: mpsc::Sender<u32>, stop: CancellationToken) {
        let (mut sent, mut received) = (0, 0);
        while sent < 2 || received < 2 {
            tokio::select! {
                Ok(slot) = peer.reserve(), if sent < 2 => {
                    slot.send(sent);
                    sent += 1;
                }
                Some(_) = mailbox.recv(), if received < 2 => received += 1,
                () = stop.cancelled() => return,
            }
        }
    }

    async fn leaking() {
        let (to_raft, raft) = mpsc::channel(1);
        let (to_store, store) = mpsc::channel(1);
        let stop = CancellationToken::new();
        tokio::spawn(act(raft, to_store, stop.clone())); // spawn: raft
        tokio::spawn(act(store, to_raft, stop)); // spawn: store
    }

    async fn mended() {
        let (to_raft, raft) = mpsc::channel(1);
        let (to_store, store) = mpsc::channel(1);
        let stop = CancellationToken::new();
        tokio::spawn(act_mended(raft, to_store, stop.clone()));
        tokio::spawn(act_mended(store, to_raft, stop));
    }
}

// The check waited for the shutdown signal of a stopper that was never stopped.
#[track]
mod cockroach_25456 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#25456",
        leaking: form!(leaking),
        finds: &[body("")],
        expected: (LG003, HeldByItself),
        silent: &[form!(mended)],
    };

    async fn check(mut quiesce: watch::Receiver<bool>) {
        let _ = quiesce.changed().await; // wait
    }

    async fn leaking() {
        let (stopper, quiesce) = watch::channel(false);
        check(quiesce).await;
        stopper.send_replace(true);
    }

    async fn mended() {
        let (stopper, quiesce) = watch::channel(false);
        stopper.send_replace(true);
        check(quiesce).await;
    }
}

// The consumer returned without draining. Its receiver stayed alive in the struct, so pushing blocked on the full queue.
#[track]
mod cockroach_35073 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#35073",
        leaking: form!(leaking),
        finds: &[with("pusher"), body("")],
        expected: (LG004, LeftBehind),
        silent: &[form!(mended)],
    };

    struct RowChannel {
        rows: mpsc::Sender<u32>,
        consumer: Mutex<mpsc::Receiver<u32>>,
    }

    impl RowChannel {
        async fn push(&self, row: u32) {
            let _ = self.rows.send(row).await; // wait
        }

        async fn consume(self: Arc<Self>, most: usize) {
            for _ in 0..most {
                self.consumer.lock().await.recv().await;
            }
        }
    }

    fn channel() -> Arc<RowChannel> {
        let (rows, consumer) = mpsc::channel(16);
        let consumer = Mutex::new(consumer);
        Arc::new(RowChannel { rows, consumer })
    }

    async fn push_all(channel: Arc<RowChannel>) {
        for row in 0..18 {
            channel.push(row).await;
        }
    }

    async fn leaking() {
        let channel = channel();
        tokio::spawn(push_all(channel.clone())); // spawn: pusher
        tokio::spawn(channel.clone().consume(1)).await.unwrap();
        while channel.rows.capacity() > 0 {
            yield_now().await;
        }
        channel.push(18).await;
    }

    async fn mended() {
        let channel = channel();
        tokio::spawn(push_all(channel.clone()));
        tokio::spawn(channel.clone().consume(19));
        channel.push(18).await;
    }
}

// The stream was closed without a message to its reader.
#[track]
mod grpc_1275 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "grpc#1275",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG003, LeftBehind),
        silent: &[form!(mended)],
    };

    struct Stream {
        buffer: mpsc::UnboundedSender<Option<u8>>,
        received: Mutex<mpsc::UnboundedReceiver<Option<u8>>>,
    }

    async fn read(stream: Arc<Stream>) {
        let mut received = stream.received.lock().await;
        while let Some(Some(_)) = received.recv().await {} // wait
    }

    fn open() -> Arc<Stream> {
        let (buffer, received) = mpsc::unbounded_channel();
        let received = Mutex::new(received);
        Arc::new(Stream { buffer, received })
    }

    async fn leaking() {
        let stream = open();
        tokio::spawn(read(stream.clone())); // spawn
        stream.buffer.send(Some(1)).unwrap();
    }

    async fn mended() {
        let stream = open();
        tokio::spawn(read(stream.clone()));
        stream.buffer.send(Some(1)).unwrap();
        stream.buffer.send(None).unwrap();
    }
}

// An error was sent into a channel that is read only after the function has returned it.
#[track]
mod moby_33293 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "moby#33293",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG004, HeldByItself),
        silent: &[form!(mended)],
    };

    async fn wait(capacity: usize) -> mpsc::Receiver<&'static str> {
        let (errors, received) = mpsc::channel(capacity);
        for error in ["no container", "no network"] {
            errors.send(error).await.unwrap(); // wait
        }
        received
    }

    async fn show(capacity: usize) {
        let mut errors = wait(capacity).await;
        while errors.recv().await.is_some() {}
    }

    async fn leaking() {
        tokio::spawn(show(1)); // spawn
    }

    async fn mended() {
        tokio::spawn(show(2));
    }
}
