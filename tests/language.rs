//! User-facing text has things, callers and threads as its subjects, never "who" or "nobody".

use regex::Regex;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

const WORDS: &str = r"(?i-u)\b(who|whoever|nobody|somebody|anybody|so\s+many)\b";

/// What a user reads of a file.
#[derive(Clone, Copy)]
enum Part {
    All,
    /// Lines that open with `///` or `//!`.
    Docs,
    /// String literals.
    Strings,
    /// The first block comment.
    Report,
}

/// Files, or folders with all that is below them.
const CHECKED: &[(Part, &str, &[&str])] = &[
    (
        Part::All,
        "md",
        &[
            "README.md",
            "ARCHITECTURE.md",
            "BENCHMARKS.md",
            "CHANGELOG.md",
            "docs",
            "leakguard/src",
            "cargo-leakguard/README.md",
        ],
    ),
    (Part::All, "stderr", &["tests/ui"]),
    (Part::Docs, "rs", &["leakguard/src", "leakguard-macros/src", "cargo-leakguard/src"]),
    (Part::Strings, "rs", &["leakguard/src", "leakguard-macros/src", "cargo-leakguard/src"]),
    (Part::Report, "rs", &["examples"]),
];

/// File, phrase around the word, reason.
const ALLOWED: &[(&str, &str, &str)] = &[];

fn files(path: &Path, extension: &str) -> Vec<PathBuf> {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap();
        let mut found: Vec<_> =
            entries.flat_map(|entry| files(&entry.unwrap().path(), extension)).collect();
        found.sort();
        return found;
    }
    let is_one = path.extension().is_some_and(|own| own == extension);
    is_one.then(|| path.to_owned()).into_iter().collect()
}

fn ranges(part: Part, text: &str) -> Vec<Range<usize>> {
    let pattern = match part {
        Part::All => return std::iter::once(0..text.len()).collect(),
        Part::Docs => r"(?m)^\s*//[/!](?<read>.*)$",
        // Comments and characters are read as well, because a quote in one opens no string.
        Part::Strings => {
            r##"//.*|(?s:/\*.*?\*/)|'(?:\\.|[^'\\])'|r#"(?<raw>(?s:.*?))"#|"(?<read>(?:\\(?s:.)|[^"\\])*)""##
        }
        Part::Report => r"\A(?s:/\*(?<read>.*?)\*/)",
    };
    Regex::new(pattern)
        .unwrap()
        .captures_iter(text)
        .filter_map(|found| found.name("read").or(found.name("raw")))
        .map(|read| read.range())
        .collect()
}

/// The text with spaces in place of what a user does not read, so that lines stay where they are.
fn read(part: Part, text: &str) -> String {
    let mut bytes: Vec<u8> =
        text.bytes().map(|byte| if byte == b'\n' { byte } else { b' ' }).collect();
    for range in ranges(part, text) {
        bytes[range.clone()].copy_from_slice(&text.as_bytes()[range]);
    }
    String::from_utf8(bytes).unwrap()
}

/// The line and the word of each place.
fn found(part: Part, text: &str, allowed: &[&str]) -> Vec<(usize, String)> {
    let mut text = read(part, text);
    for phrase in allowed {
        text = text.replace(phrase, &" ".repeat(phrase.len()));
    }
    Regex::new(WORDS)
        .unwrap()
        .find_iter(&text)
        .map(|word| {
            let line = text[..word.start()].matches('\n').count() + 1;
            (line, word.as_str().to_owned())
        })
        .collect()
}

#[test]
fn user_facing_text_is_plain() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for &(part, extension, places) in CHECKED {
        for file in places.iter().flat_map(|place| files(&root.join(place), extension)) {
            let text = fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            let exceptions = ALLOWED.iter().filter(|(file, ..)| *file == name);
            let allowed: Vec<_> = exceptions.map(|(_, phrase, _)| *phrase).collect();
            for (line, word) in found(part, &text, &allowed) {
                wrong.push(format!("{name}:{line}: `{word}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "name the task, caller or thread instead:\n{}", wrong.join("\n"));
}

#[test]
fn a_planted_word_is_found_with_its_line() {
    let words = |part, text| found(part, text, &[]);
    assert_eq!(words(Part::All, "One.\nNobody waits."), [(2, "Nobody".to_owned())]);
    assert_eq!(words(Part::All, "Maximum of so\nmany places."), [(1, "so\nmany".to_owned())]);
    assert_eq!(words(Part::All, "The task whose lock it is."), []);
    assert_eq!(words(Part::Docs, "//! Who?\n// who\nlet who = 1;"), [(1, "Who".to_owned())]);
    assert_eq!(words(Part::Report, "/*\nwho\n*/\n/* who */"), [(2, "who".to_owned())]);
}

#[test]
fn only_string_literals_of_code_are_read() {
    let code = r##"
        // "who"
        let quote = '"'; let who = "a \" who"; /* "who" */
        f(r#"so "who""#, 'w');
    "##;
    let lines: Vec<_> = found(Part::Strings, code, &[]).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [3, 4]);
}

#[test]
fn an_allowed_phrase_is_not_found_and_other_words_are() {
    let text = "doctor who, and who else";
    assert_eq!(found(Part::All, text, &["doctor who"]).len(), 1);
}
