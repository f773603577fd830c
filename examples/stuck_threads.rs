/*
deadlock[LG009]: 2 threads are in a deadlock
  --> examples/stuck_threads.rs:63:30
   |
61 |     let _left = table.left.lock().unwrap();
   |                            ---- thread 3 acquired the std mutex of line 55 here
62 |     table.both_have_one.wait();
63 |     let _right = table.right.lock().unwrap();
   |                              ^^^^ thread 3 waits for the std mutex that thread 5 holds
...
67 |     let _right = table.right.lock().unwrap();
   |                              ---- thread 5 acquired the std mutex of line 55 here
68 |     table.both_have_one.wait();
69 |     let _left = table.left.lock().unwrap();
   |                            ---- thread 5 waits for the std mutex that thread 3 holds
   |
   = spawned:  thread 3 at examples/stuck_threads.rs:79:5, by `dine`, 590 ms ago
               thread 5 at examples/stuck_threads.rs:83:5, by `dine`, 590 ms ago
   = stack:    thread 3: stuck_threads::descartes at examples/stuck_threads.rs:63:30
                         stuck_threads::dine at examples/stuck_threads.rs:81:17
               thread 5: stuck_threads::spinoza at examples/stuck_threads.rs:69:28
                         stuck_threads::dine at examples/stuck_threads.rs:83:27
   = returned: `dine`, 590 ms ago; its tasks were allowed another 499 ms
   = verdict:  stuck for 588 ms: each task waits for a lock that the next one holds
   = help: acquire the locks in the same order everywhere, or release the one acquired at line 67 before its
           holder waits

1 finding in `dine`
note: `allow = "examples/stuck_threads.rs:79, examples/stuck_threads.rs:83"` allows it
*/

//! The stuck lock again, without tokio: the philosophers are threads and the forks are std's `Mutex`es.
//! Socrates needs no fork, so the program continues and nothing looks wrong from outside.
//!
//! `cargo run --example stuck_threads` reports the threads. With `-- mended` nothing is reported.

mod support;

use leakguard::sync::blocking::{Arc, Barrier, Mutex};
use leakguard::{Scope, must_terminate, thread};
use std::process::ExitCode;

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

fn descartes(table: &Table) {
    let _left = table.left.lock().unwrap();
    table.both_have_one.wait();
    let _right = table.right.lock().unwrap();
}

fn spinoza(table: &Table) {
    let _right = table.right.lock().unwrap();
    table.both_have_one.wait();
    let _left = table.left.lock().unwrap();
}

fn socrates() -> &'static str {
    "I know that I know nothing"
}

#[must_terminate(timeout = "500ms")]
fn dine() -> &'static str {
    let table = Table::new();
    thread::spawn({
        let table = table.clone();
        move || descartes(&table)
    });
    thread::spawn(move || spinoza(&table));
    thread::spawn(socrates).join().expect("socrates does not panic")
}

/// Both acquire the left fork before the right one. The holder of the right fork waits for nothing, so
/// there is no cycle.
fn eat(table: &Table) {
    let _left = table.left.lock().unwrap();
    let _right = table.right.lock().unwrap();
}

#[must_terminate(timeout = "500ms")]
fn dine_mended() -> &'static str {
    let table = Table::new();
    // A thread scope joins its threads, so none of them can leak.
    thread::scope(|guests| {
        guests.spawn(|| eat(&table));
        guests.spawn(|| eat(&table));
        let talk = guests.spawn(socrates);
        talk.join().expect("socrates does not panic")
    })
}

fn main() -> ExitCode {
    let mended = support::wants_mended();
    let found = Scope::new("story").find_sync(|| {
        let wisdom = if mended { dine_mended() } else { dine() };
        assert_eq!(wisdom, "I know that I know nothing");
    });
    support::report(found)
}
