//! A guard is held across a send, and the receiving task needs the lock first.

use super::sync::{Barrier, Mutex, Notify, RwLock, mpsc};
use crate::kernel::Cause::Cycle;
use crate::kernel::{Kernel, LG002, LG009, body, form, task, with};
use crate::row::{Row, rows};
use leakguard::track;
use std::sync::Arc;

rows! { etcd_7443 istio_16224 kubernetes_1321 }

// A connection came up and was announced under the lock. The reader of the announcements had to acquire the lock first.
#[track]
mod etcd_7443 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "etcd#7443",
        leaking: form!(leaking),
        finds: &[with("up"), with("watcher"), body("caller")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    struct Balancer {
        pinned: RwLock<u32>,
        notify: mpsc::Sender<u32>,
        notified: Mutex<mpsc::Receiver<u32>>,
        all: Barrier,
    }

    impl Balancer {
        async fn up(self: Arc<Self>) {
            let mut pinned = self.pinned.write().await;
            self.all.wait().await;
            for address in 0..3 {
                let _ = self.notify.send(address).await; // wait: up
            }
            *pinned = 2;
        }

        async fn up_mended(self: Arc<Self>) {
            *self.pinned.write().await = 2;
            self.all.wait().await;
            for address in 0..3 {
                let _ = self.notify.send(address).await;
            }
        }

        async fn watch(self: Arc<Self>) {
            let mut addresses = self.notified.lock().await;
            self.all.wait().await;
            for _ in 0..3 {
                addresses.recv().await;
                *self.pinned.write().await += 1; // wait: watcher
            }
        }

        async fn close(&self) {
            self.all.wait().await;
            *self.pinned.write().await = 0; // wait: caller
        }
    }

    fn balancer() -> Arc<Balancer> {
        let (notify, notified) = mpsc::channel(1);
        Arc::new(Balancer {
            pinned: RwLock::new(0),
            notify,
            notified: Mutex::new(notified),
            all: Barrier::new(3),
        })
    }

    async fn leaking() {
        let balancer = balancer();
        tokio::spawn(balancer.clone().up()); // spawn: up
        tokio::spawn(balancer.clone().watch()); // spawn: watcher
        balancer.close().await;
    }

    async fn mended() {
        let balancer = balancer();
        tokio::spawn(balancer.clone().up_mended());
        tokio::spawn(balancer.clone().watch());
        balancer.close().await;
    }
}

// The handler sent its events under the lock that the receiver acquires before it receives.
#[track]
mod istio_16224 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "istio#16224",
        leaking: form!(leaking),
        finds: &[with("handler"), body("caller")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    #[derive(Default)]
    struct Store {
        configs: Mutex<u32>,
        handles: Notify,
    }

    async fn handle(store: Arc<Store>, done: mpsc::Sender<u32>) {
        let mut configs = store.configs.lock().await;
        store.handles.notify_one();
        for event in 0..2 {
            let _ = done.send(event).await; // wait: handler
            *configs += 1;
        }
    }

    async fn leaking() {
        let store = Arc::new(Store::default());
        let (done, mut handled) = mpsc::channel(1);
        tokio::spawn(handle(store.clone(), done)); // spawn: handler
        store.handles.notified().await;
        let _configs = store.configs.lock().await; // wait: caller
        while handled.recv().await.is_some() {}
    }

    async fn mended() {
        let store = Arc::new(Store::default());
        let (done, mut handled) = mpsc::channel(1);
        tokio::spawn(handle(store.clone(), done));
        store.handles.notified().await;
        while handled.recv().await.is_some() {}
        assert_eq!(*store.configs.lock().await, 2);
    }
}

// Events were distributed under the lock of the watchers. A watcher that stops needs the lock and receives no more.
#[track]
mod kubernetes_1321 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "kubernetes#1321",
        leaking: form!(leaking),
        finds: &[task(LG002, "distribute"), task(LG002, "stop")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    type Watchers = Arc<Mutex<Vec<mpsc::Sender<u32>>>>;

    async fn distribute(watchers: Watchers) {
        for watcher in watchers.lock().await.iter() {
            for event in 0..3 {
                let _ = watcher.send(event).await; // wait: distribute
            }
        }
    }

    async fn stop(watchers: Watchers, mut events: mpsc::Receiver<u32>) {
        events.recv().await;
        watchers.lock().await.clear(); // wait: stop
        events.close();
    }

    /// Receives until it has been removed from the list.
    async fn stop_mended(watchers: Watchers, mut events: mpsc::Receiver<u32>) {
        events.recv().await;
        let remove = async { watchers.lock().await.clear() };
        let drain = async { while events.recv().await.is_some() {} };
        tokio::join!(remove, drain);
    }

    fn watchers() -> (Watchers, mpsc::Receiver<u32>) {
        let (watcher, events) = mpsc::channel(1);
        (Arc::new(Mutex::new(vec![watcher])), events)
    }

    async fn leaking() {
        let (watchers, events) = watchers();
        tokio::spawn(distribute(watchers.clone())); // spawn: distribute
        tokio::spawn(stop(watchers, events)); // spawn: stop
    }

    async fn mended() {
        let (watchers, events) = watchers();
        tokio::spawn(distribute(watchers.clone()));
        tokio::spawn(stop_mended(watchers, events));
    }
}
