//! Compares the names, methods and traits in the sources of both builds. It reads them as rustfmt writes them.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each public name with its methods and traits.
type Names = BTreeMap<String, BTreeSet<String>>;

/// Traits that users cannot name, or that do not change what compiles.
const INTERNAL: [&str; 2] = ["impl Drop", "impl SelfWatched"];

/// In builds that do not watch, these are the future itself.
const ALIASES: [&str; 2] = ["Background", "Owned"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("leakguard/src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let below = entries.flat_map(|path| match path.is_dir() {
        true => files(&path),
        false => vec![path],
    });
    below.filter(|path| path.extension().is_some_and(|e| e == "rs")).collect()
}

/// What `lib.rs` exports only in builds that watch.
fn exported() -> BTreeSet<String> {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let (_, gate) = lib.split_once("cfg_if! {").unwrap();
    let (on, _) = gate.split_once("} else {").unwrap();
    let used = Regex::new(r"pub use [\w:]+::(?:\{([^}]*)\}|(\w+));").unwrap();
    let module = Regex::new(r"pub mod (\w+);").unwrap();
    let mut names: BTreeSet<_> = module.captures_iter(on).map(|m| m[1].to_owned()).collect();
    for found in used.captures_iter(on) {
        let list = found.get(1).or(found.get(2)).unwrap().as_str();
        let list = list.split(',').map(|name| name.trim().to_owned());
        names.extend(list.filter(|name| !name.is_empty()));
    }
    names
}

/// The name that `line` declares as public.
fn declared(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ")?;
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    let rest = rest.strip_prefix("const ").unwrap_or(rest);
    let (kind, rest) = rest.split_once(' ')?;
    let is_item = ["struct", "enum", "fn", "type", "mod"].contains(&kind);
    is_item.then(|| first_word(rest))
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("")
}

/// The last segment of a path, without its generic arguments.
fn last_name(path: &str) -> &str {
    let path = path.trim().trim_start_matches("&'a ");
    let path = path.split(['<', ' ', '{']).next().unwrap_or("");
    path.rsplit("::").next().unwrap_or("")
}

/// Type and trait of `impl<…> Trait for Type<…> where … {`.
fn implemented(header: &str) -> (String, Option<String>) {
    let generic = Regex::new(r"^impl(<[^ >]*( [^>]*)?>+)? ").unwrap();
    let rest = generic.replace(header, "");
    match rest.split_once(" for ") {
        Some((what, ty)) => {
            let reference = if ty.starts_with('&') { " for &" } else { "" };
            let what = format!("impl {}{reference}", last_name(what));
            (last_name(ty).to_owned(), Some(what))
        }
        None => (last_name(&rest).to_owned(), None),
    }
}

/// Adds the items of one file.
fn collect(text: &str, names: &mut Names) {
    let mut derives = Vec::new();
    let mut is_hidden = false;
    let mut inside: Option<String> = None;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let code = line.trim();
        if line == "}" {
            inside = None;
        } else if line.starts_with("impl") {
            let mut header = line.to_owned();
            while !header.ends_with(['{', '}']) {
                header = header + " " + lines.next().unwrap().trim();
            }
            let (ty, what) = implemented(&header);
            let is_open = what.is_none() && header.ends_with('{');
            names.entry(ty.clone()).or_default().extend(what);
            inside = is_open.then_some(ty);
        } else if code.starts_with("#[") || code.starts_with("//") {
            is_hidden |= code == "#[doc(hidden)]";
            let list = code.strip_prefix("#[derive(").map(|list| list.trim_end_matches(")]"));
            derives.extend(list.into_iter().flat_map(|list| list.split(", ")));
        } else {
            let item = if inside.is_some() { code } else { line };
            if let Some(name) = declared(item).filter(|_| !is_hidden) {
                let (name, part) = match &inside {
                    Some(ty) => (ty.clone(), Some(format!("fn {name}"))),
                    None => (name.to_owned(), None),
                };
                let entry = names.entry(name).or_default();
                entry.extend(part);
                entry.extend(derives.iter().map(|name| format!("impl {name}")));
            }
            (derives, is_hidden) = (Vec::new(), false);
        }
    }
}

/// The methods and traits that the macros of `off.rs` define.
fn collect_macros(text: &str, names: &mut Names) {
    let never = Regex::new(r"(?s)never!\((\w+): (.*?)\);").unwrap();
    let method = Regex::new(r"(\w+) -> ").unwrap();
    for found in never.captures_iter(text) {
        let methods = method.captures_iter(&found[2]).map(|m| format!("fn {}", &m[1]));
        names.entry(found[1].to_owned()).or_default().extend(methods);
    }
    let shown = Regex::new(r"never_shown!\((.*)\);").unwrap();
    for ty in shown.captures(text).unwrap()[1].split_whitespace() {
        names.entry(ty.to_owned()).or_default().insert("impl Display".to_owned());
    }
}

/// Builds that watch. The folders left out define other types of the same names, such as `std::thread::Scope`.
fn watching() -> Names {
    let mut names = Names::new();
    let source = source();
    let skipped = ["off.rs", "runtime", "sync", "task", "thread", "supervise", "__private"];
    for file in files(&source) {
        if !skipped.iter().any(|name| file.starts_with(source.join(name))) {
            collect(&fs::read_to_string(&file).unwrap(), &mut names);
        }
    }
    exported()
        .into_iter()
        .map(|name| (name.clone(), names.remove(&name).unwrap_or_default()))
        .collect()
}

fn not_watching() -> Names {
    let mut names = Names::new();
    let text = fs::read_to_string(source().join("off.rs")).unwrap();
    collect(&text, &mut names);
    collect_macros(&text, &mut names);
    names
}

#[test]
fn both_builds_have_the_same_names_methods_and_traits() {
    let (mut on, mut off) = (watching(), not_watching());
    for names in [&mut on, &mut off] {
        for (name, parts) in names.iter_mut() {
            parts.retain(|part| !INTERNAL.contains(&part.as_str()));
            if ALIASES.contains(&name.as_str()) {
                parts.clear();
            }
        }
    }
    // The comparison is not of two empty lists.
    assert!(on.len() > 20 && on["Scope"].contains("fn find_sync"));
    let difference: Vec<_> = on
        .keys()
        .chain(off.keys())
        .filter(|name| on.get(*name) != off.get(*name))
        .map(|name| format!("{name}: {:?} != {:?}", on.get(name), off.get(name)))
        .collect();
    assert!(difference.is_empty(), "{}", difference.join("\n"));
}
