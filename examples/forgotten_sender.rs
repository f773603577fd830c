/*
leak[LG002]: a task spawned by `process` is still alive
  --> examples/forgotten_sender.rs:40:36
   |
40 |     sleep(Duration::from_secs(10)).await;
   |                                    ^^^^^ sleep, for 538 ms
   |
   = spawned:  examples/forgotten_sender.rs:48:5, by `process` (line 45), 538 ms ago
   = stack:    forgotten_sender::search at examples/forgotten_sender.rs:40:36
               forgotten_sender::process::{closure} at examples/forgotten_sender.rs:49:42
   = channel:  oneshot, created at examples/forgotten_sender.rs:46:28; its receiver is gone, and the task
                 probably has its sender: what it sends is never received
   = returned: `process`, 436 ms ago; its tasks were allowed another 398 ms
   = verdict:  waits on a timer, for 538 ms after 1 poll; it may still finish on its own
   = help: the handle is dropped at line 48: keep it in an `AbortOnDropHandle`, so that the task ends with
           `process`

1 finding in `process`
note: `allow = "examples/forgotten_sender.rs:48"` allows it
*/

//! The forgotten sender: a search runs in a task of its own, `process` stops waiting after 100 ms, and
//! the task continues. When it has found something, the receiver of its result is gone.
//!
//! `cargo run --example forgotten_sender` reports the task. With `-- mended` nothing is reported.

mod support;

use leakguard::must_terminate;
use leakguard::sync::oneshot;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

const PATIENCE: Duration = Duration::from_millis(100);

/// Searches a slow index.
async fn search(term: &str) -> String {
    sleep(Duration::from_secs(10)).await;
    format!("all about {term}")
}

#[must_terminate(timeout = "500ms")]
async fn process(term: &'static str) -> Option<String> {
    let (sender, record) = oneshot::channel();
    // The handle is dropped, so the search cannot be stopped when its caller returns.
    tokio::spawn(async move {
        let _ = sender.send(search(term).await);
    });
    timeout(PATIENCE, record).await.ok()?.ok()
}

#[must_terminate(timeout = "500ms")]
async fn process_mended(term: &'static str) -> Option<String> {
    let (sender, record) = oneshot::channel();
    // The search is aborted when this function ends.
    let _search = AbortOnDropHandle::new(tokio::spawn(async move {
        let _ = sender.send(search(term).await);
    }));
    timeout(PATIENCE, record).await.ok()?.ok()
}

#[tokio::main]
async fn main() -> ExitCode {
    let mended = support::wants_mended();
    let story = async {
        let record = if mended { process_mended("leaks").await } else { process("leaks").await };
        assert_eq!(record, None, "the index is too slow for either form");
    };
    support::report(leakguard::find(story).await)
}
