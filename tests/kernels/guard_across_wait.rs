//! A guard is held across a wait that only another task can end, and that task needs the lock.

use super::sync::{CancellationToken, Mutex, Notify, oneshot, watch};
use crate::kernel::Cause::Cycle;
use crate::kernel::{Kernel, LG002, LG009, body, form, task, with};
use crate::row::{Row, rows};
use leakguard::track;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

rows! { etcd_6873 etcd_7902 kubernetes_26980 cockroach_1055 }

// `stop` held the lock and waited for the loop to end. The loop needed the lock for its last iteration.
#[track]
mod etcd_6873 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "etcd#6873",
        leaking: form!(leaking),
        finds: &[task(LG002, "stop"), task(LG002, "loop")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    type Broadcasts = Arc<Mutex<Vec<u32>>>;

    async fn coalesce(
        broadcasts: Broadcasts,
        locked: oneshot::Receiver<()>,
        done: oneshot::Sender<()>,
    ) {
        let _ = locked.await;
        broadcasts.lock().await.clear(); // wait: loop
        let _ = done.send(());
    }

    async fn stop(
        broadcasts: Broadcasts,
        locked: oneshot::Sender<()>,
        done: oneshot::Receiver<()>,
    ) {
        let _broadcasts = broadcasts.lock().await;
        let _ = locked.send(());
        let _ = done.await; // wait: stop
    }

    async fn stop_mended(
        broadcasts: Broadcasts,
        locked: oneshot::Sender<()>,
        done: oneshot::Receiver<()>,
    ) {
        let guard = broadcasts.lock().await;
        let _ = locked.send(());
        drop(guard);
        let _ = done.await;
    }

    async fn leaking() {
        let broadcasts = Broadcasts::default();
        let (lock, locked) = oneshot::channel();
        let (end, done) = oneshot::channel();
        tokio::spawn(coalesce(broadcasts.clone(), locked, end)); // spawn: loop
        tokio::spawn(stop(broadcasts, lock, done)); // spawn: stop
    }

    async fn mended() {
        let broadcasts = Broadcasts::default();
        let (lock, locked) = oneshot::channel();
        let (end, done) = oneshot::channel();
        tokio::spawn(coalesce(broadcasts.clone(), locked, end));
        tokio::spawn(stop_mended(broadcasts, lock, done));
    }
}

// A follower waited under the lock for a signal of the leader, which needed the lock to send it.
#[track]
mod etcd_7902 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "etcd#7902",
        leaking: form!(leaking),
        finds: &[task(LG002, "follower"), task(LG002, "leader")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    #[derive(Default)]
    struct Election {
        round: Mutex<u32>,
        followed: Notify,
    }

    async fn follow(election: Arc<Election>, mut released: watch::Receiver<u32>) {
        let _round = election.round.lock().await;
        election.followed.notify_one();
        let _ = released.changed().await; // wait: follower
    }

    async fn follow_mended(election: Arc<Election>, mut released: watch::Receiver<u32>) {
        let round = election.round.lock().await;
        election.followed.notify_one();
        drop(round);
        let _ = released.changed().await;
    }

    async fn lead(election: Arc<Election>, release: watch::Sender<u32>) {
        election.followed.notified().await;
        let mut round = election.round.lock().await; // wait: leader
        *round += 1;
        release.send_replace(*round);
    }

    async fn leaking() {
        let election = Arc::new(Election::default());
        let (release, released) = watch::channel(0);
        tokio::spawn(follow(election.clone(), released)); // spawn: follower
        tokio::spawn(lead(election, release)); // spawn: leader
    }

    async fn mended() {
        let election = Arc::new(Election::default());
        let (release, released) = watch::channel(0);
        tokio::spawn(follow_mended(election.clone(), released));
        tokio::spawn(lead(election, release));
    }
}

// `pop` waited for the stop under the lock, adding needed the lock, and the stop came only after all was added.
#[track]
mod kubernetes_26980 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "kubernetes#26980",
        leaking: form!(leaking),
        finds: &[with("pop"), with("add"), body("caller")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    #[derive(Default)]
    struct Listener {
        pending: Mutex<Vec<u32>>,
        popping: Notify,
    }

    async fn pop(listener: Arc<Listener>, stop: CancellationToken) {
        let mut pending = listener.pending.lock().await;
        listener.popping.notify_one();
        stop.cancelled().await; // wait: pop
        pending.clear();
    }

    async fn pop_mended(listener: Arc<Listener>, stop: CancellationToken) {
        listener.popping.notify_one();
        stop.cancelled().await;
        listener.pending.lock().await.clear();
    }

    async fn add(listener: Arc<Listener>, added: oneshot::Sender<()>) {
        listener.pending.lock().await.push(1); // wait: add
        let _ = added.send(());
    }

    async fn leaking() {
        let (listener, stop) = (Arc::new(Listener::default()), CancellationToken::new());
        tokio::spawn(pop(listener.clone(), stop.clone())); // spawn: pop
        listener.popping.notified().await;
        let (end, added) = oneshot::channel();
        tokio::spawn(add(listener, end)); // spawn: add
        let _ = added.await; // wait: caller
        stop.cancel();
    }

    async fn mended() {
        let (listener, stop) = (Arc::new(Listener::default()), CancellationToken::new());
        tokio::spawn(pop_mended(listener.clone(), stop.clone()));
        listener.popping.notified().await;
        let (end, added) = oneshot::channel();
        tokio::spawn(add(listener, end));
        let _ = added.await;
        stop.cancel();
    }
}

// The stopper held its lock and waited for its workers to end before it stopped them.
#[track]
mod cockroach_1055 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "cockroach#1055",
        leaking: form!(leaking),
        finds: &[with("worker"), with("start"), body("caller")],
        expected: (LG009, Cycle),
        silent: &[form!(mended)],
    };

    #[derive(Default)]
    struct Stopper {
        draining: Mutex<bool>,
        workers: TaskTracker,
        stop: CancellationToken,
    }

    impl Stopper {
        fn run(&self) {
            for _ in 0..2 {
                let stop = self.stop.clone();
                let work = async move { stop.cancelled().await }; // wait: worker
                self.workers.spawn(work); // spawn: worker
            }
        }

        async fn start(self: Arc<Self>) -> bool {
            *self.draining.lock().await // wait: start
        }
    }

    async fn leaking() {
        let stopper = Arc::new(Stopper::default());
        stopper.run();
        let mut draining = stopper.draining.lock().await;
        *draining = true;
        tokio::spawn(stopper.clone().start()); // spawn: start
        stopper.workers.close();
        stopper.workers.wait().await; // wait: caller
        stopper.stop.cancel();
    }

    async fn mended() {
        let stopper = Arc::new(Stopper::default());
        stopper.run();
        *stopper.draining.lock().await = true;
        tokio::spawn(stopper.clone().start());
        stopper.stop.cancel();
        stopper.workers.close();
        stopper.workers.wait().await;
    }
}
