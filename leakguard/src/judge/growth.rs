//! Whether a count only ever grows. Reads no clock and no site.

use crate::clock::Instant;
use crate::fact::finding::Finding;
use crate::fact::story::UnreapedStory;
use crate::fact::subject::Subject;
use std::collections::VecDeque;
use std::sync::Arc;

/// Number of looks in a window.
pub(crate) const LOOKS: usize = 4;

/// What was counted at one place, look by look.
#[derive(Debug, Default)]
pub(crate) struct CountHistory {
    counts: VecDeque<u64>,
    /// The count when it was last reported.
    reported: u64,
}

impl CountHistory {
    /// Adds one look. Returns the counts of the last window if each is higher than the one before, and the last exceeds
    /// the first by at least `threshold`. A count that was reported is returned again only once it has doubled.
    pub(crate) fn add(&mut self, count: u64, threshold: u64) -> Option<Vec<u64>> {
        self.counts.push_back(count);
        if self.counts.len() > LOOKS + 1 {
            self.counts.pop_front();
        }
        let rises = self.counts.iter().zip(self.counts.iter().skip(1));
        let first = *self.counts.front()?;
        let grows = self.counts.len() == LOOKS + 1
            && rises.clone().all(|(before, after)| before < after)
            && count - first >= threshold
            && count >= 2 * self.reported;
        grows.then(|| {
            self.reported = count;
            self.counts.iter().copied().collect()
        })
    }
}

/// The results that are kept at one place, look by look.
#[derive(Debug, Default)]
pub(crate) struct Pile {
    unjoined: CountHistory,
    /// How many tasks had been spawned there.
    started: u64,
}

impl Pile {
    /// Adds one look, as [`CountHistory::add`]. Tasks that are spawned at once and joined in the end pile up too, but
    /// not for ever, so a look counts only if a task was spawned since the one before.
    pub(crate) fn add(&mut self, unjoined: u64, started: u64, threshold: u64) -> Option<Vec<u64>> {
        let before = std::mem::replace(&mut self.started, started);
        if started <= before {
            self.unjoined.counts.clear();
        }
        self.unjoined.add(unjoined, threshold)
    }
}

/// Finished tasks whose results are never taken, and which only grow in number.
pub(crate) fn unreaped(story: UnreapedStory, now: Instant) -> Finding {
    Finding { subject: Subject::Unreaped(Arc::new(story)), scope: None, now }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(counts: &[u64]) -> Option<Vec<u64>> {
        let mut course = CountHistory::default();
        let reported = counts.iter().map(|count| course.add(*count, 10));
        reported.last().unwrap()
    }

    #[test]
    fn a_count_that_only_grows_is_reported() {
        let counts = [3, 5, 8, 11, 13];
        assert_eq!(looks(&counts), Some(counts.to_vec()));
        assert_eq!(looks(&counts[..4]), None, "the window is not over");
    }

    #[test]
    fn a_count_that_falls_once_or_grows_little_is_not_reported() {
        assert_eq!(looks(&[3, 5, 4, 11, 20]), None);
        assert_eq!(looks(&[3, 5, 5, 11, 20]), None);
        assert_eq!(looks(&[3, 5, 8, 9, 12]), None);
    }

    #[test]
    fn a_count_is_reported_again_when_it_has_doubled() {
        let mut course = CountHistory::default();
        let reported: Vec<u64> =
            (1..60).map(|n| n * 10).filter(|count| course.add(*count, 10).is_some()).collect();
        assert_eq!(reported, [50, 100, 200, 400]);
    }

    #[test]
    fn tasks_spawned_once_are_no_pile() {
        let looks = |started: [u64; 5]| {
            let mut pile = Pile::default();
            let look = |(at, count): (usize, &u64)| pile.add(*count, started[at], 10);
            let reported = [3, 5, 8, 11, 13].iter().enumerate().map(look);
            reported.last().unwrap()
        };
        assert_eq!(looks([9, 10, 11, 12, 13]), Some(vec![3, 5, 8, 11, 13]));
        assert_eq!(looks([13; 5]), None, "all at once");
        assert_eq!(looks([9, 10, 10, 12, 13]), None, "none in one of them");
    }
}
