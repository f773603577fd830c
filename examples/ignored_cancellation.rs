/*
leak[LG012]: 3 tasks `refresh`, spawned by `serve`, are still alive although a token was cancelled
  --> examples/ignored_cancellation.rs:41:23
   |
41 |         period.tick().await;
   |                       ^^^^^ interval tick, for 548 ms
   |
   = spawned:  examples/ignored_cancellation.rs:50:9, 3 times, by `serve` (line 47), first 548 ms ago
   = stack:    ignored_cancellation::refresh at examples/ignored_cancellation.rs:41:23
   = token:    created at examples/ignored_cancellation.rs:48:16; cancelled at
                 examples/ignored_cancellation.rs:53:10, 548 ms ago
   = handle:   created at examples/ignored_cancellation.rs:50:35, never used; it probably belongs to the task
   = returned: `serve`, 547 ms ago; its tasks were allowed another 499 ms
   = verdict:  waits on a timer, for 548 ms; it may still finish on its own
   = help: put the wait of line 41 into a `tokio::select!` with `token.cancelled()`, and return when that is
           ready

1 finding in `serve`
note: `allow = "examples/ignored_cancellation.rs:50"` allows it
*/

//! The ignored cancellation: `serve` gives every task a token and cancels it before it returns, but the
//! tasks never check their token.
//!
//! `cargo run --example ignored_cancellation` reports the tasks. With `-- mended` nothing is reported.

mod support;

use leakguard::must_terminate;
use leakguard::sync::CancellationToken;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::interval;

const PERIOD: Duration = Duration::from_secs(10);

/// Keeps a cache fresh. It accepts a token but never uses it.
async fn refresh(_cancelled: CancellationToken) {
    let mut period = interval(PERIOD);
    loop {
        period.tick().await;
        // A real task would fetch changes here.
    }
}

#[must_terminate(timeout = "500ms")]
async fn serve() {
    let stop = CancellationToken::new();
    for _ in 0..3 {
        tokio::spawn(refresh(stop.child_token()));
    }
    // A real server would answer requests here until it is stopped.
    stop.cancel();
}

/// Waits for the token in every wait.
async fn refresh_mended(cancelled: CancellationToken) {
    let mut period = interval(PERIOD);
    loop {
        tokio::select! {
            () = cancelled.cancelled() => return,
            _ = period.tick() => {}
        }
        // A real task would fetch changes here.
    }
}

#[must_terminate(timeout = "500ms")]
async fn serve_mended() {
    let stop = CancellationToken::new();
    for _ in 0..3 {
        tokio::spawn(refresh_mended(stop.child_token()));
    }
    // A real server would answer requests here until it is stopped.
    stop.cancel();
}

#[tokio::main]
async fn main() -> ExitCode {
    let mended = support::wants_mended();
    let story = async { if mended { serve_mended().await } else { serve().await } };
    support::report(leakguard::find(story).await)
}
