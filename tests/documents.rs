//! The documents name files, codes and places of unsafe code that exist.

use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The paths in backticks.
fn paths(text: &str) -> Vec<String> {
    let pattern = Regex::new(r"`([\w./]+(?:/|\.(?:rs|md|txt|tsv)))`").unwrap();
    pattern.captures_iter(text).map(|path| path[1].to_owned()).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn named_paths_exist() {
    let bases = ["", "leakguard/src", "leakguard-macros/src", "cargo-leakguard/src"]
        .map(|base| root().join(base));
    for document in ["ARCHITECTURE.md", "docs/decisions.md"] {
        for path in paths(&text(document)) {
            let exists = bases.iter().any(|base| base.join(&path).exists());
            assert!(exists, "{document} names `{path}`, which does not exist");
        }
    }
}

#[test]
fn files_with_unsafe_code_are_named() {
    let named = paths(&text("ARCHITECTURE.md"));
    let source = root().join("leakguard/src");
    for file in files(&source) {
        if !fs::read_to_string(&file).unwrap().contains("unsafe_code") {
            continue;
        }
        let path = file.strip_prefix(&source).unwrap().to_string_lossy();
        let path = path.replace('\\', "/");
        let is_named = named.iter().any(|name| path.starts_with(name));
        assert!(is_named, "ARCHITECTURE.md does not name `{path}`");
    }
}

#[test]
fn every_finding_is_in_both_tables() {
    let tables = [text("README.md"), text("leakguard/src/findings/mod.rs")];
    for file in files(&root().join("leakguard/src/findings")) {
        let name = file.file_stem().unwrap().to_string_lossy().to_uppercase();
        let is_page = name.starts_with("LG");
        let is_listed = tables.iter().all(|table| table.contains(&name));
        assert!(!is_page || is_listed, "{name} is missing in a table");
    }
}
