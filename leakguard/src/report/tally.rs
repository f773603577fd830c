//! What the tests of a process have found, in one line for each code and spawn site.

use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::site::Site;
use crate::vocabulary::Code;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ptr;

/// Maximum number of lines.
const LINES: usize = 20;

/// A file, a line in it, and what was found of what is spawned or created there.
type TallyKey = (String, u32, Code);

/// In which tests something was found.
#[derive(Debug, Default)]
struct TallyEntry {
    /// The addresses of their sites, so that a test that runs repeatedly is one.
    tests: BTreeSet<usize>,
    /// A test passed in spite of it.
    is_logged: bool,
}

impl TallyEntry {
    /// The report of a single test that fails is seen anyhow.
    fn is_told(&self) -> bool {
        self.is_logged || self.tests.len() > 1
    }
}

/// Counts tests by what was found in them.
#[derive(Debug)]
pub(crate) struct TestTally(BTreeMap<TallyKey, TallyEntry>);

impl TestTally {
    pub(crate) const fn new() -> Self {
        TestTally(BTreeMap::new())
    }

    /// Counts `test`, in which `finding` was found. `is_logged` if it passed all the same.
    pub(crate) fn add(&mut self, test: &'static Site, finding: &Finding, is_logged: bool) {
        let at = Position::of_location(finding.site().location());
        let key = (at.file().to_owned(), at.line(), finding.code());
        self.count(ptr::from_ref(test).addr(), key, is_logged);
    }

    fn count(&mut self, test: usize, key: TallyKey, is_logged: bool) {
        let entry = self.0.entry(key).or_default();
        entry.tests.insert(test);
        entry.is_logged |= is_logged;
    }

    /// The lines, those with most tests first. Empty if there is nothing to tell.
    pub(crate) fn text(&self) -> String {
        let mut told: Vec<_> = self.0.iter().filter(|(_, entry)| entry.is_told()).collect();
        told.sort_by_key(|(_, entry)| Reverse(entry.tests.len()));
        let line = |((file, line, code), entry): &(&TallyKey, &TallyEntry)| {
            format!("leakguard: {code} at {file}:{line}: {}", counted(entry.tests.len(), "test"))
        };
        let mut lines: Vec<_> = told.iter().take(LINES).map(line).collect();
        if told.len() > LINES {
            let more = counted(told.len() - LINES, "more line");
            lines.push(format!("leakguard: … and {more} like these"));
        }
        lines.join("\n")
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(line: u32) -> TallyKey {
        ("src/socket.rs".to_owned(), line, Code::LeakedTask)
    }

    #[test]
    fn site_with_most_tests_is_first_and_a_test_counts_once() {
        let mut tally = TestTally::new();
        for (test, line) in [(1, 7), (1, 7), (1, 312), (2, 312), (3, 9)] {
            tally.count(test, key(line), true);
        }
        assert_eq!(
            tally.text(),
            "leakguard: LG002 at src/socket.rs:312: 2 tests\n\
             leakguard: LG002 at src/socket.rs:7: 1 test\n\
             leakguard: LG002 at src/socket.rs:9: 1 test"
        );
    }

    #[test]
    fn single_test_that_fails_is_not_summed_up() {
        let mut tally = TestTally::new();
        tally.count(1, key(7), false);
        assert_eq!(tally.text(), "");
        tally.count(2, key(7), false);
        assert_eq!(tally.text(), "leakguard: LG002 at src/socket.rs:7: 2 tests");
    }

    #[test]
    fn lines_are_limited_and_the_rest_is_counted() {
        let mut tally = TestTally::new();
        for line in 1..=1000 {
            tally.count(1, key(line), true);
        }
        let text = tally.text();
        assert_eq!(text.lines().count(), LINES + 1);
        assert!(text.ends_with("\nleakguard: … and 980 more lines like these"), "{text}");
    }
}
