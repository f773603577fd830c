//! Counts the calls of a monitor, with the time passed in. Knows nothing of tasks, timers and locks.

use crate::supervise::registration::CallRecord;
use crate::supervise::tally::Tally;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Why a caller stopped waiting for its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abandonment {
    TimedOut,
    Dropped,
}

/// The time during which a monitor was full and no call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stall {
    /// When the monitor became full.
    since: Instant,
    /// When a call ended, if one has.
    until: Option<Instant>,
    /// Number of calls that were refused meanwhile.
    pub(crate) refused: u64,
    alerted: bool,
}

impl Stall {
    /// How long it has lasted, or lasted until a call ended.
    pub(crate) fn lasted(&self, now: Instant) -> Duration {
        self.until.unwrap_or(now).saturating_duration_since(self.since)
    }
}

/// A call that has not ended.
#[derive(Debug, Default)]
struct RunningCall {
    is_abandoned: bool,
    record: CallRecord,
}

/// The calls of one monitor.
#[derive(Debug)]
pub(crate) struct Load {
    max_active: usize,
    alert_after: Option<Duration>,
    calls: BTreeMap<u64, RunningCall>,
    /// Set while the monitor is full. No call has ended since then, because an end frees a slot.
    stall: Option<Stall>,
    /// Stalls that lasted long enough, and ended before their alert was raised.
    unreported: Vec<Stall>,
    tally: Tally,
}

impl Load {
    pub(crate) fn new(max_active: usize, alert_after: Option<Duration>) -> Self {
        Load {
            max_active,
            alert_after,
            calls: BTreeMap::new(),
            stall: None,
            unreported: Vec::new(),
            tally: Tally::default(),
        }
    }

    pub(crate) fn tally(&self) -> Tally {
        Tally { active: self.calls.len(), ..self.tally }
    }

    /// Admits a call and returns its number, unless the monitor is full.
    pub(crate) fn enter(&mut self, now: Instant) -> Option<u64> {
        if let Some(stall) = &mut self.stall {
            stall.refused += 1;
            self.tally.busy += 1;
            return None;
        }
        self.tally.started += 1;
        let number = self.tally.started;
        self.calls.insert(number, RunningCall::default());
        if self.calls.len() >= self.max_active {
            self.stall = Some(Stall { since: now, until: None, refused: 0, alerted: false });
        }
        Some(number)
    }

    /// Sets the record by which a dump finds the call.
    pub(crate) fn set_record(&mut self, number: u64, record: CallRecord) {
        if let Some(call) = self.calls.get_mut(&number) {
            call.record = record;
        }
    }

    /// The records of all running calls.
    pub(crate) fn records(&self) -> Vec<CallRecord> {
        self.calls.values().map(|call| call.record.clone()).collect()
    }

    /// The caller stops waiting for the call. Returns `false` if the call has ended, so that its value is available, and
    /// if it was abandoned before.
    pub(crate) fn abandon(&mut self, number: u64, reason: Abandonment) -> bool {
        let call = self.calls.get_mut(&number);
        let Some(call) = call.filter(|call| !call.is_abandoned) else {
            return false;
        };
        call.is_abandoned = true;
        match reason {
            Abandonment::TimedOut => self.tally.timed_out += 1,
            Abandonment::Dropped => self.tally.dropped += 1,
        }
        true
    }

    /// A call has ended, by itself or `cancelled`. This is what prevents alerts.
    pub(crate) fn leave(&mut self, number: u64, cancelled: bool, now: Instant) {
        let Some(call) = self.calls.remove(&number) else {
            return;
        };
        self.tally.ended += 1;
        match (call.is_abandoned, cancelled) {
            (false, _) => {}
            (true, false) => self.tally.ended_late += 1,
            (true, true) => self.tally.cancelled += 1,
        }
        if let Some(mut stall) = self.stall.take()
            && self.due(&stall).is_some_and(|at| at <= now)
        {
            stall.until = Some(now);
            self.unreported.push(stall);
        }
    }

    fn due(&self, stall: &Stall) -> Option<Instant> {
        // An instant that cannot be represented never comes.
        let at = stall.since.checked_add(self.alert_after?)?;
        (!stall.alerted).then_some(at)
    }

    /// When the next alert is due, unless a call ends before.
    pub(crate) fn next_alert(&self) -> Option<Instant> {
        let overdue = self.unreported.first().map(|stall| stall.since);
        overdue.or_else(|| self.due(self.stall.as_ref()?))
    }

    /// A stall whose alert is due. Each is returned once.
    pub(crate) fn take_alert(&mut self, now: Instant) -> Option<Stall> {
        let due = self.stall.and_then(|stall| self.due(&stall));
        let stall = if self.unreported.is_empty() {
            let stall = self.stall.as_mut().filter(|_| due.is_some_and(|at| at <= now))?;
            stall.alerted = true;
            *stall
        } else {
            self.unreported.remove(0)
        };
        self.tally.alerts += 1;
        Some(stall)
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
    fn stall_that_ended_before_its_alert_is_reported_once() {
        let (mut load, start) = full();
        assert_eq!(load.enter(start), None);
        load.leave(1, false, start + AFTER);
        assert_eq!(load.next_alert(), Some(start));
        assert_eq!(load.take_alert(start + AFTER).map(|s| s.refused), Some(1));
        assert_eq!((load.take_alert(start + AFTER), load.next_alert()), (None, None));
        assert_eq!(load.tally().alerts, 1);
    }

    #[test]
    fn reported_stall_is_not_reported_again_at_its_end() {
        let (mut load, start) = full();
        assert_eq!(load.take_alert(start), None);
        assert!(load.take_alert(start + AFTER).is_some());
        assert_eq!(load.take_alert(start + 2 * AFTER), None);
        load.leave(1, false, start + 3 * AFTER);
        assert_eq!(load.next_alert(), None);
    }

    #[test]
    fn call_that_ends_in_time_prevents_the_alert() {
        let (mut load, start) = full();
        load.leave(1, false, start + AFTER / 2);
        assert_eq!(load.take_alert(start + AFTER), None);
        // The next stall counts from its own start.
        load.enter(start + AFTER / 2);
        assert_eq!(load.next_alert(), Some(start + AFTER / 2 + AFTER));
    }

    #[test]
    fn ended_call_cannot_be_abandoned() {
        let (mut load, start) = full();
        load.leave(1, false, start);
        assert!(!load.abandon(1, Abandonment::TimedOut));
        assert_eq!(load.tally().timed_out, 0);
    }
}
