//! The heartbeat of a run.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The heartbeat of one run under [`restart`](crate::supervise::restart()). Its clones beat for the same run.
#[derive(Clone, Debug)]
pub struct Beat(Arc<LastBeat>);

#[derive(Debug)]
struct LastBeat {
    /// The start of the run, which counts as the first beat.
    start: Instant,
    /// The last beat, in nanoseconds since the start.
    nanoseconds: AtomicU64,
}

impl Beat {
    pub(crate) fn new() -> Self {
        Beat(Arc::new(LastBeat { start: Instant::now(), nanoseconds: AtomicU64::new(0) }))
    }

    /// Signals that the run makes progress. It reads the clock and acquires no lock.
    pub fn beat(&self) {
        let since = self.0.start.elapsed().as_nanos();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.0.nanoseconds.fetch_max(since, Relaxed);
    }

    fn last(&self) -> Instant {
        self.0.start + Duration::from_nanos(self.0.nanoseconds.load(Relaxed))
    }

    /// Waits until no beat has come for `timeout`. Returns the time since the last one.
    pub(crate) async fn missed(&self, timeout: Option<Duration>) -> Duration {
        loop {
            let due = timeout.and_then(|timeout| self.last().checked_add(timeout));
            let Some(due) = due else {
                return pending().await;
            };
            if due <= Instant::now() {
                return self.last().elapsed();
            }
            sleep_until(due).await;
        }
    }
}
