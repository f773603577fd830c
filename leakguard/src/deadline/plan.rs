//! When the watchdog looks next, written by itself and by all who need it earlier.

use crate::clock::Instant;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// When the watchdog looks at the latest: by itself, or because whoever wrote this rings.
pub(super) struct Plan(AtomicU64);

impl Plan {
    pub(super) const fn new() -> Self {
        Plan(AtomicU64::new(u64::MAX))
    }

    /// Nobody needs it later than `at`. Whether whoever says so has to ring: nearly never, and of many who need the same
    /// before the watchdog has heard it, only the first.
    #[inline]
    pub(super) fn lower_to(&self, at: Instant) -> bool {
        let at = at.nanos();
        at < self.0.load(SeqCst) && at < self.0.fetch_min(at, SeqCst)
    }

    /// A look begins, at all that is due; gives what was planned for later. That is kept even if the call that it was
    /// made for is over: otherwise each of many short calls, one after the other, would ring.
    ///
    /// Whoever lowers the plan during a look rings during that look, and what is written over it does not last: there
    /// is another look at once.
    pub(super) fn begin(&self, now: Instant) -> Instant {
        let planned = Instant::from_nanos(self.0.load(SeqCst));
        let kept = if planned > now { planned } else { Instant::FAR };
        self.set(kept);
        kept
    }

    /// The look is over, and the next will be at `next`.
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
    fn only_who_needs_it_earlier_rings() {
        let plan = Plan::new();
        assert!(plan.lower_to(MIDDLE));
        assert!(!plan.lower_to(MIDDLE) && !plan.lower_to(LATE));
        assert!(plan.lower_to(EARLY));
    }

    #[test]
    fn what_was_planned_for_later_outlives_a_look() {
        let plan = Plan::new();
        assert!(plan.lower_to(MIDDLE));
        let kept = plan.begin(EARLY);
        assert_eq!(kept, MIDDLE);
        plan.set(kept);
        assert!(!plan.lower_to(LATE));
    }

    #[test]
    fn what_was_due_does_not() {
        let plan = Plan::new();
        assert!(plan.lower_to(MIDDLE));
        assert_eq!(plan.begin(MIDDLE), Instant::FAR);
        assert!(plan.lower_to(LATE));
    }
}
