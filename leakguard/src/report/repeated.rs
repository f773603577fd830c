//! Findings that are like one that was reported: one sentence for all of them.

use crate::fact::finding::Finding;
use crate::report::{block, layout};
use crate::time::readable;
use crate::vocabulary::Code;
use std::fmt;
use std::time::Duration;

/// What is kept of a finding that was reported, for sentences on those that are like it.
#[derive(Clone, Debug)]
pub(crate) struct Reported {
    code: Code,
    function: String,
    fingerprint: String,
    /// What is wrong, and where.
    head: String,
}

impl Reported {
    pub(crate) fn new(finding: &Finding) -> Self {
        Reported {
            code: finding.code(),
            function: finding.function().to_owned(),
            fingerprint: finding.fingerprint(),
            head: layout::head(&block(finding, &[])),
        }
    }

    /// `more` within `time`, of `total` since the first.
    pub(crate) fn again(&self, more: usize, time: Duration, total: usize) -> Repeated {
        let Reported { code, function, fingerprint, head } = self.clone();
        let text =
            format!("{head}: {more} more like this within {}, {total} in all", readable(time));
        Repeated { code, function, fingerprint, text, more, total }
    }
}

/// Its `Display` is the sentence.
pub(crate) struct Repeated {
    pub(super) code: Code,
    pub(super) function: String,
    pub(super) fingerprint: String,
    text: String,
    pub(super) more: usize,
    pub(super) total: usize,
}

impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&layout::sentence("", &self.text))
    }
}
