//! A test that only logs its report passes, and the end of the process sums up what was found. Each test runs other tests
//! of this binary as a child.

use crate::printed;
use crate::support::line;
use std::future::pending;
use std::process::Output;
use std::time::Duration;

#[leakguard::track]
fn leave_a_task() {
    tokio::spawn(pending::<()>()); // here: leaves a task
}

/// Run by the tests below.
mod child {
    use super::*;

    /// Later than a loaded machine excuses, and earlier than an overrun is printed past the harness.
    const LATE: Duration = Duration::from_secs(1);

    #[leakguard::test(grace = "1ms", on_leak = "log")]
    #[ignore = "run as a child"]
    async fn logs() {
        leave_a_task();
    }

    #[leakguard::test(grace = "1ms", on_leak = "log", strict)]
    #[ignore = "run as a child"]
    async fn logs_too() {
        leave_a_task();
    }

    #[leakguard::test(on_leak = "log")]
    #[ignore = "run as a child"]
    async fn logs_nothing() {
        tokio::spawn(async {}).await.unwrap();
    }

    #[leakguard::test(grace = "1ms")]
    #[ignore = "run as a child"]
    async fn leaks() {
        leave_a_task();
    }

    #[leakguard::test(grace = "1ms")]
    #[ignore = "run as a child"]
    async fn leaks_too() {
        leave_a_task();
    }

    #[leakguard::test(grace = "1ms", timeout = "20s")]
    #[ignore = "run as a child"]
    async fn calls_what_leaks() {
        #[leakguard::must_terminate(grace = "1ms")]
        async fn leaks() {
            leave_a_task();
        }
        leaks().await;
    }

    #[leakguard::test(grace = "1ms")]
    #[ignore = "run as a child"]
    fn leaks_a_thread() -> Result<(), std::num::ParseIntError> {
        std::thread::spawn(std::thread::park); // here: leaves a thread
        Ok(())
    }

    #[leakguard::test(grace = "1ms")]
    #[should_panic(expected = "leak[LG007]")]
    #[ignore = "run as a child"]
    async fn asks_for_the_report() {
        leave_a_task();
    }

    #[leakguard::test(grace = "1ms")]
    #[should_panic(expected = "leak[LG007]")]
    #[ignore = "run as a child"]
    async fn asks_for_the_report_too() {
        leave_a_task();
    }

    #[leakguard::test(timeout = "5ms", grace = "1ms")]
    #[ignore = "run as a child"]
    // here: before what is late
    async fn is_late() {
        tokio::time::sleep(LATE).await;
    }

    #[leakguard::test(timeout = "5ms", grace = "1ms", on_leak = "log")]
    #[ignore = "run as a child"]
    async fn hangs() {
        pending::<()>().await;
    }

    #[leakguard::test(timeout = "5ms", on_leak = "log")]
    #[ignore = "run as a child"]
    fn is_late_without_async() {
        std::thread::sleep(LATE);
    }
}

/// Runs these tests in one process, with `LEAKGUARD=mode`.
fn run(names: &[&str], mode: &str, more: &[&str]) -> Output {
    let paths: Vec<_> = names.iter().map(|name| format!("adopting::child::{name}")).collect();
    let rest: Vec<_> = paths[1..].iter().map(String::as_str).chain(more.iter().copied()).collect();
    printed::child(&paths[0], &rest).env("LEAKGUARD", mode).output().unwrap()
}

fn texts(output: Output) -> (String, String) {
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// A line of the summary.
fn told(code: &str, mark: &str, tests: &str) -> String {
    let line = line(include_str!("adopting.rs"), mark);
    format!("leakguard: {code} at tests/scopes/adopting.rs:{line}: {tests}\n")
}

/// These tests pass, and show past the harness no more than `summary`.
fn assert_passes(names: &[&str], mode: &str, summary: &str) {
    let output = run(names, mode, &[]);
    let status = output.status;
    let (captured, raw) = texts(output);
    assert!(status.success(), "{captured}");
    assert!(!captured.contains("LG0"), "not captured: {captured}");
    assert_eq!(raw, summary);
}

#[test]
fn test_that_only_logs_passes_and_the_end_of_the_process_sums_up() {
    let summary = told("LG007", "leaves a task", "2 tests");
    assert_passes(&["logs", "logs_too"], "", &summary);
    assert_passes(&["leaks", "leaks_too"], "log", &summary);
    let summary = told("LG007", "leaves a task", "1 test");
    assert_passes(&["leaks"], "log", &summary);
    assert_passes(&["calls_what_leaks"], "log", &summary);
    assert_passes(&["leaks_a_thread"], "log", &told("LG013", "leaves a thread", "1 test"));
}

#[test]
fn logged_report_is_in_the_output_of_its_test() {
    let (captured, _) = texts(run(&["logs", "logs_too"], "", &["--show-output"]));
    assert_eq!(captured.matches("leak[LG007]").count(), 2, "{captured}");
    assert!(!captured.contains("panicked at"), "{captured}");
}

#[test]
fn nothing_is_summed_up_where_nothing_is_found() {
    assert_passes(&["logs_nothing"], "", "");
    assert_passes(&["logs_nothing"], "log", "");
}

#[test]
fn tests_that_fail_for_one_site_are_summed_up() {
    let output = run(&["leaks", "leaks_too"], "", &[]);
    assert!(!output.status.success());
    assert_eq!(texts(output).1, told("LG007", "leaves a task", "2 tests"));
}

#[test]
fn report_of_a_single_test_is_not_repeated() {
    let output = run(&["leaks", "leaks_a_thread"], "", &[]);
    assert!(!output.status.success());
    assert_eq!(texts(output).1, "");
}

#[test]
fn report_that_a_test_asks_for_is_not_summed_up() {
    let names = ["asks_for_the_report", "asks_for_the_report_too"];
    assert_passes(&names, "", "");
    assert_passes(&names, "log", "");
}

#[test]
fn overrun_has_a_rule_of_its_own() {
    for name in ["hangs", "is_late_without_async"] {
        let output = run(&[name], "", &[]);
        assert!(!output.status.success(), "{:?}", texts(output));
    }
    let (captured, raw) = texts(run(&["is_late"], "log", &[]));
    assert!(captured.contains("1 passed"), "{captured}");
    let line = line(include_str!("adopting.rs"), "before what is late") + 1;
    assert_eq!(raw, format!("leakguard: LG001 at tests/scopes/adopting.rs:{line}: 1 test\n"));
}
