//! The time in which polls of probed tasks may be the doing of the probe. It lasts a little longer than the probe, because a
//! set that has polled all its futures has itself polled once more.

use crate::clock::{self, Instant};
use crate::lock::Lock;
use crate::record::live::Live;
use std::collections::VecDeque;
use std::time::Duration;

/// How long after a probe a poll may still be its doing.
const AFTER: Duration = Duration::from_millis(20);

/// The tasks of one probe.
pub(super) struct Disturbance(Vec<Live>);

/// The tasks of ended probes, with when they are to be left alone. In the order of that time.
static ENDED: Lock<VecDeque<(Instant, Vec<Live>)>> = Lock::new(VecDeque::new());

impl Disturbance {
    pub(super) fn begin(tasks: impl Iterator<Item = Live>) -> Self {
        Disturbance(tasks.filter(|task| task.disturb()).collect())
    }
}

impl Drop for Disturbance {
    fn drop(&mut self) {
        let tasks = std::mem::take(&mut self.0);
        if !tasks.is_empty() {
            let mut ended = ENDED.lock();
            ended.push_back((clock::now().plus(AFTER), tasks));
        }
    }
}

/// Leaves alone the tasks whose time is over. Returns when that of others is.
pub(crate) fn end_due() -> Instant {
    let now = clock::now();
    let mut due = Vec::new();
    let next = {
        let mut ended = ENDED.lock();
        while ended.front().is_some_and(|(at, _)| *at <= now) {
            due.extend(ended.pop_front());
        }
        ended.front().map_or(Instant::FAR, |(at, _)| *at)
    };
    // Without the lock, because the last handle of a record may run code of the user's.
    due.iter().flat_map(|(_, tasks)| tasks).for_each(|task| task.calm());
    next
}
