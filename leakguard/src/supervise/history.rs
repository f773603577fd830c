//! Whether a run may be restarted, and after which pause. The time is passed in.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// How often and how fast a run may be restarted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestartLimit {
    /// Maximum number of restarts within the period.
    pub(crate) restarts: usize,
    pub(crate) period: Duration,
    /// The first pause. Each further one within the period is twice as long.
    pub(crate) pause: Duration,
    pub(crate) longest_pause: Duration,
}

/// The restarts of the last period.
#[derive(Debug, Default)]
pub(crate) struct RestartHistory(VecDeque<Instant>);

impl RestartHistory {
    /// The pause before the next restart. `None` if that would exceed the limit.
    pub(crate) fn pause(&mut self, limit: &RestartLimit, now: Instant) -> Option<Duration> {
        self.0.retain(|start| now.duration_since(*start) < limit.period);
        let doubled = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let pause = limit.pause.saturating_mul(2_u32.saturating_pow(doubled));
        let pause = pause.min(limit.longest_pause);
        let then = now.checked_add(pause).unwrap_or(now);
        let before = self.0.iter().filter(|start| then.duration_since(**start) < limit.period);
        (before.count() < limit.restarts).then_some(pause)
    }

    /// The run was restarted.
    pub(crate) fn add(&mut self, now: Instant) {
        self.0.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const LIMIT: RestartLimit = RestartLimit {
        restarts: 3,
        period: Duration::from_millis(100),
        pause: MS,
        longest_pause: Duration::from_millis(3),
    };

    #[test]
    fn pauses_double_up_to_the_longest_until_the_limit() {
        let (mut history, mut now) = (RestartHistory::default(), Instant::now());
        for pause in [MS, 2 * MS, 3 * MS] {
            assert_eq!(history.pause(&LIMIT, now), Some(pause));
            now += pause;
            history.add(now);
        }
        assert_eq!(history.pause(&LIMIT, now), None);
    }

    #[test]
    fn restarts_before_the_period_do_not_count() {
        let (mut history, start) = (RestartHistory::default(), Instant::now());
        for _ in 0..3 {
            history.add(start);
        }
        assert_eq!(history.pause(&LIMIT, start + 96 * MS), None);
        // With its pause of 3 ms the restart comes when the three are 100 ms old.
        assert_eq!(history.pause(&LIMIT, start + 97 * MS), Some(3 * MS));
        assert_eq!(history.pause(&LIMIT, start + 100 * MS), Some(MS));
    }

    #[test]
    fn limit_of_zero_allows_no_restart() {
        let never = RestartLimit { restarts: 0, ..LIMIT };
        assert_eq!(RestartHistory::default().pause(&never, Instant::now()), None);
    }
}
