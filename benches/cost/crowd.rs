//! Runtimes, and idle tasks that live on one until they are released.

use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, yield_now};

/// A runtime with one thread and one with two workers, with their names in tables and in keys.
pub fn runtimes() -> [(&'static str, &'static str, Runtime); 2] {
    [("current_thread", "one", current_thread()), ("two workers", "two", two_workers())]
}

pub fn current_thread() -> Runtime {
    built(Builder::new_current_thread())
}

pub fn two_workers() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2);
    built(builder)
}

fn built(mut builder: Builder) -> Runtime {
    builder.enable_all().build().expect("a runtime starts")
}

/// Tasks that wait for one gate. Its drop opens the gate and waits for their end.
pub struct Crowd<'a> {
    runtime: &'a Runtime,
    gate: Arc<Semaphore>,
    tasks: Vec<JoinHandle<()>>,
}

impl<'a> Crowd<'a> {
    pub fn new(runtime: &'a Runtime, room: usize) -> Self {
        Crowd { runtime, gate: Arc::new(Semaphore::new(0)), tasks: Vec::with_capacity(room) }
    }

    /// Adds tasks until there are this many, each of which waits at the end.
    pub fn grow(&mut self, to: usize, idle: fn(Arc<Semaphore>) -> JoinHandle<()>) {
        let Crowd { runtime, gate, tasks } = self;
        runtime.block_on(async {
            while tasks.len() < to {
                tasks.push(idle(gate.clone()));
                // Without a yield the queue of the runtime would grow and be counted.
                if tasks.len() % 256 == 0 {
                    yield_now().await;
                }
            }
            settle(runtime).await;
        });
    }
}

/// Returns once every task has been polled. The task that is spawned last is polled last.
async fn settle(runtime: &Runtime) {
    for _ in 0..64 {
        runtime.spawn(yield_now()).await.expect("it only yields");
    }
}

impl Drop for Crowd<'_> {
    fn drop(&mut self) {
        let tasks = std::mem::take(&mut self.tasks);
        self.runtime.block_on(async {
            self.gate.close();
            for task in tasks {
                task.await.expect("it only waits");
            }
        });
    }
}
