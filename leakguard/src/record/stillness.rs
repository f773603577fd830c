//! Whether anything moves in a test, as the watchdog sees it from time to time.

use crate::clock::Instant;
use std::time::Duration;

/// How long after its start a test is first checked, and the shortest time between two checks.
const SOON: Duration = Duration::from_millis(100);
/// The longest time between two checks.
const LATE: Duration = Duration::from_secs(1);

/// What the last checks showed.
#[derive(Debug, Default)]
pub(crate) struct Stillness {
    next: Instant,
    /// A number that changes with every poll of every task.
    seen: u64,
    response: LastResponse,
}

/// How the tasks responded since that number last changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LastResponse {
    #[default]
    Nothing,
    /// None of them can ever go on.
    Dead,
    /// One of them may go on.
    Alive,
}

impl Stillness {
    /// When to check a test that began at `entered` next.
    pub(crate) fn next(&self, entered: Instant) -> Instant {
        self.next.max(entered.plus(SOON))
    }

    /// One check at `now`. `true` if its tasks are to be probed: nothing has moved since the last check, and the reason
    /// is not known.
    pub(crate) fn look(&mut self, seen: u64, entered: Instant, now: Instant) -> bool {
        self.next = now.plus((now.since(entered) / 4).clamp(SOON, LATE));
        let same = self.seen == seen;
        if !same {
            *self = Stillness { next: self.next, seen, response: LastResponse::Nothing };
        }
        same && self.response != LastResponse::Alive
    }

    /// Records the response of the tasks. `true` if they could not go on twice in a row, and nothing moved in between.
    pub(crate) fn respond(&mut self, seen: u64, is_dead: bool) -> bool {
        let before = std::mem::replace(
            &mut self.response,
            if is_dead { LastResponse::Dead } else { LastResponse::Alive },
        );
        is_dead && before == LastResponse::Dead && self.seen == seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_dead_after_two_responses_without_progress() {
        let (mut stillness, start) = (Stillness::default(), Instant::default());
        let now = start.plus(SOON);
        assert_eq!(stillness.next(start), now);
        assert!(!stillness.look(1, start, now));
        assert!(stillness.look(1, start, now));
        assert!(!stillness.respond(1, true));
        assert!(stillness.look(1, start, now));
        assert!(stillness.respond(1, true));
        assert!(!stillness.look(2, start, now), "it has moved");
        assert!(stillness.look(2, start, now));
        assert!(!stillness.respond(2, false));
        assert!(!stillness.look(2, start, now), "it may go on, so it is not probed again");
    }
}
