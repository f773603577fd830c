//! The order of the files: what a file imports lies below it. See ARCHITECTURE.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// From bottom to top. Names in one line may import each other.
type Floors = &'static [&'static [&'static str]];

/// The order of leakguard/src.
const RUNTIME: Floors = &[
    &["lock", "clock", "duration", "json", "older", "pool", "stripe", "time", "vocabulary"],
    &["at_exit", "signal", "site"],
    &["journal"],
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
    &["thread"],
    &["report", "dump"],
    &["check"],
    &["deadline"],
    &["call"],
    // A set takes a runtime's handle.
    &["runtime", "task"],
    &["snapshot", "growth"],
    // In every build: what it uses of the floors below stands in one file, `supervise/registration.rs`.
    &["supervise"],
    &["__private", "off"],
    &["findings", "guide"],
    &["lib"],
];

/// The order inside folders of leakguard/src. A line with two names is a type with its guard or builder.
const INSIDE: &[(&str, Floors)] = &[
    (
        "fact",
        &[
            &["id", "kind", "options"],
            &["observed", "renewed_sleep", "resource", "task_map"],
            &["cause", "task"],
            &["position", "story"],
            &["subject"],
            &["finding"],
        ],
    ),
    ("journal", &[&["runner", "tally"], &["test_name"], &["header"], &["footer"]]),
    ("report/json", &[&["word"], &["place"], &["task"], &["resource"]]),
    (
        "record",
        &[
            &["collector", "extension", "last_panic", "location", "name", "probe", "stillness"],
            &["progress", "task"],
            &["scope"],
            &["live", "resource"],
            &["event", "observed", "record_arc", "sleep_place"],
        ],
    ),
    (
        "judge",
        &[
            &["allow", "certainty", "fingerprint", "fold", "growth", "verdict"],
            &["channel", "closed", "counterpart", "foremost", "steady", "value"],
            &["crowd", "ring", "waiters"],
            &["closure", "queued", "spin", "token", "unheard"],
            &["graph"],
            &["going"],
            &["blockage", "derive", "waking"],
            &["leak"],
            &["outside"],
        ],
    ),
    (
        "report",
        &[
            &["arrival", "color", "note", "noun", "printer", "source", "state", "tally"],
            &["block", "blockage", "observed", "spin"],
            &["waking"],
            &["case", "channel", "layout", "unreaped", "value"],
            &["library", "remedy", "verdict"],
            &["call", "growth", "task"],
            &["deadlock"],
            &["repeated"],
            &["json"],
            &["publish"],
            &["emit"],
        ],
    ),
    (
        "check",
        &[
            &["repeat", "summary"],
            &[
                "act",
                "disturbance",
                "due",
                "hang",
                "native",
                "outside",
                "singleton",
                "surroundings",
            ],
            &["ahead", "inquiry", "judgement", "long_polls", "messages", "postpone", "quiet"],
            &["starvation"],
            &["scope", "unended"],
        ],
    ),
    (
        "record/resource",
        &[
            &["creation", "entries", "join", "mark", "number", "pause"],
            &["channel", "endpoint", "hold", "notify", "set", "wait"],
            &["channel_state", "event", "token"],
            &["state"],
        ],
    ),
    (
        "sync",
        &[
            &["here", "recycle", "type_of"],
            &["alarm", "handover", "observe", "waiting"],
            &["half", "joining", "lazy", "token"],
            &["hold", "notice", "lock", "semaphore"],
            &["barrier", "broadcast", "mpsc", "notify", "once_cell", "oneshot", "watch"],
            &["blocking", "parking_lot"],
            &["adopt"],
        ],
    ),
    // Senders make permits and weak senders, which give them back.
    ("sync/mpsc", &[&["receiver"], &["bounded", "permit", "unbounded", "weak"]]),
    ("registry", &[&["table"], &["shard", "recycle"], &["home", "query"]]),
];

/// The order of leakguard-macros/src.
const MACROS: Floors = &[
    &["fragment", "path", "syntax"],
    &["args", "item"],
    &["validate"],
    &["model"],
    &["rewrite"],
    &["expand", "fallback"],
    &["lib"],
];

/// The order of cargo-leakguard/src.
const COMMAND: Floors = &[
    &["args", "cargo", "files"],
    &["gather", "manifest", "plan"],
    &["grade", "lock", "scratch", "source"],
    &["run", "shim", "summary"],
    &["baseline", "probe"],
    &["main"],
];

/// Files that may import from everywhere: generated code calls them, or they are the crate's face.
const FREE: &[&str] = &["__private", "lib"];

/// The paths that a `use` tree names: `a::{b, c::d}` gives `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<String> {
    let Some((prefix, group)) = tree.split_once('{') else {
        return vec![tree.trim().to_owned()];
    };
    let group = group.trim_end().trim_end_matches('}');
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in group.chars() {
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(c),
        }
        depth += i32::from(c == '{') - i32::from(c == '}');
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(|part| expand(part.trim()))
        .map(|path| format!("{}{path}", prefix.trim()))
        .collect()
}

