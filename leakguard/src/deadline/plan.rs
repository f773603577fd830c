//! When the watchdog checks next. The watchdog writes this time, and so do callers that need an earlier check.

use crate::clock::Instant;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// The latest time of the next check: the watchdog has planned it, or the caller that wrote it wakes the watchdog.
pub(super) struct Plan(AtomicU64);

impl Plan {
    pub(super) const fn new() -> Self {
        Plan(AtomicU64::new(u64::MAX))
    }

    /// Plans a check at `at` or earlier. Returns whether the caller has to wake the watchdog. That is rare, and of many
    /// callers that need the same time only the first has to.
    #[inline]
    pub(super) fn lower_to(&self, at: Instant) -> bool {
        let at = at.nanos();
        at < self.0.load(SeqCst) && at < self.0.fetch_min(at, SeqCst)
    }

    /// Begins a check of all that is due. Returns what was planned for later, which is kept even if its call is over,
    /// because otherwise each of many short calls in a row would wake the watchdog.
    ///
    /// A caller that lowers the plan during a check wakes the watchdog during that check. What is written over its time
    /// does not last, because another check follows at once.
    pub(super) fn begin(&self, now: Instant) -> Instant {
        let planned = Instant::from_nanos(self.0.load(SeqCst));
        let kept = if planned > now { planned } else { Instant::FAR };
        self.set(kept);
        kept
    }

    /// Ends a check and plans the next one.
    pub(super) fn set(&self, next: Instant) {
        self.0.store(next.nanos(), SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLY: Instant = Instant::from_nanos(1);
    const MIDDLE: Instant = Instant::from_nanos(2);
    const LATE: Instant = Instant::from_nanos(3);

    #[test]
    fn only_an_earlier_time_wakes_the_watchdog() {
        let plan = Plan::new();
        assert!(plan.lower_to(MIDDLE));
        assert!(!plan.lower_to(MIDDLE) && !plan.lower_to(LATE));
        assert!(plan.lower_to(EARLY));
    }

    #[test]
    fn a_later_time_outlives_a_check() {
        let plan = Plan::new();
        assert!(plan.lower_to(MIDDLE));
        let kept = plan.begin(EARLY);
        assert_eq!(kept, MIDDLE);
        plan.set(kept);
        assert!(!plan.lower_to(LATE));
    }

    #[test]
    fn a_due_time_does_not_outlive_a_check() {
        let plan = Plan::new();
        assert!(plan.lower_to(MIDDLE));
        assert_eq!(plan.begin(MIDDLE), Instant::FAR);
        assert!(plan.lower_to(LATE));
    }
}
