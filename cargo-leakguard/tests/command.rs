//! Runs the command on a copy of the workspace in `tests/fixture`, and with what it cannot do.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

/// Runs that build use one target directory, so that all of them build the shim once.
static FIXTURE: Mutex<()> = Mutex::new(());

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a writable directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let (source, copy) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == "target" {
            continue;
        }
        if source.is_dir() {
            self::copy(&source, &copy);
        } else if fs::read(&source).ok() != fs::read(&copy).ok() {
            fs::copy(&source, &copy).expect("a copied file");
        }
    }
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The copy keeps its target directory from run to run.
fn fixture() -> PathBuf {
    let directory = temporary("fixture");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), &directory);
    directory
}

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-leakguard"));
    command.arg("leakguard").args(arguments).current_dir(directory);
    // What cargo has set for this test is not the user's.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_") && name != "CARGO_HOME"
            || name.starts_with("LEAKGUARD")
            || name.starts_with("NEXTEST")
        {
            command.env_remove(&*name);
        }
    }
    command
}

fn run(directory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        command(directory, arguments).output().expect("a command that starts");
    (
        status.code(),
        format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)),
    )
}

/// Files of the directory with their content, but for the target directory.
fn content(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.ends_with("target") {
            continue;
        }
        match path.is_dir() {
            true => all.extend(content(&path)),
            false => all.push((path.clone(), fs::read(&path).expect("a file"))),
        }
    }
    all.sort();
    all
}

#[test]
fn suite_is_watched_without_an_edit() {
    let _alone = FIXTURE.lock().unwrap_or_else(|poison| poison.into_inner());
    let directory = fixture();
    let before = content(&directory);
    let (code, text) = run(&directory, &["test", "--json", "target/findings.jsonl"]);
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(content(&directory), before, "the user's files are as they were");
    // The deadlock over HTTP, at both of its lines, though the tests passed.
    assert!(text.contains("error[LG009]") && text.contains("bank/src/lib.rs:33"), "{text}");
    // The session that has no reader any more.
    assert!(text.contains("LG00") && text.contains("server/src/lib.rs:50"), "{text}");
    assert!(text.contains("test result: ok. 3 passed"), "{text}");

    let lines = fs::read_to_string(directory.join("target/findings.jsonl"))
        .expect("the file that was asked for");
    let findings: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let deadlock =
        findings.iter().find(|finding| finding["code"] == "LG009").expect("the deadlock");
    assert_eq!(deadlock["test"]["name"], "transfers_are_accepted", "{deadlock}");
    assert!(
        findings.iter().all(|finding| finding["test"]["name"] != "a_transfer_moves_money"),
        "{lines}"
    );
}

#[test]
fn healthy_part_is_silent() {
    let _alone = FIXTURE.lock().unwrap_or_else(|poison| poison.into_inner());
    let (code, text) = run(&fixture(), &["test", "--fail-on", "all", "-p", "bank"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("leakguard: 0 errors, 0 warnings, 0 notes"), "{text}");
}

#[test]
fn nextest_names_the_tests() {
    let _alone = FIXTURE.lock().unwrap_or_else(|poison| poison.into_inner());
    let directory = fixture();
    if !Command::new("cargo")
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return;
    }
    let (code, text) = run(&directory, &["nextest", "run"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("error[LG009]") && text.contains("transfers_are_accepted"), "{text}");
}

#[test]
fn known_findings_are_counted() {
    let _alone = FIXTURE.lock().unwrap_or_else(|poison| poison.into_inner());
    let directory = fixture();
    let baseline = ["--baseline", "target/known.toml"];
    let (code, text) = run(&directory, &["test", baseline[0], baseline[1], "--update-baseline"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = run(&directory, &["test", baseline[0], baseline[1]]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("in the baseline"), "{text}");
}

#[test]
fn failing_tests_keep_their_code() {
    let _alone = FIXTURE.lock().unwrap_or_else(|poison| poison.into_inner());
    let (code, text) = run(&fixture(), &["test", "-p", "bank", "--", "--no-such-option"]);
    assert_eq!(code, Some(101), "{text}");
}

/// One clear line, and nothing is built.
#[test]
fn wrong_use_is_told() {
    let without_tokio = temporary("without-tokio");
    fs::create_dir_all(without_tokio.join("src")).expect("a writable directory");
    let manifest =
        "[package]\nname = \"plain\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(without_tokio.join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(without_tokio.join("src/lib.rs"), "").expect("a file");
    fs::write(without_tokio.join("broken.toml"), "finding = [").expect("a file");
    for (arguments, expected) in [
        (&["test"][..], "error: no package of this workspace uses tokio 1"),
        (&["test", "--baseline", "broken.toml"], "error: cannot parse the baseline broken.toml"),
        (&["test", "--manifest-path", "nowhere/Cargo.toml"], "error: `cargo locate-project"),
    ] {
        let (code, text) = run(&without_tokio, arguments);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.starts_with(expected), "{text}");
    }
    let (code, text) = run(&without_tokio, &["test", "--fail-on", "some"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("[possible values: certain, all, none]"), "{text}");
}
