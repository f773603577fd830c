//! One place in the source that creates sleeps. It counts those that one task creates in a row, each before the one before
//! is due, and never knows where they are.

use crate::fact::id::TaskId;
use crate::fact::renewed_sleep::RenewedSleep;
use crate::lock::Lock;
use crate::site::CallSite;
use std::panic::Location;
use tokio::time::Instant;

/// Such a place. A `static`, however many sleeps are created there.
#[derive(Debug)]
pub struct SleepPlace {
    created: CallSite,
    last: Lock<Option<LastSleep>>,
}

/// The last sleep and its predecessors.
#[derive(Debug)]
struct LastSleep {
    task: TaskId,
    /// The number of the poll in which it was created.
    poll: u64,
    due: Instant,
    times: u64,
}

impl SleepPlace {
    /// Not public API. Used by generated code, whose span becomes the location.
    #[track_caller]
    #[expect(clippy::new_without_default, reason = "the location of a default would be wrong")]
    pub const fn new() -> Self {
        SleepPlace { created: Location::caller(), last: Lock::new(None) }
    }

    /// Notes a sleep until `due`, which `task` creates in its poll of that number. `true` for the first one of all.
    ///
    /// Several in one poll count as one, because they may belong together, as those of a `join!`.
    pub(crate) fn note(&self, task: TaskId, poll: u64, now: Instant, due: Instant) -> bool {
        let mut last = self.last.lock();
        let times = match &*last {
            Some(last) if last.task == task && now < last.due => {
                last.times + u64::from(last.poll != poll)
            }
            _ => 1,
        };
        last.replace(LastSleep { task, poll, due, times }).is_none()
    }

    /// `None` where none was created anew.
    pub(crate) fn facts(&self) -> Option<RenewedSleep> {
        let last = self.last.lock();
        let LastSleep { task, times, .. } = *last.as_ref().filter(|last| last.times > 1)?;
        Some(RenewedSleep { task, created: self.created, times })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn only_sleeps_that_replace_each_other_are_counted() {
        let place = SleepPlace::new();
        let [one, other] = [1, 2].map(|id| TaskId::new(id).unwrap());
        let (start, step) = (Instant::now(), Duration::from_secs(1));
        let times = || place.facts().map_or(1, |sleep| sleep.times);
        assert!(place.note(one, 1, start, start + 3 * step));
        for poll in 2..5 {
            assert!(!place.note(one, poll, start, start + 3 * step));
        }
        assert_eq!(times(), 4);
        // In the same poll.
        place.note(one, 4, start, start + 3 * step);
        assert_eq!(times(), 4);
        // The last one was due.
        place.note(one, 5, start + 3 * step, start + 4 * step);
        assert_eq!(times(), 1);
        place.note(other, 6, start, start + step);
        assert_eq!(times(), 1);
    }
}
