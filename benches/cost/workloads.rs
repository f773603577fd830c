//! The workloads, written once. A form differs from plain tokio in its attribute and in how it wraps futures.
//!
//! A tool's module has two functions: `root` wraps each spawned future, `wait` each awaited one. leakguard needs neither,
//! because its attribute wraps them.

/// Runs a workload a number of times.
pub type Run = fn(&tokio::runtime::Runtime, u64);

/// A workload by its name in tables and figures.
pub type Workload = (&'static str, Run);

// The workloads that other measurements use.
pub const SPAWN: &str = "spawn + join";
pub const POLL: &str = "poll";
pub const READY: &str = "await, ready at once";

/// One of a form's workloads.
pub fn find(all: &[Workload], name: &str) -> Run {
    all.iter().find(|(other, _)| *other == name).expect("it is a workload").1
}

/// `workloads!(name_of_form, module_of_tool, attributes)`.
macro_rules! workloads {
    ($form:ident, $tool:ident, $(#[$attribute:meta])*) => {
        pub mod $form {
            use super::$tool::{root, wait};
            use crate::workloads::{POLL, READY, SPAWN, Workload, Yields};
            use std::future::ready;
            use std::hint::black_box;
            use std::sync::Arc;
            use tokio::runtime::Runtime;
            use tokio::sync::{Semaphore, mpsc, oneshot};
            use tokio::task::{JoinHandle, yield_now};

            pub const ALL: &[Workload] = &[
                (SPAWN, |runtime, times| drive(runtime, spawn_join(times))),
                (POLL, |runtime, times| drive(runtime, poll(times))),
                ("yield, awaited", |runtime, times| drive(runtime, yields(times))),
                (READY, |runtime, times| drive(runtime, ready_await(times))),
                ("mpsc(64) message", |runtime, times| drive(runtime, messages(times))),
                ("oneshot", |runtime, times| drive(runtime, oneshots(times))),
                ("ping-pong round", |runtime, times| drive(runtime, ping_pong(times))),
            ];

            /// Each workload is a task, because the future of `block_on` does not run on a worker.
            fn drive(runtime: &Runtime, work: impl Future<Output = ()> + Send + 'static) {
                runtime.block_on(async { start(work).await }).expect("a workload does not panic");
            }

            $(#[$attribute])*
            fn start(work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
                tokio::spawn(root(work))
            }

            $(#[$attribute])*
            pub async fn spawn_join(times: u64) {
                for _ in 0..times {
                    wait(tokio::spawn(root(async {}))).await.expect("it does nothing");
                }
            }

            /// Only polls, without an await in the task.
            $(#[$attribute])*
            async fn poll(times: u64) {
                wait(tokio::spawn(root(Yields(times)))).await.expect("it only yields");
            }

            $(#[$attribute])*
            async fn yields(times: u64) {
                for _ in 0..times {
                    wait(yield_now()).await;
                }
            }

            $(#[$attribute])*
            async fn ready_await(times: u64) {
                for n in 0..times {
                    black_box(wait(ready(black_box(n))).await);
                }
            }

            $(#[$attribute])*
            async fn messages(times: u64) {
                let (tx, mut rx) = mpsc::channel(64);
                let receiver = tokio::spawn(root(async move {
                    while wait(rx.recv()).await.is_some() {}
                }));
                for n in 0..times {
                    wait(tx.send(n)).await.expect("the receiver lives");
                }
                drop(tx);
                wait(receiver).await.expect("it only receives");
            }

            $(#[$attribute])*
            async fn oneshots(times: u64) {
                for n in 0..times {
                    let (tx, rx) = oneshot::channel();
                    tx.send(n).expect("the receiver lives");
                    black_box(wait(rx).await.expect("it was sent"));
                }
            }

            $(#[$attribute])*
            async fn ping_pong(times: u64) {
                let (ping, mut pinged) = mpsc::channel(1);
                let (pong, mut ponged) = mpsc::channel(1);
                let other = tokio::spawn(root(async move {
                    while let Some(n) = wait(pinged.recv()).await {
                        wait(pong.send(n)).await.expect("it is awaited");
                    }
                }));
                for n in 0..times {
                    wait(ping.send(n)).await.expect("the other lives");
                    wait(ponged.recv()).await.expect("the other responds");
                }
                drop(ping);
                wait(other).await.expect("it only responds");
            }

            /// Spawns a task that holds `KEEP` bytes and waits two functions deep until the gate opens.
            $(#[$attribute])*
            pub fn idle<const KEEP: usize>(gate: Arc<Semaphore>) -> JoinHandle<()> {
                tokio::spawn(root(rest::<KEEP>(gate)))
            }

            $(#[$attribute])*
            async fn rest<const KEEP: usize>(gate: Arc<Semaphore>) {
                let kept = [0_u8; KEEP];
                wait(open(&gate)).await;
                black_box(&kept);
            }

            $(#[$attribute])*
            async fn open(gate: &Semaphore) {
                assert!(wait(gate.acquire()).await.is_err(), "it is closed, not given");
            }
        }
    };
}
pub(crate) use workloads;

/// Wakes itself at each of a number of polls.
pub struct Yields(pub u64);

impl Future for Yields {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        if self.0 == 0 {
            return std::task::Poll::Ready(());
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    }
}
