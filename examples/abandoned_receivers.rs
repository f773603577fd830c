/*
live tasks: 0 before, 2 after

leak[LG002]: 2 tasks `work`, started by `process_records`, are still alive
  --> examples/abandoned_receivers.rs:60:44
   |
60 |     while let Ok(_record) = records.recv().await {
   |                                            ^^^^^ async-channel receive, for 500 ms
   |
   = started:  examples/abandoned_receivers.rs:75:9, 2 times, by `process_records` (examples/abandoned_receivers.rs:71), first 505 ms ago
   = stack:    abandoned_receivers::work at examples/abandoned_receivers.rs:60:44
               abandoned_receivers::Pool::work at examples/abandoned_receivers.rs:48:36
   = returned: `process_records`, 501 ms ago; its tasks had 495 ms
   = verdict:  blocked for 500 ms; it may yet be woken
   = help: drop the last sender of the channel that line 60 reads, once all is sent

1 finding in `process_records`
*/

//! The abandoned receivers: a pool of workers reads a channel until it is closed, and it is never
//! closed, because each worker holds a sender of it without ever using it.
//!
//! `cargo run --example abandoned_receivers` reports it and counts the live tasks before and after;
//! with `-- mended` the counts are the same and nothing is left to report.

mod support;

use async_channel::{Receiver, Sender};
use leakguard::must_terminate;
use std::process::ExitCode;
use std::thread::available_parallelism;
use tokio::task::yield_now;

/// Both ends of the channel in one, which is handy to clone.
#[derive(Clone)]
struct Pool {
    input: Sender<u32>,
    records: Receiver<u32>,
}

impl Pool {
    fn new() -> Self {
        let (input, records) = async_channel::bounded(4);
        Pool { input, records }
    }

    async fn work(self) {
        work(self.records.clone()).await;
    }

    async fn feed(self) {
        for record in 0..10 {
            self.input.send(record).await.expect("a worker reads");
        }
    }
}

/// Ends when the last sender is gone.
async fn work(records: Receiver<u32>) {
    while let Ok(_record) = records.recv().await {
        yield_now().await;
    }
}

/// As many as there are CPUs, but a pool is more than one.
fn workers() -> usize {
    available_parallelism().map_or(2, |n| n.get().max(2))
}

#[must_terminate(timeout = "500ms")]
async fn process_records() {
    let pool = Pool::new();
    for _ in 0..workers() {
        // The clone takes a sender along, and so each worker keeps its own channel open.
        tokio::spawn(pool.clone().work());
    }
    pool.feed().await;
}

#[must_terminate(timeout = "500ms")]
async fn process_records_mended() {
    let pool = Pool::new();
    for _ in 0..workers() {
        // A worker gets what it reads from. `feed` has the only sender, and drops it at its end.
        tokio::spawn(work(pool.records.clone()));
    }
    pool.feed().await;
}

#[tokio::main]
async fn main() -> ExitCode {
    let mended = support::wants_mended();
    let before = leakguard::dump().len();
    let story = async {
        if mended {
            process_records_mended().await
        } else {
            process_records().await
        }
    };
    let found = leakguard::find(story).await;
    let after = leakguard::dump().len();
    if after != before {
        eprintln!("live tasks: {before} before, {after} after\n");
    }
    support::report(found)
}
