/*
deadlock[LG009]: task `descartes`, started by `dine`, is in a deadlock
  --> examples/stuck_lock.rs:73:37
   |
73 |     let _right = table.right.lock().await;
   |                                     ^^^^^ mutex lock, for 566 ms
   |
   = started:  examples/stuck_lock.rs:93:5, by `dine` (examples/stuck_lock.rs:91), 566 ms ago
   = stack:    stuck_lock::descartes at examples/stuck_lock.rs:73:37
   = lock:     mutex, made at examples/stuck_lock.rs:61:32
   = cycle:    task 3 of examples/stuck_lock.rs:93 waits at examples/stuck_lock.rs:73:30 for the mutex, which task 4 of examples/stuck_lock.rs:94 took at examples/stuck_lock.rs:77:30
               task 4 of examples/stuck_lock.rs:94 waits at examples/stuck_lock.rs:79:28 for the mutex, which task 3 of examples/stuck_lock.rs:93 took at examples/stuck_lock.rs:71:28
   = returned: `dine`, 565 ms ago; its tasks had 499 ms
   = verdict:  stuck for 566 ms after 2 polls: what each waits for, the next one has
   = help: take the locks in the same order everywhere, or release the one taken at line 77 before its holder waits

deadlock[LG009]: task `spinoza`, started by `dine`, is in a deadlock
  --> examples/stuck_lock.rs:79:35
   |
79 |     let _left = table.left.lock().await;
   |                                   ^^^^^ mutex lock, for 566 ms
   |
   = started:  examples/stuck_lock.rs:94:5, by `dine` (examples/stuck_lock.rs:91), 566 ms ago
   = stack:    stuck_lock::spinoza at examples/stuck_lock.rs:79:35
   = lock:     mutex, made at examples/stuck_lock.rs:61:32
   = cycle:    task 4 of examples/stuck_lock.rs:94 waits at examples/stuck_lock.rs:79:28 for the mutex, which task 3 of examples/stuck_lock.rs:93 took at examples/stuck_lock.rs:71:28
               task 3 of examples/stuck_lock.rs:93 waits at examples/stuck_lock.rs:73:30 for the mutex, which task 4 of examples/stuck_lock.rs:94 took at examples/stuck_lock.rs:77:30
   = returned: `dine`, 565 ms ago; its tasks had 499 ms
   = verdict:  stuck for 566 ms after 1 poll: what each waits for, the next one has
   = help: take the locks in the same order everywhere, or release the one taken at line 71 before its holder waits

2 findings in `dine`
*/

//! The stuck lock: two philosophers, two forks. Each has one in hand and waits for the other, for
//! ever. The rest of the program goes on, so nothing looks wrong from outside.
//!
//! `cargo run --example stuck_lock` reports it; with `-- mended` nothing is left to report.

mod support;

use leakguard::sync::{Barrier, Mutex};
use leakguard::{background, must_terminate};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
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