/// Every path below `crate::` that a source names, comments and tests aside.
fn imports(source: &str) -> Vec<String> {
    let code: Vec<_> = source.lines().map(|line| line.split("//").next().unwrap()).collect();
    let code = code.join("\n");
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let ends = |c: char| c == ';' || c == '(' || c == '<' || c == ')' || c == '>';
    let paths = code.split("crate::").skip(1);
    paths
        .flat_map(|rest| match rest.find('{') {
            Some(at) if rest[..at].chars().all(|c| c.is_alphanumeric() || "_: ".contains(c)) => {
                expand(rest.split(';').next().unwrap())
            }
            _ => vec![rest.split(ends).next().unwrap().to_owned()],
        })
        .collect()
}

/// The name in `path` that follows `folder`: `judge` of `judge::graph::Graph` below the root, `graph` below `judge`.
fn name_below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = match folder {
        "" => path,
        _ => path.strip_prefix(&folder.replace('/', "::"))?.strip_prefix("::")?,
    };
    rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
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

/// The files of `folder`, each with its name there: `stack` for `src/stack/name.rs` and for `src/stack.rs`.
fn members(root: &Path, folder: &str) -> Vec<(String, PathBuf)> {
    let base = root.join(folder);
    let name = |file: &Path| {
        let first = file.strip_prefix(&base).unwrap().components().next().unwrap();
        first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
    };
    let is_test = |name: &str| matches!(name, "tests" | "fixture" | "mod");
    let files = rust_files(&base).into_iter().map(|file| (name(&file), file));
    files.filter(|(name, _)| folder.is_empty() || !is_test(name)).collect()
}

/// What is wrong with the order of `folder`.
fn violations(src: &str, folder: &str, floors: Floors) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(src);
    let floor = |name: &str| floors.iter().position(|names| names.contains(&name));
    let mut wrong = Vec::new();
    for (own, file) in members(&root, folder) {
        let Some(here) = floor(&own) else {
            wrong.push(format!("{}: `{own}` stands on no floor", file.display()));
            continue;
        };
        if folder.is_empty() && FREE.contains(&own.as_str()) {
            continue;
        }
        for path in imports(&fs::read_to_string(&file).unwrap()) {
            let Some(name) = name_below(&path, folder) else {
                continue;
            };
            if floor(name).is_some_and(|there| there > here) {
                wrong.push(format!("{}: `{name}` lies above", file.display()));
            }
        }
    }
    let known = members(&root, folder);
    let is_gone = |name: &&&str| !known.iter().any(|(own, _)| own == **name);
    let gone = floors.iter().copied().flatten().filter(is_gone);
    wrong.extend(gone.map(|name| format!("{folder}: there is no `{name}`")));
    wrong
}

fn assert_none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "imports go down only:\n{}", wrong.join("\n"));
}

#[test]
fn runtime_imports_go_down() {
    assert_none(violations("leakguard/src", "", RUNTIME));
}

#[test]
fn imports_inside_folders_go_down() {
    let wrong =
        INSIDE.iter().flat_map(|(folder, floors)| violations("leakguard/src", folder, floors));
    assert_none(wrong.collect());
}

#[test]
fn macro_imports_go_down() {
    assert_none(violations("leakguard-macros/src", "", MACROS));
}

#[test]
fn command_imports_go_down() {
    assert_none(violations("cargo-leakguard/src", "", COMMAND));
}

/// `foo/mod.rs` where there is a folder, `foo.rs` where there is none.
#[test]
fn module_files_have_one_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for src in ["leakguard/src", "leakguard-macros/src", "cargo-leakguard/src"] {
        files.extend(
            rust_files(&root.join(src)).into_iter().map(|file| (file.with_extension(""), file)),
        );
    }
    let beside_folder = files.iter().filter(|(folder, _)| folder.is_dir());
    let wrong: Vec<_> = beside_folder.map(|(_, file)| file.display().to_string()).collect();
    assert!(wrong.is_empty(), "move to `mod.rs` in the folder:\n{}", wrong.join("\n"));
}

#[test]
fn import_paths_are_read() {
    let source = "use crate::{\n    check::act,\n    config::{self, Rule},\n};\nlet a = crate::deadline::arm(); // crate::lib";
    let paths = imports(source);
    assert_eq!(paths, ["check::act", "config::self", "config::Rule", "deadline::arm"]);
    assert_eq!(name_below("judge::graph::Graph", ""), Some("judge"));
    assert_eq!(name_below("judge::graph::Graph", "judge"), Some("graph"));
    assert_eq!(name_below("judged::Graph", "judge"), None);
}

#[test]
fn an_import_that_goes_up_is_found() {
    let floors: Floors = &[&["spin"], &["waiters"]];
    let wrong = violations("leakguard/src", "judge", floors);
    let has = |what: &str| wrong.iter().any(|w| w.ends_with(what));
    assert!(has("spin.rs: `waiters` lies above"), "{wrong:?}");
    assert!(has("graph.rs: `graph` stands on no floor"), "{wrong:?}");
}
