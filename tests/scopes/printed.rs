//! What a test prints, and how it fails. Each test runs another test of this binary as a child.

use crate::support::line;
use std::future::pending;
use std::process::{Command, Output};

/// Runs the ignored test `name` of this binary.
pub fn child(name: &str, more: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--test-threads=1"]).args(more);
    // Reports read the source lines relative to this directory.
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let names = std::env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_string_lossy().starts_with("LEAKGUARD")) {
        command.env_remove(name);
    }
    command.env("RUST_BACKTRACE", "0");
    command
}

fn run(name: &str, more: &[&str]) -> Command {
    child(&format!("printed::child::{name}"), more)
}

/// The place of the line with this mark, or of the line above or below it.
fn place(mark: &str) -> String {
    let marked = line(include_str!("printed.rs"), mark);
    let line = match mark.split_once(' ') {
        Some(("in", _)) => marked - 1,
        Some(("before", _)) => marked + 1,
        _ => marked,
    };
    format!("tests/scopes/printed.rs:{line}:")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Run by the tests below.
mod child {
    use super::*;
    use std::time::Duration;

    /// Later than a loaded machine excuses, and earlier than an overrun is printed past the harness.
    const LATE: Duration = Duration::from_secs(1);

    #[leakguard::must_terminate(timeout = "1ms")]
    async fn late() {
        tokio::time::sleep(LATE).await;
    }

    #[leakguard::test]
    #[ignore = "run as a child"]
    async fn calls_late() {
        // here: in calls_late
        late().await;
    }

    #[leakguard::test(timeout = "20ms", on_overrun = "log")]
    #[ignore = "run as a child"]
    async fn late_itself() {
        tokio::time::sleep(LATE).await;
    }

    #[leakguard::test(timeout = "20ms")]
    #[ignore = "run as a child"]
    async fn hangs() {
        // here: in hangs
        pending::<()>().await;
    }

    #[leakguard::test(timeout = "20ms")]
    #[ignore = "run as a child"]
    fn blocks() {
        // here: in blocks
        let (_keep, nothing) = std::sync::mpsc::channel::<()>();
        nothing.recv().unwrap();
    }

    #[leakguard::test]
    #[ignore = "run as a child"]
    async fn leaks() {
        // here: in leaks
        tokio::spawn(pending::<()>());
    }

    #[tokio::test]
    #[ignore = "run as a child"]
    async fn panics_for_a_leak() {
        #[leakguard::must_terminate(grace = "1ms", on_leak = "panic")]
        async fn leaks() {
            tokio::spawn(pending::<()>());
        }
        leaks().await; // here: awaits the leak
    }

    #[test]
    #[ignore = "run as a child"]
    fn panics_for_a_thread() {
        #[leakguard::must_terminate(grace = "1ms", on_leak = "panic")]
        fn leaks() {
            // here: in leaks a thread
            std::thread::spawn(std::thread::park);
        }
        leaks();
    }

    #[test]
    #[ignore = "run as a child"]
    fn panics_in_main() {
        // here: before the attribute of main
        #[leakguard::main(flavor = "current_thread", grace = "1ms", on_leak = "panic")]
        async fn main() {
            tokio::spawn(pending::<()>());
        }
        main();
    }

    #[test]
    #[ignore = "run as a child"]
    fn panics_in_sync_main() {
        #[leakguard::main(grace = "1ms", on_leak = "panic")]
        fn main() {
            // here: in sync main
            std::thread::spawn(std::thread::park);
        }
        main();
    }

    #[tokio::test]
    #[ignore = "run as a child"]
    async fn verifies() {
        let leaks = async { drop(leakguard::task::spawn(pending::<()>())) };
        leakguard::verify(leaks).await; // here: verifies
    }

    #[leakguard::test]
    #[should_panic]
    #[ignore = "run as a child"]
    async fn only_leaks() {
        tokio::spawn(pending::<()>());
    }

    #[leakguard::test]
    #[should_panic(expected = "on purpose")]
    #[ignore = "run as a child"]
    fn only_leaks_a_thread() {
        std::thread::spawn(std::thread::park);
    }

    #[leakguard::test(timeout = "20ms")]
    #[should_panic]
    #[ignore = "run as a child"]
    async fn only_hangs() {
        pending::<()>().await;
    }

    #[leakguard::test(timeout = "20ms")]
    #[should_panic]
    #[ignore = "run as a child"]
    fn only_blocks() {
        let (_keep, nothing) = std::sync::mpsc::channel::<()>();
        nothing.recv().unwrap();
    }

    #[leakguard::test]
    #[should_panic = "on purpose"]
    #[ignore = "run as a child"]
    async fn panics_as_asked() {
        tokio::spawn(async {}).await.unwrap();
        panic!("on purpose");
    }

    #[leakguard::test]
    #[ignore = "run as a child"]
    async fn returns_and_leaks() -> Result<(), std::num::ParseIntError> {
        tokio::spawn(pending::<()>());
        "one".parse::<u8>().map(drop)
    }

    #[leakguard::test]
    #[ignore = "run as a child"]
    fn returns_and_leaks_a_thread() -> Result<(), std::num::ParseIntError> {
        std::thread::spawn(std::thread::park);
        "one".parse::<u8>().map(drop)
    }

    #[leakguard::test]
    #[ignore = "run as a child"]
    async fn returns() -> Result<(), std::num::ParseIntError> {
        tokio::spawn(async {}).await.unwrap();
        "one".parse::<u8>().map(drop)
    }
}

/// The report on `child` is in its captured output alone, with its place, and nothing is behind it.
fn assert_reported_once(name: &str, mark: &str, code: &str) {
    let output = run(name, &[]).env("RUST_BACKTRACE", "1").output().unwrap();
    let (captured, raw) = (stdout(&output), stderr(&output));
    assert!(!output.status.success(), "{captured}");
    assert_eq!(captured.matches(&format!("[{code}]")).count(), 1, "{captured}");
    assert!(!raw.contains("LG"), "past the harness: {raw}");
    let panicked = captured.split("panicked at ").nth(1).unwrap();
    assert!(panicked.starts_with(&place(mark)), "{captured}");
    assert!(!captured.contains("stack backtrace"), "{captured}");
}

#[test]
fn report_is_printed_once_and_at_the_line_of_the_user() {
    assert_reported_once("calls_late", "in calls_late", "LG001");
    assert_reported_once("hangs", "in hangs", "LG001");
    assert_reported_once("blocks", "in blocks", "LG001");
    assert_reported_once("leaks", "in leaks", "LG007");
    assert_reported_once("verifies", "verifies", "LG007");
}

/// Test runners take the last panic and all that is behind it for the message.
#[test]
fn nothing_follows_a_report() {
    let output = run("leaks", &["--nocapture"]).env("RUST_BACKTRACE", "1").output().unwrap();
    let printed = stderr(&output);
    let (_, message) = printed.rsplit_once(" panicked at ").unwrap();
    assert!(message.starts_with(&place("in leaks")), "{message}");
    assert!(message.contains("leak[LG007]"), "{message}");
    assert!(message.trim_end().ends_with("` allows it"), "{message}");
}

#[test]
fn panic_of_a_function_is_at_the_line_of_the_user() {
    for (name, mark) in [
        ("panics_for_a_leak", "awaits the leak"),
        ("panics_for_a_thread", "in leaks a thread"),
        ("panics_in_main", "before the attribute of main"),
        ("panics_in_sync_main", "in sync main"),
    ] {
        let captured = stdout(&run(name, &[]).output().unwrap());
        let panicked = captured.split("panicked at ").nth(1).unwrap();
        assert!(panicked.starts_with(&place(mark)), "{captured}");
    }
}

/// With the program's own hook, which is std's here.
#[test]
fn backtrace_of_a_report_has_the_frames_of_the_user_alone() {
    for name in
        ["panics_for_a_leak", "panics_for_a_thread", "panics_in_main", "panics_in_sync_main"]
    {
        let output = run(name, &[]).env("RUST_BACKTRACE", "1").output().unwrap();
        let captured = stdout(&output);
        let (_, frames) = captured.split_once("stack backtrace:").expect("a backtrace");
        assert!(!frames.contains("leakguard/src/"), "{frames}");
        assert!(frames.contains(&format!("scopes::printed::child::{name}")), "{frames}");
        assert!(frames.contains("tests/scopes/printed.rs:"), "{frames}");
    }
}

#[test]
fn what_a_passing_test_logs_is_captured() {
    let output = run("late_itself", &[]).output().unwrap();
    assert!(output.status.success());
    assert!(!(stdout(&output) + &stderr(&output)).contains("[LG001]"));
    let shown = run("late_itself", &["--show-output"]).output().unwrap();
    assert_eq!(stdout(&shown).matches("[LG001]").count(), 1, "{}", stdout(&shown));
    assert!(!stderr(&shown).contains("[LG001]"));
}

#[test]
fn test_that_asks_for_a_panic_and_only_leaks_fails_with_the_report() {
    let leaks = ["only_leaks", "only_leaks_a_thread", "only_hangs", "only_blocks"];
    for (name, code) in leaks.into_iter().zip(["LG007", "LG013", "LG001", "LG001"]) {
        let output = run(name, &[]).output().unwrap();
        let captured = stdout(&output);
        assert!(!output.status.success(), "{captured}");
        assert!(captured.contains("test did not panic as expected"), "{captured}");
        assert_eq!(captured.matches(&format!("[{code}]")).count(), 1, "{captured}");
    }
}

#[test]
fn test_that_panics_as_it_asks_for_passes() {
    let output = run("panics_as_asked", &[]).output().unwrap();
    assert!(output.status.success(), "{}", stdout(&output));
}

#[test]
fn returned_error_comes_before_the_report() {
    for (name, code) in [("returns_and_leaks", "LG007"), ("returns_and_leaks_a_thread", "LG013")] {
        let captured = stdout(&run(name, &[]).output().unwrap());
        let error = captured.find("Error: ParseIntError").expect("the error");
        let report = captured.find(code).expect("the report");
        assert!(error < report, "{captured}");
    }
    let captured = stdout(&run("returns", &[]).output().unwrap());
    assert_eq!(captured.matches("Error: ParseIntError").count(), 1, "{captured}");
    assert!(!captured.contains("LG"), "{captured}");
}
