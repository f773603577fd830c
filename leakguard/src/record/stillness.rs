//! Whether anything moves in a test, as the watchdog sees it from time to time; knows nothing of why.

use crate::clock::Instant;
use std::time::Duration;

/// The first look at a test, and the shortest time between two.
const SOON: Duration = Duration::from_millis(100);
/// The longest.
const LATE: Duration = Duration::from_secs(1);

/// What the last looks showed.
#[derive(Debug, Default)]
pub(crate) struct Stillness {
    next: Instant,
    /// A number that changes with every poll of every task.
    seen: u64,
    answered: Answered,
}

/// What the tasks have said since that number changed last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Answered {
    #[default]
    Nothing,
    /// That none of them can ever go on.
    Dead,
    /// That one of them may.
    Alive,
}

impl Stillness {
    /// When to look next at a test that began at `entered`.
    pub(crate) fn next(&self, entered: Instant) -> Instant {
        self.next.max(entered.plus(SOON))
    }

    /// One look at `now`. `true` if its tasks are to be asked: nothing has moved since the last one, and it is not known
    /// why.
    pub(crate) fn look(&mut self, seen: u64, entered: Instant, now: Instant) -> bool {
        self.next = now.plus((now.since(entered) / 4).clamp(SOON, LATE));
        let same = self.seen == seen;
        if !same {
            *self = Stillness {
                next: self.next,
                seen,
                answered: Answered::Nothing,
            };
        }
        same && self.answered != Answered::Alive
    }

    /// The tasks have answered. `true` if they have said twice, and nothing moved in between, that none can go on.
    pub(crate) fn answer(&mut self, seen: u64, is_dead: bool) -> bool {
        let before = std::mem::replace(
            &mut self.answered,
            if is_dead {
                Answered::Dead
            } else {
                Answered::Alive
            },
        );
        is_dead && before == Answered::Dead && self.seen == seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_two_answers_while_nothing_moves() {
        let (mut stillness, start) = (Stillness::default(), Instant::default());
        let now = start.plus(SOON);
        assert_eq!(stillness.next(start), now);
        assert!(!stillness.look(1, start, now));
        assert!(stillness.look(1, start, now));
        assert!(!stillness.answer(1, true));
        assert!(stillness.look(1, start, now));
        assert!(stillness.answer(1, true));
        assert!(!stillness.look(2, start, now), "it has moved");
        assert!(stillness.look(2, start, now));
        assert!(!stillness.answer(2, false));
        assert!(
            !stillness.look(2, start, now),
            "it may go on: nobody is asked again"
        );
    }
}
