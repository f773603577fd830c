//! Bugs of tokio projects in which the body itself is stuck and no spawned task is.

use super::sync::{Mutex, Notify, mpsc, oneshot};
use crate::kernel::Cause::{GrantedButNotPolled, HeldByItself, LostMessage, NotifiedTooEarly};
use crate::kernel::{Kernel, LG001, LG003, LG004, LG009, body, form};
use crate::row::{Row, rows};
use leakguard::track;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::yield_now;

rows! { r04 r06 r08 r11 r13 }

// The caller received until all senders were gone, and held one of them.
#[track]
mod r04 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r04 kept sender",
        leaking: form!(leaking),
        finds: &[body("")],
        expected: (LG003, HeldByItself),
        silent: &[form!(mended), form!(trap)],
    };

    async fn send(numbers: mpsc::Sender<u32>, number: u32) {
        numbers.send(number).await.unwrap();
    }

    async fn leaking() {
        let (sender, mut numbers) = mpsc::channel(4);
        for number in 0..3 {
            tokio::spawn(send(sender.clone(), number));
        }
        while let Some(_number) = numbers.recv().await {} // wait
    }

    async fn mended() {
        let (sender, mut numbers) = mpsc::channel(4);
        for number in 0..3 {
            tokio::spawn(send(sender.clone(), number));
        }
        drop(sender);
        while let Some(_number) = numbers.recv().await {}
    }

    /// A registry holds the sender, which is used later.
    async fn trap() {
        let (sender, mut numbers) = mpsc::channel(4);
        let registry = Arc::new(std::sync::Mutex::new(Some(sender)));
        let later = registry.clone();
        tokio::spawn(async move {
            yield_now().await;
            let sender = later.lock().unwrap().take().unwrap();
            send(sender, 1).await;
        });
        while let Some(_number) = numbers.recv().await {}
    }
}

// The request was lost on its way to the writer, and its promise stayed in the table.
#[track]
mod r06 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r06 parked promise",
        leaking: form!(leaking),
        finds: &[body("")],
        expected: (LG003, LostMessage),
        silent: &[form!(mended), form!(trap)],
    };

    struct Client {
        pending: std::sync::Mutex<HashMap<u32, oneshot::Sender<u32>>>,
        requests: mpsc::Sender<u32>,
    }

    impl Client {
        async fn call(&self, id: u32) {
            let (promise, reply) = oneshot::channel();
            self.pending.lock().unwrap().insert(id, promise);
            let _ = self.requests.send(id).await;
            let _ = reply.await; // wait
        }

        async fn call_mended(&self, id: u32) {
            let (promise, reply) = oneshot::channel();
            self.pending.lock().unwrap().insert(id, promise);
            if self.requests.send(id).await.is_err() {
                self.pending.lock().unwrap().remove(&id);
            }
            let _ = reply.await;
        }
    }

    fn client() -> (Client, mpsc::Receiver<u32>) {
        let (requests, written) = mpsc::channel(1);
        let pending = Default::default();
        (Client { pending, requests }, written)
    }

    async fn leaking() {
        let (client, written) = client();
        drop(written);
        client.call(1).await;
    }

    async fn mended() {
        let (client, written) = client();
        drop(written);
        client.call_mended(1).await;
    }

    /// The reply is slow but comes.
    async fn trap() {
        let (client, mut written) = client();
        let client = Arc::new(client);
        let server = client.clone();
        tokio::spawn(async move {
            let id = written.recv().await.unwrap();
            for _ in 0..9 {
                yield_now().await;
            }
            let promise = server.pending.lock().unwrap().remove(&id).unwrap();
            promise.send(200).unwrap();
        });
        client.call(1).await;
    }
}

