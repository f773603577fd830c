//! How certain a finding is.

use std::fmt;

/// How certain it is that what was found is more than late.
///
/// The order is that of certainty: `Possible < Likely < Certain`. Its `Display` is the word in
/// [JSON lines](crate::guide::json), such as `likely`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Certainty {
    /// It had not ended at its limit, and may still end on its own.
    Possible,
    /// Nothing that leakguard knows of will end it, but code that leakguard does not watch could.
    Likely,
    /// It has happened, or nothing can end it, whatever code does that leakguard does not watch.
    Certain,
}

impl Certainty {
    #[cfg(any(debug_assertions, feature = "always"))]
    pub(crate) const ALL: [Certainty; 3] =
        [Certainty::Possible, Certainty::Likely, Certainty::Certain];
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Certainty::Possible => "possible",
            Certainty::Likely => "likely",
            Certainty::Certain => "certain",
        })
    }
}
