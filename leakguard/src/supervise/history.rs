//! When a run may be started again, and after which pause; plain counting, with the time passed in.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// What is allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// So many restarts ...
    pub(crate) restarts: usize,
    /// ... within this time.
    pub(crate) period: Duration,
    /// The first pause; each further one within the period is twice as long.
    pub(crate) pause: Duration,
    pub(crate) longest_pause: Duration,
}

/// The restarts of the last period.
#[derive(Debug, Default)]
pub(crate) struct History(VecDeque<Instant>);

impl History {
    /// The pause before the next restart; `None` if that would be one too many.
    pub(crate) fn pause(&mut self, limit: &Limit, now: Instant) -> Option<Duration> {
        self.0
            .retain(|start| now.duration_since(*start) < limit.period);
        let doubled = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let pause = limit.pause.saturating_mul(2_u32.saturating_pow(doubled));
        let pause = pause.min(limit.longest_pause);
        let then = now.checked_add(pause).unwrap_or(now);
        let before = self
            .0
            .iter()
            .filter(|start| then.duration_since(**start) < limit.period);
        (before.count() < limit.restarts).then_some(pause)
    }

    /// It was started again.
    pub(crate) fn restarted(&mut self, now: Instant) {
        self.0.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const LIMIT: Limit = Limit {
        restarts: 3,
        period: Duration::from_millis(100),
        pause: MS,
        longest_pause: Duration::from_millis(3),
    };

    #[test]
    fn pauses_double_up_to_the_longest_and_the_fourth_restart_is_one_too_many() {
        let (mut history, mut now) = (History::default(), Instant::now());
        for pause in [MS, 2 * MS, 3 * MS] {
            assert_eq!(history.pause(&LIMIT, now), Some(pause));
            now += pause;
            history.restarted(now);
        }
        assert_eq!(history.pause(&LIMIT, now), None);
    }

    #[test]
    fn what_lies_a_period_back_no_longer_counts() {
        let (mut history, start) = (History::default(), Instant::now());
        for _ in 0..3 {
            history.restarted(start);
        }
        assert_eq!(history.pause(&LIMIT, start + 96 * MS), None);
        // With its pause of 3 ms the restart comes when the three are 100 ms old.
        assert_eq!(history.pause(&LIMIT, start + 97 * MS), Some(3 * MS));
        assert_eq!(history.pause(&LIMIT, start + 100 * MS), Some(MS));
    }

    #[test]
    fn a_limit_of_none_gives_up_at_once() {
        let never = Limit {
            restarts: 0,
            ..LIMIT
        };
        assert_eq!(History::default().pause(&never, Instant::now()), None);
    }
}
