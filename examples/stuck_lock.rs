/*
leak[LG002]: a task started by `dine` is still alive
  --> examples/stuck_lock.rs:65:37
   |
65 |     let _right = table.right.lock().await;
   |                                     ^^^^^ mutex lock, for 127 ms
   |
   = started:  examples/stuck_lock.rs:85:5, by `dine`, 127 ms ago
   = returned: `leakguard::find`, 127 ms ago; its tasks had 100 ms
   = verdict:  blocked for 127 ms after 2 polls; it may yet be woken
   = help: let go of what line 65 waits for: drop that guard or permit before its holder awaits again

leak[LG002]: a task started by `dine` is still alive
  --> examples/stuck_lock.rs:71:35
   |
71 |     let _left = table.left.lock().await;
   |                                   ^^^^^ mutex lock, for 127 ms
   |
   = started:  examples/stuck_lock.rs:86:5, by `dine`, 127 ms ago
   = returned: `leakguard::find`, 127 ms ago; its tasks had 100 ms
   = verdict:  blocked for 127 ms after 1 poll; it may yet be woken
   = help: let go of what line 71 waits for: drop that guard or permit before its holder awaits again

2 findings in `leakguard::find`
*/

//! The stuck lock: two philosophers, two forks. Each has one in hand and waits for the other, for
//! ever. The rest of the program goes on, so nothing looks wrong from outside.
//!
//! `cargo run --example stuck_lock` reports it; with `-- mended` nothing is left to report.

mod support;

use leakguard::{background, must_terminate};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Barrier, Mutex};
use tokio::time::interval;

struct Fork;

#[derive(Clone)]
struct Table {
    left: Arc<Mutex<Fork>>,
    right: Arc<Mutex<Fork>>,
    /// Brings about what would else take an unlucky moment: both have a fork before either goes on.
    both_have_one: Arc<Barrier>,
}

impl Table {
    fn new() -> Self {
        let fork = || Arc::new(Mutex::new(Fork));
        Table {
            left: fork(),
            right: fork(),
            both_have_one: Arc::new(Barrier::new(2)),
        }
    }
}

async fn descartes(table: Table) {
    let _left = table.left.lock().await;
    table.both_have_one.wait().await;
    let _right = table.right.lock().await;
}

async fn spinoza(table: Table) {
    let _right = table.right.lock().await;
    table.both_have_one.wait().await;
    let _left = table.left.lock().await;
}

/// Needs no fork, and is meant to go on.
async fn think() {
    let mut thought = interval(Duration::from_millis(1));
    loop {
        thought.tick().await;
    }
}

#[must_terminate(timeout = "500ms")]
async fn dine() {
    let table = Table::new();
    tokio::spawn(descartes(table.clone()));
    tokio::spawn(spinoza(table));
    tokio::spawn(background(think()));
}

/// Left before right, whoever it is: who holds the right fork waits for nothing more, so there is no
/// circle.
async fn eat(table: Table) {
    let _left = table.left.lock().await;
    let _right = table.right.lock().await;
}

#[must_terminate(timeout = "500ms")]
async fn dine_mended() {
    let table = Table::new();
    tokio::spawn(eat(table.clone()));
    tokio::spawn(eat(table));
    tokio::spawn(background(think()));
}

#[tokio::main]
async fn main() -> ExitCode {
    let mended = support::wants_mended();
    let story = async {
        if mended {
            dine_mended().await
        } else {
            dine().await
        }
    };
    support::report(leakguard::find(story).await)
}
