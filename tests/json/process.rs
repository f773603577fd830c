//! Which process writes which file, and what its runs do beside that.

use crate::run::{Directory, command, run, written};
use serde_json::Value;
use std::fs;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn each_process_has_a_file_of_its_own() {
    let directory = Directory::new("files");
    for _ in 0..3 {
        assert!(run(&directory, "ends_all", &[]).status.success());
    }
    let files = directory.files();
    assert_eq!(files.len(), 3, "{files:?}");
    let header = |file| fs::read_to_string(file).unwrap().lines().next().unwrap().to_owned();
    let mut pids: Vec<_> = files
        .iter()
        .map(|file| serde_json::from_str::<Value>(&header(file)).unwrap()["pid"].as_u64())
        .collect();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 3);
}

#[test]
fn text_and_failure_stay_as_they_are_beside_the_file() {
    let directory = Directory::new("text");
    let output = run(&directory, "sleeps", &[]);
    assert!(!output.status.success());
    assert!(text(&output.stdout).contains("leak[LG002]"), "{}", text(&output.stdout));
    assert_eq!(directory.of_type("finding").len(), 1);
    assert_eq!(directory.of_type("footer")[0]["findings"], 1);
}

#[test]
fn nothing_is_written_unless_asked_for() {
    let directory = Directory::new("off");
    let output = run(&directory, "sleeps", &[("LEAKGUARD", "off")]);
    assert!(output.status.success());
    assert_eq!(directory.files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_directory_that_cannot_be_written_does_not_silence_a_finding() {
    let directory = Directory::new("file");
    fs::write(directory.path(), "a file").unwrap();
    let output = run(&directory, "sleeps", &[("LEAKGUARD", "json")]);
    fs::remove_file(directory.path()).unwrap();
    let errors = text(&output.stderr);
    assert!(errors.contains("no JSON can be written"), "{errors}");
    // As with `LEAKGUARD=log`.
    assert!(output.status.success() && errors.contains("LG002"), "{errors}");
}

#[test]
fn nothing_fails_with_json_alone() {
    for name in ["verifies", "panics_for_a_leak"] {
        let findings = written(name).of_type("finding");
        assert_eq!(findings.len(), 1, "{name}: {findings:?}");
        let directory = Directory::new(&format!("{name}-fails"));
        assert!(!run(&directory, name, &[]).status.success(), "{name}");
        assert_eq!(directory.of_type("finding").len(), 1, "{name}");
    }
}

#[test]
fn a_report_that_a_caller_gets_or_a_test_asks_for_is_not_written() {
    for name in ["finds", "asks_for_the_report"] {
        let directory = Directory::new(name);
        let output = run(&directory, name, &[("LEAKGUARD", "json")]);
        assert!(output.status.success(), "{name}: {}", text(&output.stdout));
        assert_eq!(directory.of_type("finding"), Vec::<Value>::new(), "{name}");
    }
}

#[test]
fn alike_findings_are_written_once_and_then_counted() {
    let directory = written("leaves_alike_tasks");
    let (findings, repeats) = (directory.of_type("finding"), directory.of_type("repeat"));
    assert_eq!(findings.len(), 1, "{findings:?}");
    let more: u64 = repeats.iter().map(|repeat| repeat["more"].as_u64().unwrap()).sum();
    assert_eq!(findings[0]["count"].as_u64().unwrap() + more, 3, "{repeats:?}");
    assert!(repeats.iter().all(|repeat| repeat["fingerprint"] == findings[0]["fingerprint"]));
    assert_eq!(directory.of_type("footer")[0]["repeats"], more);
}

#[test]
fn nextest_names_the_test() {
    let directory = Directory::new("nextest");
    let variables = [
        ("LEAKGUARD", "json"),
        ("NEXTEST", "1"),
        ("NEXTEST_TEST_NAME", "child::sleeps"),
        ("NEXTEST_BINARY_ID", "my-app::json"),
        ("NEXTEST_ATTEMPT_ID", "run:my-app::json$child::sleeps"),
    ];
    run(&directory, "sleeps", &variables);
    let test = serde_json::json!({
        "name": "child::sleeps",
        "binary_id": "my-app::json",
        "attempt_id": "run:my-app::json$child::sleeps",
    });
    assert_eq!(directory.of_type("finding")[0]["test"], test);
    let header = &directory.of_type("header")[0];
    assert_eq!((&header["test"], &header["runner"]), (&test, &Value::from("nextest")));
}

/// The watchdog's thread judges, and a harness may run a test on its main thread.
#[test]
fn libtest_names_the_test_in_any_number_of_threads() {
    for threads in ["1", "2"] {
        let directory = Directory::new(&format!("threads-{threads}"));
        let mut command = command(&["child::sleeps", "child::calls_what_takes_long"]);
        command.arg(format!("--test-threads={threads}"));
        command.env("LEAKGUARD_JSON", directory.path()).env("LEAKGUARD", "json");
        assert!(command.output().unwrap().status.success());
        let findings = directory.of_type("finding");
        let mut names: Vec<_> =
            findings.iter().map(|finding| finding["test"]["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["child::calls_what_takes_long", "child::sleeps"], "{threads}");
    }
}

/// 16 tests at once, each with findings of its own.
#[test]
fn lines_of_parallel_tests_are_whole() {
    let directory = Directory::new("parallel");
    let names = ["sleeps", "receives", "can_never_be_woken", "panics_unheard", "spins"];
    let names = names.map(|name| format!("child::{name}"));
    let mut command = command(&names.each_ref().map(String::as_str));
    command.env("LEAKGUARD_JSON", directory.path()).env("LEAKGUARD", "json");
    assert!(command.output().unwrap().status.success());
    assert_eq!(directory.of_type("finding").len(), names.len());
}
