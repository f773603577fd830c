//! Helpers that several of these files share.

use leakguard::{Code, Report};
use std::future::Future;

/// The number of the line in `source` that ends with `// here: mark`.
pub fn line(source: &str, mark: &str) -> usize {
    let end = format!("// here: {mark}");
    let mut lines = source.lines();
    1 + lines.position(|l| l.ends_with(&end)).expect("a line with this mark")
}

/// The codes of all findings, in order.
pub fn codes(report: &Report) -> Vec<Code> {
    assert_width(&report.to_string());
    report.iter().map(|f| f.code()).collect()
}

/// Runs `body` in a collecting scope and returns the codes of its findings.
pub async fn found<F: Future>(body: F) -> Vec<Code> {
    leakguard::find(body).await.err().map_or_else(Vec::new, |report| codes(&report))
}

/// A runtime that runs on the caller's thread.
pub fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A runtime with two workers.
pub fn multi_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A future that ends when its sender is used or dropped. A stack shows that it waits.
pub fn gate() -> (tokio::sync::oneshot::Sender<()>, impl Future<Output = ()> + Send + 'static) {
    let (open, opened) = tokio::sync::oneshot::channel();
    (open, async move {
        let _ = opened.await;
    })
}

/// A single word behind the name of a note may be longer.
fn assert_width(text: &str) {
    let long = text.lines().filter(|line| line.chars().count() > 110);
    let long: Vec<_> = long.filter(|line| line.split_whitespace().nth(3).is_some()).collect();
    assert_eq!(long, Vec::<&str>::new(), "lines of more than 110 columns");
}

/// Whether a report or dump names the line: as `file:line:`, as `line 7`, or beside its source.
pub(crate) fn names(text: &str, file: &str, line: usize) -> bool {
    let is_source = |shown: &str| shown.trim_start().starts_with(&format!("{line} | "));
    let is_it = |word: &[&str]| word[0] == "line" && word[1].parse() == Ok(line);
    let words: Vec<_> = text.split_whitespace().collect();
    text.contains(&format!("{file}:{line}:"))
        || text.lines().any(is_source)
        || words.windows(2).any(is_it)
}
