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
    /// What is wrong, and where.
    head: String,
}

impl Reported {
    pub(crate) fn new(finding: &Finding) -> Self {
        let (code, function) = (finding.code(), finding.function().to_owned());
        Reported { code, function, head: layout::head(&block(finding, &[])) }
    }

    /// `more` within `time`, of `total` since the first.
    pub(crate) fn again(&self, more: usize, time: Duration, total: usize) -> Repeated {
        let Reported { code, function, head } = self.clone();
        let text =
            format!("{head}: {more} more like this within {}, {total} in all", readable(time));
        Repeated { code, function, text, more, total }
    }
}

/// Its `Display` is the sentence.
#[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "the fields are for events"))]
pub(crate) struct Repeated {
    pub(super) code: Code,
    pub(super) function: String,
    text: String,
    pub(super) more: usize,
    pub(super) total: usize,
}

impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&layout::sentence("", &self.text))
    }
}
