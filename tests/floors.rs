//! The order of the files: what a file imports lies below it. See ARCHITECTURE.md.

use std::fs;
use std::path::Path;

/// leakguard/src from bottom to top; what stands in one line may import each other.
const RUNTIME: &[&[&str]] = &[
    &["lock"],
    &["clock", "duration", "site_kind", "time", "wait_kind"],
    &["signal"],
    &["site"],
    &["stack"],
    // Plain data carries stacks.
    &["fact"],
    // A probe carries what was captured.
    &["record"],
    &["config"],
    &["registry", "ledger"],
    &["context"],
    &["judge"],
    &["watch", "sync"],
    &["thread", "task"],
    &["report", "dump"],
    &["check"],
    &["deadline"],
    &["call"],
    &["snapshot", "growth"],
    // In every build: what it uses of the floors below stands in one file, `supervise/seen.rs`.
    &["supervise"],
    &["private", "off"],
    &["findings", "guide"],
    &["lib"],
];

/// leakguard-macros/src likewise.
const MACROS: &[&[&str]] = &[
    &["path", "syntax"],
    &["args", "item"],
    &["validate"],
    &["model"],
    &["rewrite"],
    &["expand", "fallback"],
    &["lib"],
];

fn floor(floors: &[&[&str]], file: &str) -> Option<usize> {
    floors.iter().position(|names| names.contains(&file))
}

/// The first segment below the root: `stack` for `src/stack/name.rs` and for `src/stack.rs`.
fn top(root: &Path, file: &Path) -> String {
    let below = file.strip_prefix(root).unwrap();
    let first = below
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn rust_files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// What a line names as `crate::name`, comments aside, `{crate::a, ...}` groups included.
fn imports(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or("");
    let mut found = Vec::new();
    for part in code.split("crate::").skip(1) {
        let names = part
            .strip_prefix('{')
            .map_or(part, |group| group.split('}').next().unwrap_or(""));
        let several = part.starts_with('{');
        for name in names.split(',').take(if several { usize::MAX } else { 1 }) {
            let word: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            found.push(word);
        }
    }
    found
}

fn check(src: &str, floors: &[&[&str]]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(src);
    let mut wrong = Vec::new();
    for file in rust_files(&root) {
        let own = top(&root, &file);
        let Some(here) = floor(floors, &own) else {
            wrong.push(format!(
                "{}: `{own}` stands on no floor; give it one",
                file.display()
            ));
            continue;
        };
        if own == "private" || own == "lib" {
            continue;
        }
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            for name in imports(line) {
                if floor(floors, &name).is_some_and(|there| there > here) {
                    wrong.push(format!(
                        "{}:{}: `{name}` lies above",
                        file.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports go down only:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_runtime_imports_down() {
    check("leakguard/src", RUNTIME);
}

#[test]
fn the_macros_import_down() {
    check("leakguard-macros/src", MACROS);
}

#[test]
fn an_import_that_goes_up_is_seen() {
    assert_eq!(
        imports("use crate::{check::act, config};"),
        ["check", "config"]
    );
    assert_eq!(
        imports("use crate::deadline::arm; // crate::lib"),
        ["deadline"]
    );
    assert!(floor(RUNTIME, "deadline") > floor(RUNTIME, "judge"));
}
