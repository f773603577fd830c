//! Runs every example in both forms, as a newcomer would. The comment that each one opens with is the
//! report that it has to print, but for times, places in files and the number of polls.
//!
//! `EXAMPLES=overwrite cargo test --test examples` writes what is printed into the comments; again, until
//! nothing changes, because a longer comment moves the lines that it names.

// Without debug assertions the examples are plain programs, which have nothing to report.
#![cfg(debug_assertions)]

use regex::Regex;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// What differs from run to run, or moves when an example is edited.
const VARIES: &[(&str, &str)] = &[
    // In reports there is a space before the unit, and in what `Duration` prints itself there is none.
    (r"\b\d+(\.\d+)? ?(us|ms|s|min|h)\b", "T"),
    (r"\b\d+ polls?\b", "P polls"),
    (r"\.rs:\d+:\d+", ".rs:L:C"),
    (r"\.rs:\d+", ".rs:L"),
    (r"\bline \d+", "line L"),
    // The gutter is as wide as the line number in it, and further lines of a note stand below the first.
    (r"(?m)^ *\d+ \|", "L |"),
    (r"(?m)^ +(\||=|-->)", "  $1"),
    (r"(?m)^ {14,}", "              "),
];

fn plain(text: &str) -> String {
    VARIES
        .iter()
        .fold(text.to_owned(), |text, (pattern, letter)| {
            Regex::new(pattern)
                .unwrap()
                .replace_all(&text, *letter)
                .into_owned()
        })
}

/// Where the examples are, beside the directory where this test lies. A plain `cargo test` has built
/// them already; `cargo test --test examples` has not.
fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let test = env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--examples", "--target-dir"])
            .arg(profile.parent().unwrap());
        let built = cargo
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(built.success(), "the examples do not build");
        profile.join("examples")
    })
}

fn run(example: &str, arguments: &[&str]) -> Output {
    let mut command =
        Command::new(directory().join(format!("{example}{}", env::consts::EXE_SUFFIX)));
    // Where a report finds the sources, whose lines it shows.
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    // How somebody has set up leakguard must not change what the examples show.
    let names = env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_string_lossy().starts_with("LEAKGUARD")) {
        command.env_remove(name);
    }
    command.output().unwrap()
}

fn source(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(format!("{example}.rs"))
}

/// What stands between the first `/*` and `*/` of the source, and what follows.
fn opening_comment(example: &str) -> (String, String) {
    let source = fs::read_to_string(source(example))
        .unwrap()
        .replace("\r\n", "\n");
    let parts = source
        .strip_prefix("/*\n")
        .and_then(|rest| rest.split_once("*/"));
    let (comment, code) = parts.expect("the file opens with a comment");
    (comment.to_owned(), code.to_owned())
}

fn overwrite(example: &str, report: &[u8]) {
    let (_, code) = opening_comment(example);
    let report = String::from_utf8_lossy(report);
    fs::write(source(example), format!("/*\n{report}*/{code}")).unwrap();
}

#[track_caller]
fn assert_ends(output: &Output, code: i32, report: &str) {
    let printed = String::from_utf8(output.stderr.clone()).unwrap();
    let (is, should) = (plain(&printed), plain(report));
    assert!(
        is == should,
        "\n--- printed ---\n{printed}\n--- in short ---\n{is}\n--- expected ---\n{should}"
    );
    assert_eq!(output.status.code(), Some(code));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

/// A module for each example: what it prints in each form, and when it is not asked for either.
macro_rules! examples {
    ($($name:ident)*) => {$(
        mod $name {
            use super::*;

            const NAME: &str = stringify!($name);

            #[test]
            fn leaking() {
                let output = run(NAME, &[]);
                if env::var("EXAMPLES").is_ok_and(|wish| wish == "overwrite") {
                    return overwrite(NAME, &output.stderr);
                }
                assert_ends(&output, 1, &opening_comment(NAME).0);
            }

            #[test]
            fn mended() {
                assert_ends(&run(NAME, &["mended"]), 0, "");
            }

            #[test]
            fn anything_else() {
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
fn every_example_is_run() {
    let directory = format!("{}/examples", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
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

#[test]
fn the_readme_shows_the_first_report() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let (report, _) = opening_comment("forgotten_sender");
    assert!(
        plain(&readme).contains(plain(&report).trim()),
        "README.md is behind its example"
    );
}
