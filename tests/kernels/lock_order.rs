//! Two locks, acquired in opposite orders.

use super::sync::{Barrier, Mutex, Notify, OwnedMutexGuard, RwLock};
use crate::kernel::Cause::Cycle;
use crate::kernel::{Kernel, LG002, LG009, body, form, task, with};
use crate::row::{Row, rows};
use leakguard::track;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::JoinSet;

rows! { cockroach_10214 hugo_3251 kubernetes_30872 }

// Heartbeats locked the collected ones and then a replica. A replica's step locked itself and then the collected ones.
#[track]
mod cockroach_10214 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#10214",
        leaking: form!(leaking),
        finds: &[task(LG002, "heartbeat"), task(LG002, "step")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    struct Store {
        collected: Mutex<u64>,
        replica: Mutex<u64>,
        both: Barrier,
    }

    fn store() -> Arc<Store> {
        Arc::new(Store { collected: Mutex::new(0), replica: Mutex::new(0), both: Barrier::new(2) })
    }

    async fn heartbeat(store: Arc<Store>) {
        let beats = store.collected.lock().await;
        store.both.wait().await;
        *store.replica.lock().await += *beats; // wait: heartbeat
    }

    async fn heartbeat_mended(store: Arc<Store>) {
        let beats = *store.collected.lock().await;
        store.both.wait().await;
        *store.replica.lock().await += beats;
    }

    async fn step(store: Arc<Store>) {
        let _replica = store.replica.lock().await;
        store.both.wait().await;
        *store.collected.lock().await += 1; // wait: step
    }

    async fn leaking() {
        let store = store();
        tokio::spawn(heartbeat(store.clone())); // spawn: heartbeat
        tokio::spawn(step(store)); // spawn: step
    }

    async fn mended() {
        let store = store();
        tokio::spawn(heartbeat_mended(store.clone()));
        tokio::spawn(step(store));
    }
}

// A task held the table of locks while it waited for one of them, and unlocking that one needed the table.
#[track]
mod hugo_3251 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "hugo#3251",
        leaking: form!(leaking),
        finds: &[with("first"), with("second"), body("caller")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    #[derive(Default)]
    struct Urls {
        locks: RwLock<HashMap<&'static str, Arc<Mutex<()>>>>,
        looked_up: Notify,
    }

    impl Urls {
        async fn lock(&self, url: &'static str) -> OwnedMutexGuard<()> {
            let mut locks = self.locks.write().await;
            let lock = locks.entry(url).or_default().clone();
            self.looked_up.notify_one();
            lock.lock_owned().await // wait: second
        }

        async fn lock_mended(&self, url: &'static str) -> OwnedMutexGuard<()> {
            let lock = self.locks.write().await.entry(url).or_default().clone();
            self.looked_up.notify_one();
            lock.lock_owned().await
        }

        async fn unlock(&self, url: OwnedMutexGuard<()>) {
            let _locks = self.locks.read().await; // wait: first
            drop(url);
        }
    }

    async fn first(urls: Arc<Urls>, url: OwnedMutexGuard<()>) {
        urls.looked_up.notified().await;
        urls.unlock(url).await;
    }

    async fn leaking() {
        let (urls, mut both) = (Arc::new(Urls::default()), JoinSet::new());
        let url = urls.lock("gohugo.io").await;
        urls.looked_up.notified().await;
        both.spawn(first(urls.clone(), url)); // spawn: first
        let second = async move {
            let url = urls.lock("gohugo.io").await;
            urls.unlock(url).await;
        };
        both.spawn(second); // spawn: second
        while both.join_next().await.is_some() {} // wait: caller
    }

    async fn mended() {
        let (urls, mut both) = (Arc::new(Urls::default()), JoinSet::new());
        let url = urls.lock_mended("gohugo.io").await;
        urls.looked_up.notified().await;
        both.spawn(first(urls.clone(), url));
        both.spawn(async move {
            let url = urls.lock_mended("gohugo.io").await;
            urls.unlock(url).await;
        });
        while both.join_next().await.is_some() {}
    }
}

// The informer locked itself and called the queue. The queue locked itself and called the informer.
#[track]
mod kubernetes_30872 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "kubernetes#30872",
        leaking: form!(leaking),
        finds: &[task(LG002, "add"), task(LG002, "pop")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    #[async_trait::async_trait]
    trait Counts: Send + Sync {
        async fn count(&self);
    }

    #[derive(Default)]
    struct Informer(Mutex<u32>);

    #[async_trait::async_trait]
    impl Counts for Informer {
        async fn count(&self) {
            *self.0.lock().await += 1; // wait: pop
        }
    }

    #[derive(Default)]
    struct Queue(Mutex<u32>);

    #[async_trait::async_trait]
    impl Counts for Queue {
        async fn count(&self) {
            *self.0.lock().await += 1; // wait: add
        }
    }

    async fn add(informer: Arc<Informer>, queue: Arc<dyn Counts>, both: Arc<Barrier>) {
        let _clusters = informer.0.lock().await;
        both.wait().await;
        queue.count().await;
    }

    async fn pop(queue: Arc<Queue>, informer: Arc<dyn Counts>, both: Arc<Barrier>) {
        let _items = queue.0.lock().await;
        both.wait().await;
        informer.count().await;
    }

    async fn pop_mended(queue: Arc<Queue>, informer: Arc<dyn Counts>, both: Arc<Barrier>) {
        queue.count().await;
        both.wait().await;
        informer.count().await;
    }

    async fn leaking() {
        let (informer, queue) = (Arc::new(Informer::default()), Arc::new(Queue::default()));
        let both = Arc::new(Barrier::new(2));
        tokio::spawn(add(informer.clone(), queue.clone(), both.clone())); // spawn: add
        tokio::spawn(pop(queue, informer, both)); // spawn: pop
    }

    async fn mended() {
        let (informer, queue) = (Arc::new(Informer::default()), Arc::new(Queue::default()));
        let both = Arc::new(Barrier::new(2));
        tokio::spawn(add(informer.clone(), queue.clone(), both.clone()));
        tokio::spawn(pop_mended(queue, informer, both));
    }
}
