//! One name means one thing: no two types of the crates share a name, except drop-ins for types that do.

use regex::Regex;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Drop-ins have the name of the type that they replace, in each of its modules.
const DROP_INS: [&str; 13] = [
    "Barrier",
    "Builder",
    "CancellationToken",
    "Condvar",
    "MappedMutexGuard",
    "Mutex",
    "MutexGuard",
    "Receiver",
    "RwLock",
    "RwLockReadGuard",
    "RwLockWriteGuard",
    "Scope",
    "Sender",
];

/// Files that stand in for another where a platform or a build lacks something, and have its names.
const STAND_INS: [&str; 4] = ["off.rs", "absent.rs", "registration_off.rs", "__private/off.rs"];

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| match path.is_dir() {
        true => rust_files(&path),
        false if path.extension().is_some_and(|end| end == "rs") => vec![path],
        false => Vec::new(),
    });
    files.collect()
}

/// The names of the types that a source defines outside of its tests.
fn types(source: &str) -> Vec<String> {
    let definition =
        Regex::new(r"(?m)^(?:pub(?:\([a-z]+\))? )?(?:struct|enum|trait|union|type) ([A-Z]\w*)")
            .unwrap();
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    definition.captures_iter(source).map(|found| found[1].to_owned()).collect()
}

/// Each name that more than one file defines, with these files.
fn shared(roots: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in roots.iter().flat_map(|src| rust_files(&root.join(src))) {
        let name = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        if name.contains("/tests") || STAND_INS.iter().any(|end| name.ends_with(end)) {
            continue;
        }
        for defined in types(&fs::read_to_string(&file).unwrap()) {
            places.entry(defined).or_default().push(name.clone());
        }
    }
    let is_shared = |(name, files): &(String, Vec<String>)| {
        files.len() > 1 && !DROP_INS.contains(&name.as_str())
    };
    let shared = places.into_iter().filter(is_shared);
    shared.map(|(name, files)| format!("{name}: {}", files.join(", "))).collect()
}

#[test]
fn no_two_types_share_a_name() {
    let shared = shared(&["leakguard/src", "leakguard-macros/src"]);
    assert!(shared.is_empty(), "rename all but one:\n{}", shared.join("\n"));
}

#[test]
fn no_two_types_of_the_command_share_a_name() {
    let shared = shared(&["cargo-leakguard/src"]);
    assert!(shared.is_empty(), "rename all but one:\n{}", shared.join("\n"));
}

#[test]
fn definitions_are_read() {
    let source = "pub(crate) struct One<T>(T);\n    struct Inner;\nenum Two {}\n#[cfg(test)]\nmod tests {\nstruct Three;";
    assert_eq!(types(source), ["One", "Two"]);
}
