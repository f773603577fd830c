//! Runs every example in both forms. The first comment of an example is the report that it must print, except for times,
//! source positions and the number of polls.
//!
//! `EXAMPLES=overwrite cargo test --test examples` writes the printed reports into the comments and the README. Repeat it until
//! nothing changes, because a longer comment moves the lines that the report names.

// Without debug assertions the examples are normalize programs and report nothing.
#![cfg(debug_assertions)]

use regex::Regex;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Patterns of what differs between runs or moves when an example is edited, with their replacements.
const VARIES: &[(&str, &str)] = &[
    // Where a line is broken depends on the width of what varies.
    (r"\n {8,}([^ ])", " $1"),
    // Reports put a space before the unit, `Duration` does not.
    (r"\b\d+(\.\d+)? ?(us|ms|s|min|h)\b", "T"),
    // A loaded machine gets more time.
    (
        r"(, and T more|; its timeout was extended by T) because the process had to wait for a processor",
        "",
    ),
    (r"\b\d+ polls?\b", "P polls"),
    (r"\.rs:\d+:\d+", ".rs:L:C"),
    (r"\.rs:\d+", ".rs:L"),
    (r"\bline \d+", "line L"),
    // The gutter is as wide as its line number, and continued notes are indented accordingly.
    (r"(?m)^ *\d+ \|", "L |"),
    (r"(?m)^ +(\||=|-->)", "  $1"),
];

fn normalize(text: &str) -> String {
    VARIES.iter().fold(text.to_owned(), |text, (pattern, letter)| {
        Regex::new(pattern).unwrap().replace_all(&text, *letter).into_owned()
    })
}

/// The directory of the built examples. A plain `cargo test` has built them already, but `cargo test --test examples` has
/// not.
fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let test = env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--examples", "--target-dir"])
            .arg(profile.parent().unwrap());
        let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
        assert!(built.success(), "the examples do not build");
        profile.join("examples")
    })
}

fn run(example: &str, arguments: &[&str]) -> Output {
    let mut command =
        Command::new(directory().join(format!("{example}{}", env::consts::EXE_SUFFIX)));
    // Reports read the source lines relative to this directory.
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    // The environment of the user must not change the reports.
    let names = env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_string_lossy().starts_with("LEAKGUARD")) {
        command.env_remove(name);
    }
    command.output().unwrap()
}

fn source(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(format!("{example}.rs"))
}

/// The text between the first `/*` and `*/` of the source, and the rest.
fn opening_comment(example: &str) -> (String, String) {
    let source = fs::read_to_string(source(example)).unwrap().replace("\r\n", "\n");
    let parts = source.strip_prefix("/*\n").and_then(|rest| rest.split_once("*/"));
    let (comment, code) = parts.expect("the file opens with a comment");
    (comment.to_owned(), code.to_owned())
}

fn is_overwriting() -> bool {
    env::var("EXAMPLES").is_ok_and(|mode| mode == "overwrite")
}

fn overwrite(example: &str, report: &[u8]) {
    let (_, code) = opening_comment(example);
    let report = String::from_utf8_lossy(report);
    fs::write(source(example), format!("/*\n{report}*/{code}")).unwrap();
}

#[track_caller]
fn assert_ends(output: &Output, code: i32, report: &str) {
    let printed = String::from_utf8(output.stderr.clone()).unwrap();
    let (actual, expected) = (normalize(&printed), normalize(report));
    assert!(
        actual == expected,
        "\n--- printed ---\n{printed}\n--- normalized ---\n{actual}\n--- expected ---\n{expected}"
    );
    let long = printed.lines().find(|line| line.chars().count() > 110);
    assert_eq!(long, None, "a line of more than 110 columns");
    assert_eq!(output.status.code(), Some(code));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

/// A module per example with a test for each form and for invalid arguments.
macro_rules! examples {
    ($($name:ident)*) => {$(
        mod $name {
            use super::*;

            const NAME: &str = stringify!($name);

            #[test]
            fn leaking_form_prints_its_report() {
                let output = run(NAME, &[]);
                if is_overwriting() {
                    return overwrite(NAME, &output.stderr);
                }
                assert_ends(&output, 1, &opening_comment(NAME).0);
            }

            #[test]
            fn mended_form_is_silent() {
                assert_ends(&run(NAME, &["mended"]), 0, "");
            }

            #[test]
            fn invalid_arguments_print_the_usage() {
                let usage = format!("usage: cargo run --example {NAME} [-- mended]\n");
                assert_ends(&run(NAME, &["repaired"]), 2, &usage);
                assert_ends(&run(NAME, &["mended", "mended"]), 2, &usage);
            }
        }
    )*};
}

examples! {
    forgotten_sender
    ignored_cancellation
    abandoned_receivers
    stuck_lock
    stuck_threads
    supervised_dinner
    waiting_gateway
}

#[test]
fn every_example_is_tested() {
    let directory = format!("{}/examples", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let here = [
        "abandoned_receivers",
        "forgotten_sender",
        "ignored_cancellation",
        "stuck_lock",
        "stuck_threads",
        "supervised_dinner",
        "waiting_gateway",
    ];
    assert_eq!(names, here);
}

/// Crates that the package of the first example may need: leakguard, tokio and what these need.
const MOST_CRATES: usize = 50;

#[test]
fn first_example_needs_few_crates() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--quiet", "--package", "leakguard-examples"]);
    cargo.args(["--edges", "normal,build,dev", "--prefix", "none"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let tree = String::from_utf8(output.unwrap().stdout).unwrap();
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let crates: BTreeSet<_> = names.filter(|name| !name.is_empty()).collect();
    let expected = ["leakguard-examples", "tokio", "tokio-leakguard"];
    assert!(expected.iter().all(|name| crates.contains(name)), "{tree}");
    assert!(crates.len() <= MOST_CRATES, "{}: {crates:?}", crates.len());
}

#[test]
fn readme_shows_the_report_of_its_example() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (report, _) = opening_comment("forgotten_sender");
    if is_overwriting() {
        let (before, rest) = readme.split_once("```text\n").unwrap();
        let (_, after) = rest.split_once("```\n").unwrap();
        return fs::write(path, format!("{before}```text\n{report}```\n{after}")).unwrap();
    }
    assert!(
        normalize(&readme).contains(normalize(&report).trim()),
        "README.md differs from its example"
    );
}
