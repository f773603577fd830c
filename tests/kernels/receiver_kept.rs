//! Receivers that stay alive in a struct after their last use. Dropping a receiver would end its senders.

use super::sync::{CancellationToken, Mutex, mpsc, oneshot};
use super::track;
use crate::kernel::Cause::LeftBehind;
use crate::kernel::{Kernel, LG002, LG004, form, task, tasks};
use crate::row::{Row, rows};
use std::sync::Arc;

rows! { etcd_6857 grpc_660 moby_21233 cockroach_18101 }

// `status` sent a request to a loop that had been stopped, through a channel that the node kept.
#[track]
mod etcd_6857 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "etcd#6857",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG004, LeftBehind),
        silent: &[form!(mended), form!(saved, loses)],
    };

    struct Node {
        status: mpsc::Sender<u32>,
        requests: Mutex<mpsc::Receiver<u32>>,
        stopped: CancellationToken,
    }

    impl Node {
        async fn run(self: Arc<Self>) {
            let mut requests = self.requests.lock().await;
            tokio::select! {
                biased;
                () = self.stopped.cancelled() => {}
                _ = requests.recv() => {}
            }
        }

        async fn status(self: Arc<Self>) {
            let _ = self.status.send(1).await; // wait
        }

        async fn status_mended(self: Arc<Self>) {
            tokio::select! {
                _ = self.status.send(1) => {}
                () = self.stopped.cancelled() => {}
            }
        }
    }

    /// With its only slot full the channel behaves like an unbuffered one in Go: the next send waits for a receiver.
    fn unbuffered() -> (mpsc::Sender<u32>, mpsc::Receiver<u32>) {
        let (status, requests) = mpsc::channel(1);
        status.try_send(0).unwrap();
        (status, requests)
    }

    async fn stopped() -> Arc<Node> {
        let (status, requests) = unbuffered();
        let node = Arc::new(Node {
            status,
            requests: Mutex::new(requests),
            stopped: CancellationToken::new(),
        });
        node.stopped.cancel();
        tokio::spawn(node.clone().run()).await.unwrap();
        node
    }

    async fn leaking() {
        let node = stopped().await;
        tokio::spawn(node.status()); // spawn
    }

    async fn mended() {
        let node = stopped().await;
        tokio::spawn(node.status_mended());
    }

    /// The loop owns its receiver, which is dropped with it.
    async fn saved() {
        let (status, mut requests) = unbuffered();
        let run = tokio::spawn(async move { requests.recv().await });
        run.await.unwrap();
        let request = async move { status.send(1).await.unwrap_err() }; // lost
        tokio::spawn(request);
    }
}

// The benchmark was stopped and returned. Its worker still had results to send.
#[track]
mod grpc_660 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "grpc#660",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG004, LeftBehind),
        silent: &[form!(mended), form!(saved, loses)],
    };

    struct Benchmark {
        results: Mutex<mpsc::Receiver<u32>>,
        stop: CancellationToken,
    }

    impl Benchmark {
        /// The first result is enough.
        async fn run(&self) {
            let mut results = self.results.lock().await;
            loop {
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return,
                    _ = results.recv() => self.stop.cancel(),
                }
            }
        }
    }

    fn benchmark() -> (mpsc::Sender<u32>, Arc<Benchmark>) {
        let (sender, results) = mpsc::channel(1);
        let benchmark = Benchmark { results: Mutex::new(results), stop: CancellationToken::new() };
        (sender, Arc::new(benchmark))
    }

    async fn work(results: mpsc::Sender<u32>, _benchmark: Arc<Benchmark>) {
        for result in 0..3 {
            let _ = results.send(result).await; // wait
        }
    }

    async fn leaking() {
        let (sender, benchmark) = benchmark();
        tokio::spawn(work(sender, benchmark.clone())); // spawn
        benchmark.run().await;
    }

    async fn mended() {
        let (sender, benchmark) = benchmark();
        tokio::spawn(work(sender, benchmark.clone()));
        benchmark.run().await;
        while benchmark.results.lock().await.recv().await.is_some() {}
    }

    /// The receiver is dropped with the function.
    async fn saved() {
        let (sender, mut results) = mpsc::channel(1);
        tokio::spawn(async move {
            for result in 0..3 {
                let _ = sender.send(result).await; // lost
            }
        });
        results.recv().await;
    }
}

