//! Waits for permits and groups of tasks in the wrong order or the wrong number.

use super::sync::{CancellationToken, Mutex, Notify, OwnedMutexGuard, Semaphore, mpsc, oneshot};
use super::track;
use crate::kernel::Cause::{Cycle, LeftBehind, TooFew};
use crate::kernel::{Kernel, LG002, LG004, LG009, body, form, task, with};
use crate::row::{Row, rows};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

rows! { serving_2137 cockroach_1462 moby_25384 }

// The second request held the only permit and waited at its gate. The caller waited for the first request before it
// opened that gate.
#[track]
mod serving_2137 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "serving#2137",
        leaking: form!(leaking),
        finds: &[with("first"), with("second"), body("caller")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    struct Breaker {
        active: Semaphore,
        begun: Notify,
    }

    /// A request runs while it has a permit, as long as its gate is locked.
    struct Request {
        gate: OwnedMutexGuard<()>,
        accepted: oneshot::Receiver<()>,
    }

    impl Breaker {
        async fn run(self: Arc<Self>, gate: Arc<Mutex<()>>, accepted: oneshot::Sender<()>) {
            let permit = self.active.acquire().await; // wait: first
            self.begun.notify_one();
            let _gate = gate.lock().await; // wait: second
            drop(permit);
            let _ = accepted.send(());
        }

        async fn request(self: &Arc<Self>) -> Request {
            let lock = Arc::new(Mutex::new(()));
            let gate = lock.clone().lock_owned().await;
            let (accept, accepted) = oneshot::channel();
            tokio::spawn(self.clone().run(lock, accept)); // spawn
            Request { gate, accepted }
        }
    }

    async fn requests() -> [Request; 2] {
        let breaker = Arc::new(Breaker { active: Semaphore::new(1), begun: Notify::new() });
        let second = breaker.request().await;
        breaker.begun.notified().await;
        [breaker.request().await, second]
    }

    async fn leaking() {
        for request in requests().await {
            drop(request.gate);
            request.accepted.await.unwrap(); // wait: caller
        }
    }

    async fn mended() {
        let accepted = requests().await.map(|request| request.accepted);
        for accepted in accepted {
            accepted.await.unwrap();
        }
    }
}

// The consumer returned at the stop, but its receiver stayed alive in the transport, and the stop waited for the producer.
#[track]
mod cockroach_1462 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#1462",
        leaking: form!(leaking),
        finds: &[with("producer"), body("caller")],
        expected: (LG004, LeftBehind),
        silent: &[form!(mended), form!(saved, loses)],
    };

    struct Transport {
        events: Mutex<mpsc::Receiver<u32>>,
        stop: CancellationToken,
    }

    async fn produce(events: mpsc::Sender<u32>, stop: CancellationToken) {
        events.send(0).await.unwrap();
        stop.cancelled().await;
        for event in 1..3 {
            let _ = events.send(event).await; // wait: producer
        }
    }

    async fn consume(transport: Arc<Transport>) {
        transport.events.lock().await.recv().await;
        transport.stop.cancelled().await;
    }

    async fn consume_mended(transport: Arc<Transport>) {
        while transport.events.lock().await.recv().await.is_some() {}
    }

    fn transport() -> (mpsc::Sender<u32>, Arc<Transport>) {
        let (sender, events) = mpsc::channel(1);
        let (events, stop) = (Mutex::new(events), CancellationToken::new());
        (sender, Arc::new(Transport { events, stop }))
    }

    async fn leaking() {
        let (sender, transport) = transport();
        let running = TaskTracker::new();
        tokio::spawn(consume(transport.clone()));
        running.spawn(produce(sender, transport.stop.clone())); // spawn: producer
        transport.stop.cancel();
        running.close();
        running.wait().await; // wait: caller
    }

    async fn mended() {
        let (sender, transport) = transport();
        let running = TaskTracker::new();
        tokio::spawn(consume_mended(transport.clone()));
        running.spawn(produce(sender, transport.stop.clone()));
        transport.stop.cancel();
        running.close();
        running.wait().await;
    }

    /// The receiver is dropped with its task.
    async fn saved() {
        let (sender, events) = mpsc::channel(1);
        let running = TaskTracker::new();
        drop(events);
        running.spawn(async move {
            let _ = sender.send(1).await; // lost
        });
        running.close();
        running.wait().await;
    }
}

// Each iteration of the loop waited for all plugins, including those that a later iteration loads.
#[track]
mod moby_25384 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "moby#25384",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG002, TooFew),
        silent: &[form!(mended)],
    };

    async fn load(loaded: Arc<Semaphore>) {
        loaded.add_permits(1);
    }

    async fn wait(loaded: &Semaphore) {
        loaded.acquire_many(2).await.unwrap().forget(); // wait
    }

    async fn restore() {
        let loaded = Arc::new(Semaphore::new(0));
        for _ in 0..2 {
            tokio::spawn(load(loaded.clone()));
            wait(&loaded).await;
        }
    }

    async fn restore_mended() {
        let loaded = Arc::new(Semaphore::new(0));
        for _ in 0..2 {
            tokio::spawn(load(loaded.clone()));
        }
        wait(&loaded).await;
    }

    async fn leaking() {
        tokio::spawn(restore()); // spawn
    }

    async fn mended() {
        tokio::spawn(restore_mended());
    }
}
