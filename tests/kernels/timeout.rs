//! The caller times out, and the task that it spawned continues.

use super::sync::{CancellationToken, Mutex, mpsc};
use super::track;
use crate::kernel::Cause::LeftBehind;
use crate::kernel::{Kernel, LG002, LG004, LG013, blocking, form, task};
use crate::row::{Row, rows};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

rows! { kubernetes_5316 kubernetes_5316_blocking }

// The request timed out and returned. Its handler still waited to send the answer.
#[track]
mod kubernetes_5316 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "kubernetes#5316",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG004, LeftBehind),
        silent: &[form!(mended), form!(saved, loses)],
    };

    struct Request {
        replies: Mutex<mpsc::Receiver<u32>>,
        over: CancellationToken,
    }

    /// Answers too late.
    async fn handle(reply: mpsc::Sender<u32>, request: Arc<Request>) {
        request.over.cancelled().await;
        for status in [100, 200] {
            let _ = reply.send(status).await; // wait
        }
    }

    async fn finish(capacity: usize) {
        let (reply, replies) = mpsc::channel(capacity);
        let request =
            Arc::new(Request { replies: Mutex::new(replies), over: CancellationToken::new() });
        let _over = request.over.clone().drop_guard();
        tokio::spawn(handle(reply, request.clone())); // spawn
        let mut replies = request.replies.lock().await;
        tokio::select! {
            _ = replies.recv() => {}
            () = sleep(Duration::from_millis(1)) => {}
        }
    }

    async fn leaking() {
        finish(1).await;
    }

    async fn mended() {
        finish(2).await;
    }

    /// The receiver is dropped with the function.
    async fn saved() {
        let (answer, mut answers) = mpsc::channel::<u32>(1);
        let over = CancellationToken::new();
        let _over = over.clone().drop_guard();
        tokio::spawn(async move {
            over.cancelled().await;
            let _ = answer.send(200).await; // lost
        });
        tokio::select! {
            _ = answers.recv() => {}
            () = sleep(Duration::from_millis(1)) => {}
        }
    }
}

// The same with a handler that blocks a thread: the timeout drops its handle but does not end it.
#[track]
mod kubernetes_5316_blocking {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "kubernetes#5316, blocking",
        leaking: form!(leaking),
        finds: &[blocking(LG013, "")],
        expected: (LG013, LeftBehind),
        silent: &[form!(mended)],
    };

    struct Backend {
        answer: mpsc::Sender<u32>,
        answers: std::sync::Mutex<mpsc::Receiver<u32>>,
    }

    fn backend() -> Arc<Backend> {
        let (answer, answers) = mpsc::channel(1);
        let answers = std::sync::Mutex::new(answers);
        Arc::new(Backend { answer, answers })
    }

    fn handle(backend: &Backend) {
        backend.answers.lock().unwrap().blocking_recv(); // wait
    }

    async fn leaking() {
        let backend = backend();
        let handler = tokio::task::spawn_blocking(move || handle(&backend)); // spawn
        let _ = timeout(Duration::from_millis(1), handler).await;
    }

    async fn mended() {
        let backend = backend();
        let answer = backend.answer.clone();
        let handler = tokio::task::spawn_blocking(move || handle(&backend));
        if timeout(Duration::from_millis(1), handler).await.is_err() {
            answer.send(503).await.unwrap();
        }
    }
}
