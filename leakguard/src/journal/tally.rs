//! What the footer counts.

use crate::lock::Lock;
use crate::vocabulary::{Certainty, Code};
use std::collections::BTreeMap;

/// What leakguard itself has lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Loss {
    /// A line that could not be written.
    Line,
    /// A printed report that was left out, because none was read.
    Text,
    /// A stack that lacks names or lines.
    Stack,
    /// A task that did not respond to its probe.
    Probe,
}

/// The counts of this process.
#[derive(Clone, Debug)]
pub(super) struct FoundCounts {
    pub(super) codes: BTreeMap<Code, u64>,
    pub(super) certainties: BTreeMap<Certainty, u64>,
    pub(super) repeats: u64,
    /// The most tasks at one time that leakguard did not see start. `None` if they were never counted.
    pub(super) unseen: Option<u64>,
    pub(super) losses: BTreeMap<Loss, u64>,
    /// The version of tokio by the source of a stack.
    pub(super) tokio: Option<String>,
}

static TALLY: Lock<FoundCounts> = Lock::new(FoundCounts {
    codes: BTreeMap::new(),
    certainties: BTreeMap::new(),
    repeats: 0,
    unseen: None,
    losses: BTreeMap::new(),
    tokio: None,
});

/// The counts so far.
pub(super) fn counts() -> FoundCounts {
    TALLY.lock().clone()
}

/// Counts a line of a finding.
pub(crate) fn found(code: Code, certainty: Certainty) {
    let mut tally = TALLY.lock();
    *tally.codes.entry(code).or_default() += 1;
    *tally.certainties.entry(certainty).or_default() += 1;
}

/// Counts findings that are like one that has a line.
pub(crate) fn count_repeat(more: usize) {
    TALLY.lock().repeats += more as u64;
}

/// Notes how many tasks lived that leakguard did not see start.
pub(crate) fn see_unseen(tasks: usize) {
    let mut tally = TALLY.lock();
    tally.unseen = tally.unseen.max(Some(tasks as u64));
}

pub(crate) fn count_loss(loss: Loss, times: usize) {
    *TALLY.lock().losses.entry(loss).or_default() += times as u64;
}

/// Notes the version of tokio, unless that is known. `find` returns it.
pub(crate) fn noted_tokio(find: impl FnOnce() -> Option<String>) {
    if TALLY.lock().tokio.is_none() {
        let found = find();
        TALLY.lock().tokio = found;
    }
}