// A task published more events than fit into the channel, and would have received them itself afterwards.
#[track]
mod r08 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r08 publishes to itself",
        leaking: form!(leaking),
        finds: &[body("")],
        expected: (LG004, HeldByItself),
        silent: &[form!(mended), form!(trap)],
    };

    async fn publish(events: &mpsc::Sender<u32>) {
        for event in 0..20 {
            events.send(event).await.unwrap(); // wait
        }
    }

    async fn run(capacity: usize) {
        let (sender, mut events) = mpsc::channel(capacity);
        publish(&sender).await;
        drop(sender);
        while events.recv().await.is_some() {}
    }

    async fn leaking() {
        run(10).await;
    }

    async fn mended() {
        let (sender, mut events) = mpsc::channel(10);
        tokio::spawn(async move { publish(&sender).await });
        while events.recv().await.is_some() {}
    }

    async fn trap() {
        run(32).await;
    }
}

// The lock was granted to a future that `select!` no longer polled, while its task waited for the same lock in an arm.
#[track]
mod r11 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r11 futurelock",
        leaking: form!(leaking),
        finds: &[body("")],
        expected: (LG009, GrantedButNotPolled),
        silent: &[form!(mended), form!(trap)],
    };

    #[derive(Default)]
    struct Shared {
        lock: Mutex<u32>,
        held: Notify,
        release: Notify,
        tick: Notify,
    }

    impl Shared {
        async fn work(&self) {
            *self.lock.lock().await += 1; // wait
        }
    }

    async fn hold(shared: Arc<Shared>) {
        let _guard = shared.lock.lock().await;
        shared.held.notify_one();
        shared.release.notified().await;
    }

    async fn held() -> Arc<Shared> {
        let shared = Arc::new(Shared::default());
        tokio::spawn(hold(shared.clone()));
        shared.held.notified().await;
        shared.tick.notify_one();
        shared
    }

    async fn leaking() {
        let shared = held().await;
        let work = shared.work();
        tokio::pin!(work);
        tokio::select! {
            biased;
            () = &mut work => {}
            () = shared.tick.notified() => {
                shared.release.notify_one();
                shared.work().await;
            }
        }
    }

    async fn mended() {
        let shared = held().await;
        tokio::select! {
            biased;
            () = shared.work() => {}
            () = shared.tick.notified() => {
                shared.release.notify_one();
                shared.work().await;
            }
        }
    }

    /// The arm does not need the lock.
    async fn trap() {
        let shared = held().await;
        let work = shared.work();
        tokio::pin!(work);
        tokio::select! {
            biased;
            () = &mut work => {}
            () = shared.tick.notified() => {
                shared.release.notify_one();
                yield_now().await;
            }
        }
        work.await;
    }
}

// The flag was read before it was set, and the wait began after all waiters had been notified.
#[track]
mod r13 {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    pub const KERNEL: Kernel = Kernel {
        row: "r13 notified too early",
        leaking: form!(leaking),
        finds: &[body("")],
        expected: (LG001, NotifiedTooEarly),
        silent: &[form!(mended), form!(trap)],
    };

    #[derive(Default)]
    struct Flag {
        is_set: AtomicBool,
        set: Notify,
    }

    async fn raise(flag: Arc<Flag>) {
        flag.is_set.store(true, SeqCst);
        flag.set.notify_waiters();
    }

    async fn raise_for_one(flag: Arc<Flag>) {
        flag.is_set.store(true, SeqCst);
        flag.set.notify_one();
    }

    async fn leaking() {
        let flag = Arc::new(Flag::default());
        if !flag.is_set.load(SeqCst) {
            tokio::spawn(raise(flag.clone())).await.unwrap();
            flag.set.notified().await; // wait
        }
    }

    async fn mended() {
        let flag = Arc::new(Flag::default());
        let set = flag.set.notified();
        if !flag.is_set.load(SeqCst) {
            tokio::spawn(raise(flag.clone())).await.unwrap();
            set.await;
        }
    }

    /// `notify_one` stores a permit.
    async fn trap() {
        let flag = Arc::new(Flag::default());
        if !flag.is_set.load(SeqCst) {
            tokio::spawn(raise_for_one(flag.clone())).await.unwrap();
            flag.set.notified().await;
        }
    }
}
