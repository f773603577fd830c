//! How long events are counted together before they are reported in the log.

use crate::clock::Instant;
use std::time::Duration;

/// How long the log waits for more events after the first one.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long the log waits after the first report of a place, and at most.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// When an event that began at `first` is reported.
pub(crate) fn due(first: Instant) -> Instant {
    first.plus(PATIENCE)
}

/// How long a place that was reported is quiet in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogPause {
    pub(crate) until: Instant,
    pause: Duration,
}

impl LogPause {
    pub(crate) const fn new() -> Self {
        LogPause { until: Instant::from_nanos(0), pause: Duration::ZERO }
    }

    /// The place is reported now. Its next events are reported together, after a pause. The pause doubles each time that
    /// there were new events at its end, so that a function that is called often does not fill the log.
    pub(crate) fn extend(&mut self, now: Instant) {
        if now < self.until {
            return;
        }
        let has_more = now <= self.until.plus(self.pause);
        self.pause = match has_more {
            true => (self.pause * 2).min(LONGEST),
            false => FIRST,
        };
        self.until = now.plus(self.pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_reports_back_off() {
        let mut pause = LogPause::new();
        let start = Instant::from_nanos(1 << 40);
        let mut now = start;
        let mut reports = 0;
        while now.since(start) < Duration::from_secs(600) {
            now = due(now).max(pause.until);
            // Once for each code of the place.
            pause.extend(now);
            pause.extend(now);
            reports += 1;
        }
        assert_eq!(reports, 16);
        // After a long time without events, the next one is reported at once, and the pause is short again.
        let later = now.plus(LONGEST * 3);
        assert!(pause.until < later);
        pause.extend(later);
        assert_eq!(pause.until, later.plus(FIRST));
    }
}
