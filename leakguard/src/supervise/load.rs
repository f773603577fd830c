//! What runs in a monitor and what it has come to: plain counting, with the time passed in. Knows
//! nothing of tasks, timers and locks.

use crate::supervise::seen::Mark;
use crate::supervise::tally::Tally;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Whether somebody waits for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Awaited,
    Abandoned,
}

/// Why nobody waits for a call any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    TimedOut,
    Dropped,
}

/// The time from when all places were taken to when a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stall {
    /// Since when all places were taken.
    since: Instant,
    /// When it ended, if it has.
    until: Option<Instant>,
    /// How many calls were refused meanwhile.
    pub(crate) refused: u64,
    alerted: bool,
}

impl Stall {
    /// For how long it has lasted, or did.
    pub(crate) fn lasted(&self, now: Instant) -> Duration {
        self.until
            .unwrap_or(now)
            .saturating_duration_since(self.since)
    }
}

/// The calls of one monitor.
#[derive(Debug)]
pub(crate) struct Load {
    max_active: usize,
    alert_after: Option<Duration>,
    calls: BTreeMap<u64, (Standing, Mark)>,
    /// Set while all places are taken. Every end frees a place, so no call has ended since either.
    stall: Option<Stall>,
    /// Stalls that lasted long enough and ended before anybody came to say so.
    owed: Vec<Stall>,
    tally: Tally,
}

impl Load {
    pub(crate) fn new(max_active: usize, alert_after: Option<Duration>) -> Self {
        Load {
            max_active,
            alert_after,
            calls: BTreeMap::new(),
            stall: None,
            owed: Vec::new(),
            tally: Tally::default(),
        }
    }

    pub(crate) fn tally(&self) -> Tally {
        Tally {
            active: self.calls.len(),
            ..self.tally
        }
    }

    /// Lets a call in and gives its number, unless all places are taken.
    pub(crate) fn enter(&mut self, now: Instant) -> Option<u64> {
        if let Some(stall) = &mut self.stall {
            stall.refused += 1;
            self.tally.busy += 1;
            return None;
        }
        self.tally.started += 1;
        let number = self.tally.started;
        self.calls
            .insert(number, (Standing::Awaited, Mark::default()));
        if self.calls.len() >= self.max_active {
            self.stall = Some(Stall {
                since: now,
                until: None,
                refused: 0,
                alerted: false,
            });
        }
        Some(number)
    }

    /// Notes by what a dump finds the call.
    pub(crate) fn mark(&mut self, number: u64, mark: Mark) {
        if let Some(call) = self.calls.get_mut(&number) {
            call.1 = mark;
        }
    }

    /// The marks of all calls that run.
    pub(crate) fn marks(&self) -> Vec<Mark> {
        self.calls.values().map(|(_, mark)| mark.clone()).collect()
    }

    /// Nobody waits for the call any more. `false` if it is over, so that its value can be had, and
    /// if this was said before.
    pub(crate) fn abandon(&mut self, number: u64, why: Why) -> bool {
        let standing = self.calls.get_mut(&number).map(|call| &mut call.0);
        let Some(standing) = standing.filter(|standing| **standing == Standing::Awaited) else {
            return false;
        };
        *standing = Standing::Abandoned;
        match why {
            Why::TimedOut => self.tally.timed_out += 1,
            Why::Dropped => self.tally.dropped += 1,
        }
        true
    }

    /// A call is over; `cancelled` if it was not by itself. This is what keeps alerts away.
    pub(crate) fn leave(&mut self, number: u64, cancelled: bool, now: Instant) {
        let Some((standing, _)) = self.calls.remove(&number) else {
            return;
        };
        self.tally.ended += 1;
        match (standing, cancelled) {
            (Standing::Awaited, _) => {}
            (Standing::Abandoned, false) => self.tally.ended_late += 1,
            (Standing::Abandoned, true) => self.tally.cancelled += 1,
        }
        if let Some(mut stall) = self.stall.take()
            && self.due(&stall).is_some_and(|at| at <= now)
        {
            stall.until = Some(now);
            self.owed.push(stall);
        }
    }

    fn due(&self, stall: &Stall) -> Option<Instant> {
        // A moment too far away to be told never comes.
        let at = stall.since.checked_add(self.alert_after?)?;
        (!stall.alerted).then_some(at)
    }

    /// When the next alert is to be raised, if no call ends before.
    pub(crate) fn next_alert(&self) -> Option<Instant> {
        let owed = self.owed.first().map(|stall| stall.since);
        owed.or_else(|| self.due(self.stall.as_ref()?))
    }

    /// The stall of which an alert is due by now; given once.
    pub(crate) fn take_alert(&mut self, now: Instant) -> Option<Stall> {
        let due = self.stall.and_then(|stall| self.due(&stall));
        let taken = if self.owed.is_empty() {
            let stall = self
                .stall
                .as_mut()
                .filter(|_| due.is_some_and(|at| at <= now))?;
            stall.alerted = true;
            *stall
        } else {
            self.owed.remove(0)
        };
        self.tally.alerts += 1;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: Duration = Duration::from_millis(10);

    fn full() -> (Load, Instant) {
        let (mut load, start) = (Load::new(1, Some(AFTER)), Instant::now());
        assert_eq!(load.enter(start), Some(1));
        (load, start)
    }

    #[test]
    fn a_stall_that_nobody_came_to_see_is_owed_once() {
        let (mut load, start) = full();
        assert_eq!(load.enter(start), None);
        load.leave(1, false, start + AFTER);
        assert_eq!(load.next_alert(), Some(start));
        assert_eq!(load.take_alert(start + AFTER).map(|s| s.refused), Some(1));
        assert_eq!(
            (load.take_alert(start + AFTER), load.next_alert()),
            (None, None)
        );
        assert_eq!(load.tally().alerts, 1);
    }

    #[test]
    fn a_stall_that_was_told_is_not_owed_too() {
        let (mut load, start) = full();
        assert_eq!(load.take_alert(start), None);
        assert!(load.take_alert(start + AFTER).is_some());
        assert_eq!(load.take_alert(start + 2 * AFTER), None);
        load.leave(1, false, start + 3 * AFTER);
        assert_eq!(load.next_alert(), None);
    }

    #[test]
    fn an_end_in_time_keeps_the_alert_away() {
        let (mut load, start) = full();
        load.leave(1, false, start + AFTER / 2);
        assert_eq!(load.take_alert(start + AFTER), None);
        // The next stall counts from its own start.
        load.enter(start + AFTER / 2);
        assert_eq!(load.next_alert(), Some(start + AFTER / 2 + AFTER));
    }

    #[test]
    fn what_has_ended_cannot_be_abandoned() {
        let (mut load, start) = full();
        load.leave(1, false, start);
        assert!(!load.abandon(1, Why::TimedOut));
        assert_eq!(load.tally().timed_out, 0);
    }
}
