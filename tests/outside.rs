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
    // here: scope of one
    thread::scope(|scope| {
        thread::Builder::new().name("stealing".to_owned()).spawn_scoped(scope, worker).unwrap();
    });
}

/// Such a thread deadlocks, and the test waits for something else.
fn wait_beside_a_deadlock(ends: bool) {
    if !ends {
        thread::spawn(|| lock_twice(false));
    }
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let _sender = (!ends).then_some(sender);
    let _ = receiver.recv(); // here: beside
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
        Ok("beside" | "beside mended") => wait_beside_a_deadlock(is_form("beside mended")),
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
fn line(mark: &str) -> usize {
    let end = format!("// here: {mark}");
    let mut lines = include_str!("outside.rs").lines();
    1 + lines.position(|line| line.ends_with(&end)).expect("a line with this mark")
}

#[track_caller]
fn names(text: &str, marks: &[&str]) {
    for mark in marks {
        let line = line(mark);
        assert!(text.contains(&format!("{line} |")), "no {mark}, line {line} in\n{text}");
    }
}

#[test]
fn thread_of_a_pool_that_locks_twice_is_a_deadlock() {
    let (_, text) = run("twice");
    assert!(text.contains("thread `stealing` waits for what it holds itself"), "{text}");
    names(&text, &["first", "again"]);
    // The test waits for it, which is no second finding.
    assert!(text.contains("1 finding in `child`") && !text.contains("LG001"), "{text}");
    let line = line("scope of one") + 1;
    let words: Vec<_> = text.split_whitespace().collect();
    let waits = format!(
        "`child` waits at tests/outside.rs:{line}:5 for threads to end, perhaps for this one"
    );
    assert!(words.join(" ").contains(&waits), "{text}");
    let (mended, text) = run("twice mended");
    assert!(mended.status.success() && !text.contains("LG009"), "{text}");
}

#[test]
fn threads_that_lock_in_two_orders_are_a_deadlock() {
    let (_, text) = run("both");
    assert!(text.contains("2 threads are in a deadlock"), "{text}");
    names(&text, &["held", "wanted"]);
    assert!(text.contains("perhaps for these") && !text.contains("LG001"), "{text}");
    let (mended, text) = run("both mended");
    assert!(mended.status.success() && !text.contains("LG009"), "{text}");
}

#[test]
fn test_that_waits_for_something_else_than_such_threads_is_a_finding_of_its_own() {
    let (_, text) = run("beside");
    assert!(text.contains("2 findings") && text.contains("LG001"), "{text}");
    assert!(!text.contains("for threads to end"), "{text}");
    names(&text, &["first", "again", "beside"]);
    let (mended, text) = run("beside mended");
    assert!(mended.status.success() && !text.contains("LG0"), "{text}");
}
