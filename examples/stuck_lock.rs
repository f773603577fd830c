/*
leakguard: still here after 500ms
task 3 "descartes" [mutex lock, 535 ms], blocked, 2 polls
    stuck_lock::descartes  examples/stuck_lock.rs:103:37
  started at examples/stuck_lock.rs:123:5 by task 2 in `dine`

task 4 "spinoza" [mutex lock, 535 ms], blocked, 1 poll
    stuck_lock::spinoza  examples/stuck_lock.rs:109:35
  started at examples/stuck_lock.rs:124:5 by task 2 in `dine`

task 5 "think" [interval tick, 36 ms], blocked, background, 446 polls
    stuck_lock::think  examples/stuck_lock.rs:116:24
  started at examples/stuck_lock.rs:125:5 by task 2 in `dine`

mutex created at examples/stuck_lock.rs:91:32
    held by task 3, taken at examples/stuck_lock.rs:101:28, for 535 ms
    task 4 waits to lock at examples/stuck_lock.rs:109:28, for 535 ms

mutex created at examples/stuck_lock.rs:91:32
    held by task 4, taken at examples/stuck_lock.rs:107:30, for 535 ms
    task 3 waits to lock at examples/stuck_lock.rs:103:30, for 535 ms

barrier, capacity 2 created at examples/stuck_lock.rs:95:37

   alive  started    ended   leaked  site
       1        1        0        0  examples/stuck_lock.rs:121:10 `dine`
       1        1        0        0  examples/stuck_lock.rs:123:5 `tokio::spawn` in `dine`
       1        1        0        0  examples/stuck_lock.rs:124:5 `tokio::spawn` in `dine`
       1        1        0        0  examples/stuck_lock.rs:125:5 `tokio::spawn` in `dine`

deadlock[LG009]: task `descartes`, started by `dine`, is in a deadlock
   --> examples/stuck_lock.rs:103:37
    |
103 |     let _right = table.right.lock().await;
    |                                     ^^^^^ mutex lock, for 1.0 s
    |
    = started:  examples/stuck_lock.rs:123:5, by `dine` (examples/stuck_lock.rs:121), 1.0 s ago
    = stack:    stuck_lock::descartes at examples/stuck_lock.rs:103:37
    = lock:     mutex, created at examples/stuck_lock.rs:91:32
    = cycle:    task 3 of examples/stuck_lock.rs:123 waits at examples/stuck_lock.rs:103:30 for the mutex, which task 4 of examples/stuck_lock.rs:124 took at examples/stuck_lock.rs:107:30
                task 4 of examples/stuck_lock.rs:124 waits at examples/stuck_lock.rs:109:28 for the mutex, which task 3 of examples/stuck_lock.rs:123 took at examples/stuck_lock.rs:101:28
    = returned: `dine`, 1.0 s ago; its tasks had 999 ms
    = verdict:  stuck for 1.0 s after 2 polls: what each waits for, the next one has
    = help: take the locks in the same order everywhere, or release the one taken at line 107 before its holder waits

deadlock[LG009]: task `spinoza`, started by `dine`, is in a deadlock
   --> examples/stuck_lock.rs:109:35
    |
109 |     let _left = table.left.lock().await;
    |                                   ^^^^^ mutex lock, for 1.0 s
    |
    = started:  examples/stuck_lock.rs:124:5, by `dine` (examples/stuck_lock.rs:121), 1.0 s ago
    = stack:    stuck_lock::spinoza at examples/stuck_lock.rs:109:35
    = lock:     mutex, created at examples/stuck_lock.rs:91:32
    = cycle:    task 4 of examples/stuck_lock.rs:124 waits at examples/stuck_lock.rs:109:28 for the mutex, which task 3 of examples/stuck_lock.rs:123 took at examples/stuck_lock.rs:101:28
                task 3 of examples/stuck_lock.rs:123 waits at examples/stuck_lock.rs:103:30 for the mutex, which task 4 of examples/stuck_lock.rs:124 took at examples/stuck_lock.rs:107:30
    = returned: `dine`, 1.0 s ago; its tasks had 999 ms
    = verdict:  stuck for 1.0 s after 1 poll: what each waits for, the next one has
    = help: take the locks in the same order everywhere, or release the one taken at line 101 before its holder waits

2 findings in `dine`
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
    let story = async {
        if mended {
            dine_mended().await
        } else {
            dine().await
        }
    };
    // Unless this is dropped in time, it prints every live task with its stack.
    let _trace = timeout_stack_trace(Duration::from_millis(500));
    support::report(leakguard::find(story).await)
}
