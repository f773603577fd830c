//! A function that leaks in each of very many calls, and a standard error that nothing reads. Each test runs this test
//! binary again as a child.
#![cfg(any(debug_assertions, feature = "always"))]

use std::future::pending;
use std::process::{Command, Output};
use std::sync::mpsc;
use tokio::task::yield_now;

const CHILD: &str = "FLOOD_CHILD";
const CALLS: usize = 2_000;

#[leakguard::must_terminate(grace = "5ms")]
async fn handle(leaks: bool) {
    let task = tokio::spawn(async move {
        if leaks {
            pending::<()>().await;
        }
    });
    if !leaks {
        task.await.unwrap();
    }
}

#[leakguard::main(flavor = "current_thread")]
async fn serve(leaks: bool) {
    for _ in 0..CALLS {
        handle(leaks).await;
        yield_now().await;
    }
}

/// Holds the lock of standard error, as a write does that nothing reads.
fn block_stderr() {
    let (hold, is_held) = mpsc::channel();
    std::thread::spawn(move || {
        let _held = std::io::stderr().lock();
        hold.send(()).unwrap();
        loop {
            std::thread::park();
        }
    });
    is_held.recv().unwrap();
}

/// Runs in the child.
#[test]
fn child() {
    match std::env::var(CHILD).as_deref() {
        Ok("leaks") => serve(true),
        Ok("ends") => serve(false),
        Ok("blocked") => {
            block_stderr();
            serve(true);
            // The harness would write to standard error.
            std::process::exit(0);
        }
        _ => {}
    }
}

fn run(what: &str) -> Output {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child", "--nocapture"]).env(CHILD, what).output().unwrap()
}

#[test]
fn equal_leaks_are_reported_once_and_then_counted() {
    let output = run("leaks");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    assert_eq!(text.matches("= spawned:").count(), 1, "{text}");
    assert!(text.lines().count() < 100, "{text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("a task spawned by `handle` can never be woken, at tests/flood.rs:"));
    assert!(text.ends_with(&format!("{CALLS} in all")), "{text}");
}

#[test]
fn calls_that_end_their_tasks_are_not_reported() {
    let output = run("ends");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && !text.contains("LG0"), "{text}");
}

/// Otherwise the child would never end.
#[test]
fn blocked_stderr_delays_nothing_but_the_text() {
    assert!(run("blocked").status.success());
}
