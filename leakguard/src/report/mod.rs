//! Findings in words. Judges nothing.

mod arrival;
mod block;
mod blockage;
mod call;
mod case;
mod channel;
pub(crate) mod color;
mod deadlock;
pub(crate) mod emit;
mod growth;
pub(crate) mod json;
mod layout;
mod library;
mod note;
pub(crate) mod noun;
pub(crate) mod observed;
mod printer;
mod publish;
mod remedy;
pub(crate) mod repeated;
mod source;
mod spin;
pub(crate) mod state;
pub(crate) mod tally;
mod task;
mod unreaped;
mod value;
mod verdict;
mod waking;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use crate::fact::finding::Finding;
use crate::fact::subject::Subject;
use crate::judge::allow;
use crate::judge::fold::fold;
use crate::report::block::Block;
use crate::site::Site;
use std::fmt;

/// What was found, as an error whose text is the report.
///
/// With `LEAKGUARD_STRICT=1` it may have no finding, and tell only of tasks that leakguard did not see start.
///
/// `Debug` gives the same text as `Display`, so that `unwrap()` and `fn main() -> Result<(), Report>` print what a
/// person can read.
///
/// ```no_run
/// fn show(report: leakguard::Report) {
///     for finding in &report {
///         println!("{} at {}", finding.code(), finding.site().location());
///     }
///     println!("{report}");
/// }
/// ```
#[derive(Clone)]
pub struct Report {
    findings: Vec<Finding>,
    /// Number of tasks on the runtime that leakguard does not watch.
    unseen: usize,
    /// What has ended and must not leave such tasks behind.
    strict: Option<&'static str>,
}

impl Report {
    pub(crate) fn new(findings: Vec<Finding>, unseen: usize) -> Self {
        Report { findings: fold(findings), unseen, strict: None }
    }

    /// On tasks that leakguard did not see start, and that `name` must not leave behind.
    pub(crate) fn on_unseen(name: &'static str, unseen: usize) -> Self {
        Report { findings: Vec::new(), unseen, strict: Some(name) }
    }

    /// What was found, in order.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Number of tasks on the runtime that leakguard does not watch.
    pub(crate) fn unseen(&self) -> usize {
        self.unseen
    }

    /// One finding after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.findings.iter()
    }

    /// The text, with the colours of a terminal if `color`.
    pub fn render(&self, color: bool) -> String {
        let mut parts: Vec<String> =
            self.iter().map(|f| layout::lines(&block(f, &self.findings), color)).collect();
        parts.push(self.summary());
        parts.join("\n")
    }

    /// One of its findings. What else was found may be a hint at the remedy.
    #[cfg(feature = "tracing")]
    fn block(&self, finding: &Finding) -> String {
        let text = layout::lines(&block(finding, &self.findings), false);
        text.trim_end().to_owned()
    }

    fn summary(&self) -> String {
        let mut lines = String::new();
        if !self.findings.is_empty() {
            lines = format!("{}\n{}\n", self.count(), self.allowance());
        }
        match self.strict {
            _ if self.unseen == 0 => {}
            Some(name) => {
                lines += &layout::sentence("error: ", &state::unseen_in(name, self.unseen))
            }
            None => lines += &(layout::sentence("note: ", &state::unseen(self.unseen)) + "\n"),
        }
        lines
    }

    /// The argument of an attribute that allows all of it.
    fn allowance(&self) -> String {
        let places = self.iter().flat_map(allow::places).collect();
        let allows = match self.findings.len() {
            1 => "allows it",
            _ => "allows them",
        };
        let text = format!("`allow = \"{}\"` {allows}", allow::text(places));
        layout::sentence("note: ", &text)
    }

    /// ``2 findings in `process` ``.
    fn count(&self) -> String {
        let mut names: Vec<&str> = self.iter().map(Finding::function).collect();
        names.sort_unstable();
        names.dedup();
        let noun = if self.findings.len() == 1 { "finding" } else { "findings" };
        let place = match names.as_slice() {
            [one] => format!("`{one}`"),
            many => format!("{} functions", many.len()),
        };
        format!("{} {noun} in {place}", self.findings.len())
    }
}

/// A note on what initialisers have started at `sites`.
pub(crate) fn on_singletons(sites: &[&Site]) -> String {
    let places = sites.iter().map(|site| site.location().to_string());
    let places: Vec<_> = places.collect();
    let text = format!(
        "an initialiser that runs once in a process has started what was spawned at {}; it may live as long as the \
         process",
        places.join(" and ")
    );
    layout::sentence("note: ", &text)
}

/// `found` is what else was found, which may be a hint at the remedy.
fn block(finding: &Finding, found: &[Finding]) -> Block {
    match &finding.subject {
        Subject::Task(task) => task::block(finding, task, found),
        Subject::Call(call) => call::block(finding, call, found),
        Subject::Deadlock(deadlock) => deadlock::block(finding, deadlock, found),
        Subject::Growth(growth) => growth::block(finding, growth, found),
        Subject::Channel(story) => channel::block(finding, story),
        Subject::Value(story) => value::block(finding, story),
        Subject::Unreaped(story) => unreaped::block(finding, story),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Report {}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(layout::lines(&block(self, &[]), false).trim_end())
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Report {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.findings.into_iter()
    }
}
