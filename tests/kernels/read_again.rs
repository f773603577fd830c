//! A task that holds a read guard reads the same lock again, behind a waiting writer.

use super::sync::{Barrier, Notify, RwLock};
use crate::kernel::Cause::Cycle;
use crate::kernel::{Kernel, LG002, LG009, body, form, task, with};
use crate::row::{Row, rows};
use leakguard::track;
use std::sync::Arc;
use tokio::task::{JoinSet, yield_now};

rows! { cockroach_16167 cockroach_6181 kubernetes_62464 }

/// Returns once a writer waits. From then on no new reader can acquire the lock.
async fn until_writer_waits<T>(lock: &RwLock<T>) {
    while lock.try_read().is_ok() {
        yield_now().await;
    }
}

// A session read the configuration, an update waited to write it, and the session read it again.
#[track]
mod cockroach_16167 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#16167",
        leaking: form!(leaking),
        finds: &[body("session"), with("update")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    async fn update(config: Arc<RwLock<u32>>) {
        *config.write().await += 1; // wait: update
    }

    async fn leaking() {
        let config = Arc::new(RwLock::new(0));
        let seen = config.read().await;
        tokio::spawn(update(config.clone())); // spawn: update
        until_writer_waits(&config).await;
        let again = config.read().await; // wait: session
        assert_eq!(*seen, *again);
    }

    async fn mended() {
        let config = Arc::new(RwLock::new(0));
        let guard = config.read().await;
        tokio::spawn(update(config.clone()));
        until_writer_waits(&config).await;
        let seen = *guard;
        drop(guard);
        assert_eq!(*config.read().await, seen + 1);
    }
}

// Printing a range for the log read the cache again while the lookup held a read guard.
#[track]
mod cockroach_6181 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#6181",
        leaking: form!(leaking),
        finds: &[with("lookup"), with("evict"), body("caller")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    struct Cache {
        ranges: RwLock<u32>,
        all_read: Barrier,
    }

    impl Cache {
        async fn print(&self) -> String {
            self.ranges.read().await.to_string() // wait: lookup
        }
    }

    fn cache() -> Arc<Cache> {
        Arc::new(Cache { ranges: RwLock::new(1), all_read: Barrier::new(3) })
    }

    async fn look_up(cache: Arc<Cache>) {
        let _ranges = cache.ranges.read().await;
        cache.all_read.wait().await;
        until_writer_waits(&cache.ranges).await;
        cache.print().await;
    }

    async fn look_up_mended(cache: Arc<Cache>) {
        let ranges = cache.ranges.read().await;
        cache.all_read.wait().await;
        until_writer_waits(&cache.ranges).await;
        drop(ranges);
        cache.print().await;
    }

    async fn evict(cache: Arc<Cache>) {
        cache.all_read.wait().await;
        *cache.ranges.write().await = 0; // wait: evict
    }

    async fn leaking() {
        let (cache, mut all) = (cache(), JoinSet::new());
        for _ in 0..2 {
            all.spawn(look_up(cache.clone())); // spawn: lookup
        }
        all.spawn(evict(cache)); // spawn: evict
        while all.join_next().await.is_some() {} // wait: caller
    }

    async fn mended() {
        let (cache, mut all) = (cache(), JoinSet::new());
        for _ in 0..2 {
            all.spawn(look_up_mended(cache.clone()));
        }
        all.spawn(evict(cache));
        while all.join_next().await.is_some() {}
    }
}

// Reconciling read the state and called a method that also reads it. A container was removed in between.
#[track]
mod kubernetes_62464 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "kubernetes#62464",
        leaking: form!(leaking),
        finds: &[task(LG002, "reconcile"), task(LG002, "remove")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    #[derive(Default)]
    struct State {
        cpus: RwLock<Vec<u32>>,
    }

    impl State {
        async fn cpu(&self, n: usize) -> Option<u32> {
            self.cpus.read().await.get(n).copied() // wait: reconcile
        }
    }

    async fn reconcile(state: Arc<State>, begun: Arc<Notify>) {
        let cpus = state.cpus.read().await;
        begun.notify_one();
        until_writer_waits(&state.cpus).await;
        for n in 0..=cpus.len() {
            state.cpu(n).await;
        }
    }

    async fn reconcile_mended(state: Arc<State>, begun: Arc<Notify>) {
        let cpus = state.cpus.read().await;
        begun.notify_one();
        until_writer_waits(&state.cpus).await;
        for n in 0..=cpus.len() {
            let _ = cpus.get(n).copied();
        }
    }

    async fn remove(state: Arc<State>) {
        state.cpus.write().await.clear(); // wait: remove
    }

    async fn leaking() {
        let (state, begun) = (Arc::new(State::default()), Arc::new(Notify::new()));
        tokio::spawn(reconcile(state.clone(), begun.clone())); // spawn: reconcile
        begun.notified().await;
        tokio::spawn(remove(state)); // spawn: remove
    }

    async fn mended() {
        let (state, begun) = (Arc::new(State::default()), Arc::new(Notify::new()));
        tokio::spawn(reconcile_mended(state.clone(), begun.clone()));
        begun.notified().await;
        tokio::spawn(remove(state));
    }
}
