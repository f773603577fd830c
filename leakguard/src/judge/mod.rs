//! Facts and a moment in, findings out; reads no clock and touches no record.

pub(crate) mod allow;
pub(crate) mod fold;
pub(crate) mod leak;
pub(crate) mod verdict;
