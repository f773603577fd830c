//! The lines of each child are those of its golden file, but for what differs between two runs or moves when a child is
//! edited: numbers of lines, tasks and polls, times, and what a build knows of functions.

use crate::run::written;
use regex::Regex;
use serde_json::Value;
use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Patterns in the words of a report, with their replacements.
const WORDS: &[(&str, &str)] = &[
    (r"\b\d+(\.\d+)? (us|ms|s|min|h)\b", "T"),
    // A loaded machine gets more time.
    (
        r"(, and T more|; its timeout was extended by T) because the process had to wait for a processor",
        "",
    ),
    (r"\b\d+ polls?\b", "P polls"),
    (r"\.rs:\d+:\d+", ".rs:L:C"),
    (r"\.rs:\d+", ".rs:L"),
    (r"\bline \d+", "line L"),
    (r"\b(task|call|thread) \d+", "$1 N"),
    (r"\b\d+ times in a row", "N times in a row"),
];

/// Gives tasks the numbers 1, 2, 3 in the order in which a line has them.
#[derive(Default)]
struct Normal {
    tasks: HashMap<u64, usize>,
    words: Vec<(Regex, &'static str)>,
}

impl Normal {
    fn new() -> Normal {
        let words = WORDS.iter().map(|(pattern, word)| (Regex::new(pattern).unwrap(), *word));
        Normal { words: words.collect(), tasks: HashMap::new() }
    }

    fn line(&mut self, mut line: Value) -> String {
        self.tasks.clear();
        self.value("", &mut line);
        line.to_string()
    }

    fn value(&mut self, name: &str, value: &mut Value) {
        match (name, &mut *value) {
            ("stack" | "branches", Value::Array(_)) => *value = Value::Array(Vec::new()),
            // Whether a task that busy-loops is inside a poll depends on the instant.
            ("thread", _) => *value = Value::Null,
            // What cargo sets is missing where the binary is run by hand.
            ("crate" | "crate_version" | "manifest_dir" | "nextest_run_id" | "stack_gap", _) => {
                *value = Value::Null;
            }
            ("tokio" | "leakguard", Value::String(text)) => *text = "1.2.3".to_owned(),
            ("binary" | "cwd", Value::String(text)) => *text = name.to_owned(),
            ("notes", Value::Array(notes)) => {
                // They have the names of functions too.
                notes.retain(|note| note["label"] != "stack" && note["label"] != "also");
                notes.iter_mut().for_each(|note| self.value("note", note));
            }
            ("wait", Value::Object(wait)) => {
                if let Some(function @ Value::String(_)) = wait.get_mut("function") {
                    *function = Value::from("function");
                }
                wait.iter_mut().for_each(|(name, value)| self.value(name, value));
            }
            (_, Value::Object(fields)) => {
                fields.iter_mut().for_each(|(name, value)| self.value(name, value));
            }
            (_, Value::Array(items)) => items.iter_mut().for_each(|item| self.value(name, item)),
            (_, Value::String(text)) => {
                for (pattern, word) in &self.words {
                    *text = pattern.replace_all(text, *word).into_owned();
                }
            }
            ("id" | "task", Value::Number(number)) => {
                let next = self.tasks.len() + 1;
                let number = number.as_u64().unwrap();
                *value = Value::from(*self.tasks.entry(number).or_insert(next));
            }
            (name, Value::Number(_)) if is_varying(name) => *value = Value::from(1),
            _ => {}
        }
    }
}

fn is_varying(name: &str) -> bool {
    let names = ["line", "column", "pid", "started_unix_ms", "polls", "stacks", "probes"];
    name.ends_with("_ns") || names.contains(&name)
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/json/golden")
}

/// Compares what `name` writes with its golden file.
fn compare(name: &str) {
    let mut normal = Normal::new();
    let lines = written(name).lines();
    let text: String = lines.into_iter().map(|line| normal.line(line) + "\n").collect();
    let file = folder().join(format!("{name}.jsonl"));
    if env::var("JSON").is_ok_and(|mode| mode == "overwrite") {
        fs::create_dir_all(folder()).unwrap();
        fs::write(&file, &text).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    for (actual, expected) in text.lines().zip(expected.lines()) {
        assert_eq!(actual, expected, "{name}: the first line that differs");
    }
    assert_eq!(text.lines().count(), expected.lines().count(), "{name}");
}

macro_rules! golden {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            compare(stringify!($name));
        }
    )*};
}

golden! {
    sleeps
    receives
    sends
    can_never_be_woken
    locks_in_two_orders
    blocks_a_thread
    panics_unheard
    keeps_a_value
    loses_and_breaks
    spins
    calls_what_takes_long
    ignores_its_token
    leaves_consequences
    ends_all
}