// The consumer of the progress returned. The reporting tasks blocked, and with them the tasks that waited for their end.
#[track]
mod moby_21233 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "moby#21233",
        leaking: form!(leaking),
        finds: &[tasks(LG002, "watcher", 3), tasks(LG002, "release", 3)],
        expected: (LG004, LeftBehind),
        silent: &[form!(mended)],
    };

    struct Transfer {
        progress: mpsc::Sender<u32>,
        shown: Mutex<mpsc::Receiver<u32>>,
    }

    async fn watch(transfer: Arc<Transfer>, released: oneshot::Sender<()>) {
        for percent in 0..3 {
            let _ = transfer.progress.send(percent).await; // wait: watcher
        }
        let _ = released.send(());
    }

    async fn release(released: oneshot::Receiver<()>) {
        let _ = released.await; // wait: release
    }

    async fn show(transfer: Arc<Transfer>, most: usize) {
        let mut shown = transfer.shown.lock().await;
        for _ in 0..most {
            shown.recv().await;
        }
    }

    async fn transfer(most: usize) {
        let (progress, shown) = mpsc::channel(1);
        let shown = Mutex::new(shown);
        let transfer = Arc::new(Transfer { progress, shown });
        for _ in 0..3 {
            let (end, released) = oneshot::channel();
            tokio::spawn(watch(transfer.clone(), end)); // spawn: watcher
            tokio::spawn(release(released)); // spawn: release
        }
        tokio::spawn(show(transfer, most)).await.unwrap();
    }

    async fn leaking() {
        transfer(1).await;
    }

    async fn mended() {
        transfer(9).await;
    }
}

// The consumer returned on cancellation. The producer continued until the queue was full.
#[track]
mod cockroach_18101 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#18101",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG004, LeftBehind),
        silent: &[form!(mended), form!(saved, loses)],
    };

    struct Restore {
        ready: Mutex<mpsc::Receiver<u32>>,
        context: CancellationToken,
    }

    async fn present(ready: mpsc::Sender<u32>, _restore: Arc<Restore>) {
        for range in 0..8 {
            let _ = ready.send(range).await; // wait
        }
    }

    async fn present_mended(ready: mpsc::Sender<u32>, restore: Arc<Restore>) {
        for range in 0..8 {
            tokio::select! {
                _ = ready.send(range) => {}
                () = restore.context.cancelled() => return,
            }
        }
    }

    async fn import(restore: Arc<Restore>) {
        let mut ready = restore.ready.lock().await;
        tokio::select! {
            biased;
            () = restore.context.cancelled() => {}
            _ = ready.recv() => {}
        }
    }

    fn restore() -> (mpsc::Sender<u32>, Arc<Restore>) {
        let (sender, ready) = mpsc::channel(6);
        let restore = Restore { ready: Mutex::new(ready), context: CancellationToken::new() };
        restore.context.cancel();
        (sender, Arc::new(restore))
    }

    async fn leaking() {
        let (sender, restore) = restore();
        tokio::spawn(present(sender, restore.clone())); // spawn
        tokio::spawn(import(restore)).await.unwrap();
    }

    async fn mended() {
        let (sender, restore) = restore();
        tokio::spawn(present_mended(sender, restore.clone()));
        tokio::spawn(import(restore)).await.unwrap();
    }

    /// The receiver is dropped with its function.
    async fn saved() {
        let (sender, ready) = mpsc::channel(6);
        tokio::spawn(async move {
            for range in 0..8 {
                let _ = sender.send(range).await; // lost
            }
        });
        drop(ready);
    }
}
