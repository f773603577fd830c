//! The bugs of `tests/kernels` as a program of plain tokio, with no attribute: `cargo leakguard test` finds each one, tells
//! the code and cause of most as exactly as the drop-ins do, and is silent on the mended forms.

mod row;

use row::{Outcome, Row};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Rows in which the other half of a channel was moved to a task that has not used it. Without an attribute it is not known
/// which task has it, so their cycles are told as the waits of their tasks.
const MOVED: [&str; 5] =
    ["cockroach#2448", "serving#2137", "etcd#6873", "etcd#7902", "kubernetes#26980"];
/// Rows whose cause is a token of tokio-util, which is watched as the notifier that it is made of.
const TOKENS: [&str; 2] = ["cockroach#1055", "grpc#862"];

/// How many other rows may be told less exactly in one run: a probe may come before a task waits.
const UNSTABLE: usize = 4;

/// The program's own files, and the kernels' without a line of leakguard's.
fn write_program(directory: &Path) {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(directory).expect("a writable directory");
    let own = ours.join("tests/kernels/program");
    let theirs = ours.join("../tests/kernels");
    let names = |at: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(at).expect("a directory");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    };
    for path in names(&theirs).into_iter().chain(names(&own)) {
        let text = fs::read_to_string(&path).expect("a file");
        // The lines keep their numbers.
        let text = text
            .replace("#[track]\n", "\n")
            .replace("use leakguard::track;\n", "use crate::leakguard;\n");
        let copy = directory.join(path.file_name().expect("a name"));
        if fs::read_to_string(&copy).ok().as_deref() != Some(&*text) {
            fs::write(copy, text).expect("a written file");
        }
    }
}

/// Runs the program below the command. Returns what it says of its kernels, and the findings.
fn run(directory: &Path) -> (Vec<Row>, Vec<Value>, String) {
    let (rows, findings) = (directory.join("rows.txt"), directory.join("findings.jsonl"));
    _ = fs::remove_file(&rows);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-leakguard"));
    command.args(["leakguard", "test", "--test-timeout", "3s", "--json"]).arg(&findings);
    command.args(["--fail-on", "none", "--lib", "--", "--test-threads", "8"]);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let is_cargos = name.starts_with("CARGO_") && name != "CARGO_HOME";
        if is_cargos || name.starts_with("LEAKGUARD") {
            command.env_remove(&*name);
        }
    }
    let output = command.env("KERNELS", &rows).current_dir(directory).output().expect("a run");
    let text = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text)).concat();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let rows = fs::read_to_string(rows).expect("the rows");
    let findings = fs::read_to_string(findings).expect("the findings");
    let findings = findings.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    (rows.lines().map(|line| Row::parse(line, directory)).collect(), findings.collect(), text)
}

#[test]
fn plain_kernels_are_told_without_an_attribute() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kernels");
    write_program(&directory);
    let (rows, findings, text) = run(&directory);
    assert_eq!(rows.len(), 47, "{text}");
    let outcomes: Vec<Outcome> = rows.iter().flat_map(|row| row.outcomes(&findings)).collect();
    let table: Vec<_> = outcomes.iter().map(Outcome::to_string).collect();
    let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|it| is(it)).count();
    let counts = [count(|it| it.code), count(|it| it.cause), count(|it| it.extra.is_empty())];
    let noise: Vec<_> = rows.iter().flat_map(|row| row.noise(&findings)).collect();
    let table =
        format!("{}\ncode, cause, alone: {counts:?}\n{}", table.join("\n"), noise.join("\n"));
    fs::write(directory.join("table.txt"), &table).expect("a written table");
    let is_open = |it: &&Outcome| MOVED.contains(&&*it.row) || TOKENS.contains(&&*it.row);
    let wrong: Vec<_> = outcomes.iter().filter(|it| !it.is_right() && !is_open(it)).collect();
    assert!(wrong.len() <= UNSTABLE && noise.is_empty(), "{table}");
    assert!(outcomes.iter().all(|it| !it.found.is_empty()), "{table}");
}
