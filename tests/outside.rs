//! Deadlocks of threads that leakguard did not see start. It is not known which scope such a thread belongs to, so each
//! test runs this test binary again as a child, in which nothing else runs.
#![cfg(any(debug_assertions, feature = "always"))]

use leakguard::sync::blocking::{Barrier, Mutex};
use std::process::{Command, Output};
use std::thread;

/// In the child: what it does.
const FORM: &str = "OUTSIDE_FORM";

fn is_form(form: &str) -> bool {
    std::env::var(FORM).is_ok_and(|name| name == form)
}

/// A thread locks what it has locked, as a worker of a pool does that steals a job.
fn lock_twice(releases: bool) {
    let total = Mutex::new(0);
    let job = || *total.lock().unwrap() += 1; // here: again
    let worker = || {
        let guard = total.lock().unwrap(); // here: first
        let guard = (!releases).then_some(guard);
        job();
        drop(guard);
    };
    thread::scope(|scope| {
        thread::Builder::new().name("stealing".to_owned()).spawn_scoped(scope, worker).unwrap();
    });
}

/// Two threads lock the same two locks in two orders.
fn lock_both(in_order: bool) {
    let (left, right, arrived) = (Mutex::new(()), Mutex::new(()), Barrier::new(2));
    let lock = |first: &Mutex<()>, second: &Mutex<()>| {
        let first = first.lock().unwrap(); // here: held
        if !in_order {
            arrived.wait();
        }
        drop((second.lock().unwrap(), first)); // here: wanted
    };
    thread::scope(|scope| {
        scope.spawn(|| lock(&left, &right));
        scope.spawn(|| if in_order { lock(&left, &right) } else { lock(&right, &left) });
    });
}

/// In the child: one of them, leaking or mended.
#[leakguard::test(timeout = "1s")]
fn child() {
    match std::env::var(FORM).as_deref() {
        Ok("twice" | "twice mended") => lock_twice(is_form("twice mended")),
        Ok("both" | "both mended") => lock_both(is_form("both mended")),
        _ => {}
    }
}

fn run(form: &str) -> (Output, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FORM, form)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    (output, text)
}

#[track_caller]
fn names(text: &str, marks: &[&str]) {
    for mark in marks {
        let end = format!("// here: {mark}");
        let mut lines = include_str!("outside.rs").lines();
        let line = 1 + lines.position(|line| line.ends_with(&end)).expect("a line with this mark");
        assert!(text.contains(&format!("{line} |")), "no {mark}, line {line} in\n{text}");
    }
}

#[test]
fn thread_of_a_pool_that_locks_twice_is_a_deadlock() {
    let (_, text) = run("twice");
    assert!(text.contains("thread `stealing` waits for what it holds itself"), "{text}");
    names(&text, &["first", "again"]);
    let (mended, text) = run("twice mended");
    assert!(mended.status.success() && !text.contains("LG009"), "{text}");
}

#[test]
fn threads_that_lock_in_two_orders_are_a_deadlock() {
    let (_, text) = run("both");
    assert!(text.contains("2 threads are in a deadlock"), "{text}");
    names(&text, &["held", "wanted"]);
    let (mended, text) = run("both mended");
    assert!(mended.status.success() && !text.contains("LG009"), "{text}");
}
