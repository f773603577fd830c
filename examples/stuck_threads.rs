/*
deadlock[LG009]: a thread started by `dine` is in a deadlock
  --> examples/stuck_threads.rs:72:30
   |
72 |     let _right = table.right.lock().unwrap();
   |                              ^^^^ std mutex lock, for 727 ms
   |
   = started:  examples/stuck_threads.rs:88:5, by `dine` (examples/stuck_threads.rs:86), 727 ms ago
   = stack:    stuck_threads::descartes at examples/stuck_threads.rs:72:30
               stuck_threads::dine at examples/stuck_threads.rs:90:17
   = lock:     std mutex, created at examples/stuck_threads.rs:60:32
   = cycle:    thread 3 of examples/stuck_threads.rs:88 waits at examples/stuck_threads.rs:72:30 for the std mutex, which thread 5 of examples/stuck_threads.rs:92 took at examples/stuck_threads.rs:76:30
               thread 5 of examples/stuck_threads.rs:92 waits at examples/stuck_threads.rs:78:28 for the std mutex, which thread 3 of examples/stuck_threads.rs:88 took at examples/stuck_threads.rs:70:28
   = returned: `dine`, 726 ms ago; its tasks had 498 ms
   = verdict:  stuck for 727 ms: what each waits for, the next one has
   = help: take the locks in the same order everywhere, or release the one taken at line 76 before its holder waits

deadlock[LG009]: a thread started by `dine` is in a deadlock
  --> examples/stuck_threads.rs:78:28
   |
78 |     let _left = table.left.lock().unwrap();
   |                            ^^^^ std mutex lock, for 727 ms
   |
   = started:  examples/stuck_threads.rs:92:5, by `dine` (examples/stuck_threads.rs:86), 727 ms ago
   = stack:    stuck_threads::spinoza at examples/stuck_threads.rs:78:28
               stuck_threads::dine at examples/stuck_threads.rs:92:27
   = lock:     std mutex, created at examples/stuck_threads.rs:60:32
   = cycle:    thread 5 of examples/stuck_threads.rs:92 waits at examples/stuck_threads.rs:78:28 for the std mutex, which thread 3 of examples/stuck_threads.rs:88 took at examples/stuck_threads.rs:70:28
               thread 3 of examples/stuck_threads.rs:88 waits at examples/stuck_threads.rs:72:30 for the std mutex, which thread 5 of examples/stuck_threads.rs:92 took at examples/stuck_threads.rs:76:30
   = returned: `dine`, 726 ms ago; its tasks had 498 ms
   = verdict:  stuck for 727 ms: what each waits for, the next one has
   = help: take the locks in the same order everywhere, or release the one taken at line 70 before its holder waits

2 findings in `dine`
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
        Table {
            left: fork(),
            right: fork(),
            both_have_one: Arc::new(Barrier::new(2)),
        }
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
    thread::spawn(socrates)
        .join()
        .expect("socrates does not panic")
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
