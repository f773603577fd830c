//! Findings in words. Nothing here judges; it only speaks.

mod blockage;
mod channel;
pub(crate) mod color;
pub(crate) mod emit;
mod growth;
mod help;
mod label;
mod layout;
mod note;
pub(crate) mod observed;
mod source;
mod spin;
pub(crate) mod state;
mod token;
mod unheard;
mod unreaped;
mod value;
mod words;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use crate::fact::finding::Finding;
use std::fmt;

/// What was found, as an error whose text is the report.
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
    /// How many tasks live on the runtime that leakguard did not see start.
    unseen: usize,
}

impl Report {
    /// `findings` are folded and in order.
    pub(crate) fn new(findings: Vec<Finding>, unseen: usize) -> Self {
        Report { findings, unseen }
    }

    /// What was found, in order.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// One finding after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.findings.iter()
    }

    /// The text, with the colours of a terminal if `color`.
    pub fn render(&self, color: bool) -> String {
        let mut parts: Vec<String> = self
            .iter()
            .map(|f| layout::block(f, &self.findings, color))
            .collect();
        parts.push(self.summary());
        parts.join("\n")
    }

    /// One of its findings, in the light of the others.
    #[cfg(feature = "tracing")]
    fn block(&self, finding: &Finding) -> String {
        let block = layout::block(finding, &self.findings, false);
        block.trim_end().to_owned()
    }

    fn summary(&self) -> String {
        let mut lines = String::new();
        if !self.findings.is_empty() {
            lines = format!("{}\n", self.count());
        }
        if self.unseen > 0 {
            lines += &format!("note: {}\n", state::unseen(self.unseen));
        }
        lines
    }

    /// ``2 findings in `process` ``.
    fn count(&self) -> String {
        let mut names: Vec<&str> = self.iter().map(words::function).collect();
        names.sort_unstable();
        names.dedup();
        let noun = if self.findings.len() == 1 {
            "finding"
        } else {
            "findings"
        };
        let place = match names.as_slice() {
            [one] => format!("`{one}`"),
            many => format!("{} functions", many.len()),
        };
        format!("{} {noun} in {place}", self.findings.len())
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
        f.write_str(layout::block(self, &[], false).trim_end())
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
