/*
live tasks: 0 before, 2 after

leak[LG003]: task `work`, spawned by `process_records`, waits to receive, but nothing is sent
  --> examples/abandoned_receivers.rs:53:48
   |
53 |         let next = records.lock().await.recv().await;
   |                                                ^^^^^ mpsc receive, for 802 ms
   |
   = spawned:  examples/abandoned_receivers.rs:88:9, by `process_records` (line 84), 804 ms ago
   = stack:    abandoned_receivers::work at examples/abandoned_receivers.rs:53:48
   = channel:  mpsc, capacity 4, created at examples/abandoned_receivers.rs:85:28; 0 queued, 11 sent, 11
                 received
   = sender:   alive, given to task 3 of examples/abandoned_receivers.rs:88 at
                 examples/abandoned_receivers.rs:51:33, not used since
               alive, last used by the waiting task itself at examples/abandoned_receivers.rs:56:19
   = behind:   also alive because of it: 1 task of examples/abandoned_receivers.rs:88:9: mutex lock at
                 examples/abandoned_receivers.rs:53:35, for 802 ms
   = returned: `process_records`, 802 ms ago; its tasks were allowed another 499 ms
   = verdict:  blocked for 802 ms after 6 polls; nothing that leakguard knows of will wake it
   = help: drop the sender once everything is sent: the one given to its task at line 51 is alive

1 finding in `process_records`
note: `allow = "examples/abandoned_receivers.rs:88"` allows it
*/

//! The abandoned receivers: a pool of workers reads a channel until it is closed. It is never closed,
//! because each worker holds a sender to put back the records that it could not handle.
//!
//! `cargo run --example abandoned_receivers` reports the workers and counts the live tasks before and
//! after. With `-- mended` the counts are equal and nothing is reported.

mod support;

use leakguard::sync::Mutex;
use leakguard::sync::mpsc::{Receiver, Sender, WeakSender, channel};
use leakguard::{must_terminate, track};
use std::process::ExitCode;
use std::sync::Arc;

/// A free worker receives the next record.
type Records = Arc<Mutex<Receiver<u32>>>;

/// Whether the record could be handled. A record that could not is sent again.
fn handle(record: u32) -> bool {
    record != 7
}

/// Ends when the last sender is dropped.
#[track]
async fn work(records: Records, again: Sender<u32>) {
    loop {
        let next = records.lock().await.recv().await;
        let Some(record) = next else { return };
        if !handle(record) {
            again.send(record + 100).await.expect("a worker reads");
        }
    }
}

/// The same with a sender that does not keep the channel open.
#[track]
async fn work_mended(records: Records, again: WeakSender<u32>) {
    loop {
        let next = records.lock().await.recv().await;
        let Some(record) = next else { return };
        if !handle(record)
            && let Some(again) = again.upgrade()
        {
            again.send(record + 100).await.expect("a worker reads");
        }
    }
}

async fn feed(input: Sender<u32>) {
    for record in 0..10 {
        input.send(record).await.expect("a worker reads");
    }
}

const WORKERS: usize = 2;

#[must_terminate(timeout = "500ms")]
async fn process_records() {
    let (input, records) = channel(4);
    let records = Arc::new(Mutex::new(records));
    for _ in 0..WORKERS {
        tokio::spawn(work(records.clone(), input.clone()));
    }
    feed(input).await;
}

#[must_terminate(timeout = "500ms")]
async fn process_records_mended() {
    let (input, records) = channel(4);
    let records = Arc::new(Mutex::new(records));
    for _ in 0..WORKERS {
        tokio::spawn(work_mended(records.clone(), input.downgrade()));
    }
    feed(input).await;
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mended = support::wants_mended();
    let before = leakguard::dump().len();
    let story =
        async { if mended { process_records_mended().await } else { process_records().await } };
    let found = leakguard::find(story).await;
    let after = leakguard::dump().len();
    if after != before {
        eprintln!("live tasks: {before} before, {after} after\n");
    }
    support::report(found)
}
