//! Whether a count only ever grows; reads no clock and no site.

use crate::clock::Instant;
use crate::fact::finding::Finding;
use crate::fact::story::UnreapedStory;
use crate::fact::subject::Subject;
use std::collections::VecDeque;
use std::sync::Arc;

/// So many looks make a window.
pub(crate) const LOOKS: usize = 4;

/// What was counted at one place, look by look.
#[derive(Debug, Default)]
pub(crate) struct CountHistory {
    counts: VecDeque<u64>,
    /// The count when it was last spoken of.
    said: u64,
}

impl CountHistory {
    /// One look more. The counts of the last window where each is higher than the one before, the last by at least
    /// `threshold` than the first; and of one that was spoken of, only once it has doubled since.
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
            && count >= 2 * self.said;
        grows.then(|| {
            self.said = count;
            self.counts.iter().copied().collect()
        })
    }
}

/// What was seen at one place that keeps the results of tasks, look by look.
#[derive(Debug, Default)]
pub(crate) struct Pile {
    unjoined: CountHistory,
    /// How many tasks had been started there.
    started: u64,
}

impl Pile {
    /// One look more, as [`CountHistory::add`]. What is started at once and joined in the end piles up as well, but not for
    /// ever: so a look counts only where something was started since the one before.
    pub(crate) fn add(&mut self, unjoined: u64, started: u64, threshold: u64) -> Option<Vec<u64>> {
        let before = std::mem::replace(&mut self.started, started);
        if started <= before {
            self.unjoined.counts.clear();
        }
        self.unjoined.add(unjoined, threshold)
    }
}

/// Of results that nobody takes, of which there are ever more.
pub(crate) fn unreaped(story: UnreapedStory, now: Instant) -> Finding {
    Finding {
        subject: Subject::Unreaped(Arc::new(story)),
        scope: None,
        now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(counts: &[u64]) -> Option<Vec<u64>> {
        let mut course = CountHistory::default();
        let said = counts.iter().map(|count| course.add(*count, 10));
        said.last().unwrap()
    }

    #[test]
    fn a_count_that_only_grows_is_spoken_of() {
        let counts = [3, 5, 8, 11, 13];
        assert_eq!(looks(&counts), Some(counts.to_vec()));
        assert_eq!(looks(&counts[..4]), None, "the window is not over");
    }

    #[test]
    fn one_that_falls_once_or_grows_little_is_not() {
        assert_eq!(looks(&[3, 5, 4, 11, 20]), None);
        assert_eq!(looks(&[3, 5, 5, 11, 20]), None);
        assert_eq!(looks(&[3, 5, 8, 9, 12]), None);
    }

    #[test]
    fn it_is_said_again_when_it_has_doubled() {
        let mut course = CountHistory::default();
        let said: Vec<u64> = (1..60)
            .map(|n| n * 10)
            .filter(|count| course.add(*count, 10).is_some())
            .collect();
        assert_eq!(said, [50, 100, 200, 400]);
    }

    #[test]
    fn what_is_started_once_and_ends_bit_by_bit_is_no_pile() {
        let looks = |started: [u64; 5]| {
            let mut pile = Pile::default();
            let look = |(at, count): (usize, &u64)| pile.add(*count, started[at], 10);
            let said = [3, 5, 8, 11, 13].iter().enumerate().map(look);
            said.last().unwrap()
        };
        assert_eq!(looks([9, 10, 11, 12, 13]), Some(vec![3, 5, 8, 11, 13]));
        assert_eq!(looks([13; 5]), None, "all at once");
        assert_eq!(looks([9, 10, 10, 12, 13]), None, "none in one of them");
    }
}
