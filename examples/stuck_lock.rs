/*
leakguard: still here after 500ms
task 3 "descartes" [mutex lock, 612 ms], blocked, 2 polls
    stuck_lock::descartes  examples/stuck_lock.rs:94:37
  spawned at examples/stuck_lock.rs:114:5 by task 2 in `dine`

task 4 "spinoza" [mutex lock, 612 ms], blocked, 1 poll
    stuck_lock::spinoza  examples/stuck_lock.rs:100:35
  spawned at examples/stuck_lock.rs:115:5 by task 2 in `dine`

task 5 "think" [interval tick, 115 ms], blocked, background, 465 polls
    stuck_lock::think  examples/stuck_lock.rs:107:24
  spawned at examples/stuck_lock.rs:116:5 by task 2 in `dine`

mutex created at examples/stuck_lock.rs:86:32
    held by task 3, acquired at examples/stuck_lock.rs:92:28, for 612 ms
    task 4 waits to lock at examples/stuck_lock.rs:100:28, for 612 ms

mutex created at examples/stuck_lock.rs:86:32
    held by task 4, acquired at examples/stuck_lock.rs:98:30, for 612 ms
    task 3 waits to lock at examples/stuck_lock.rs:94:30, for 612 ms

barrier, capacity 2 created at examples/stuck_lock.rs:87:70

   alive  started    ended   leaked  site
       1        1        0        0  examples/stuck_lock.rs:112:10 `dine`
       1        1        0        0  examples/stuck_lock.rs:114:5 `tokio::spawn` in `dine`
       1        1        0        0  examples/stuck_lock.rs:115:5 `tokio::spawn` in `dine`
       1        1        0        0  examples/stuck_lock.rs:116:5 `tokio::spawn` in `dine`

deadlock[LG009]: 2 tasks are in a deadlock
   --> examples/stuck_lock.rs:94:30
    |
 92 |     let _left = table.left.lock().await;
    |                            ---- task 3 acquired the mutex of line 86 here
 93 |     table.both_have_one.wait().await;
 94 |     let _right = table.right.lock().await;
    |                              ^^^^ task 3 waits for the mutex that task 4 holds
...
 98 |     let _right = table.right.lock().await;
    |                              ---- task 4 acquired the mutex of line 86 here
 99 |     table.both_have_one.wait().await;
100 |     let _left = table.left.lock().await;
    |                            ---- task 4 waits for the mutex that task 3 holds
    |
    = spawned:  task 3 `descartes` at examples/stuck_lock.rs:114:5, by `dine`, 1.0 s ago
                task 4 `spinoza` at examples/stuck_lock.rs:115:5, by `dine`, 1.0 s ago
    = stack:    task 3: stuck_lock::descartes at examples/stuck_lock.rs:94:37
                task 4: stuck_lock::spinoza at examples/stuck_lock.rs:100:35
    = returned: `dine`, 1.0 s ago; its tasks were allowed another 999 ms
    = verdict:  stuck for 1.0 s: each task waits for a lock that the next one holds
    = help: acquire the locks in the same order everywhere, or release the one acquired at line 98 before its
            holder waits

1 finding in `dine`
note: `allow = "examples/stuck_lock.rs:114, examples/stuck_lock.rs:115"` allows it
*/

//! The stuck lock: two philosophers share two forks. Each holds one fork and waits for the other one
//! for ever. The rest of the program continues, so nothing looks wrong from outside.
//!
//! `cargo run --example stuck_lock` prints a dump of the live tasks after 500 ms and a report at the
//! end. With `-- mended` it prints nothing.

mod support;

use leakguard::sync::{Barrier, Mutex};
use leakguard::{background, must_terminate, timeout_stack_trace};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::interval;

struct Fork;

#[derive(Clone)]
struct Table {
    left: Arc<Mutex<Fork>>,
    right: Arc<Mutex<Fork>>,
    /// Forces the unlucky order: both philosophers hold a fork before either asks for the other one.
    both_have_one: Arc<Barrier>,
}

impl Table {
    fn new() -> Self {
        let fork = || Arc::new(Mutex::new(Fork));
        Table { left: fork(), right: fork(), both_have_one: Arc::new(Barrier::new(2)) }
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

/// Needs no fork and runs for ever on purpose.
async fn think() {
    let mut thought = interval(Duration::from_millis(1));
    loop {
        thought.tick().await;
    }
}

#[must_terminate(timeout = "1s")]
async fn dine() {
    let table = Table::new();
    tokio::spawn(descartes(table.clone()));
    tokio::spawn(spinoza(table));
    tokio::spawn(background(think()));
}

/// Both acquire the left fork before the right one. The holder of the right fork waits for nothing, so
/// there is no cycle.
async fn eat(table: Table) {
    let _left = table.left.lock().await;
    let _right = table.right.lock().await;
}

#[must_terminate(timeout = "1s")]
async fn dine_mended() {
    let table = Table::new();
    tokio::spawn(eat(table.clone()));
    tokio::spawn(eat(table));
    tokio::spawn(background(think()));
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mended = support::wants_mended();
    let story = async { if mended { dine_mended().await } else { dine().await } };
    // Unless this is dropped in time, it prints every live task with its stack.
    let _trace = timeout_stack_trace(Duration::from_millis(500));
    support::report(leakguard::find(story).await)
}
