//! The sign of life of a run.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The heartbeat of one run under [`restart`](crate::supervise::restart()); its clones beat for the same run.
#[derive(Clone, Debug)]
pub struct Beat(Arc<Pulse>);

#[derive(Debug)]
struct Pulse {
    born: Instant,
    /// The last beat, in nanoseconds since `born`, which counts as the first.
    last: AtomicU64,
}

impl Beat {
    pub(crate) fn new() -> Self {
        Beat(Arc::new(Pulse {
            born: Instant::now(),
            last: AtomicU64::new(0),
        }))
    }

    /// Says that the run makes progress. It costs a reading of the clock and takes no lock.
    pub fn beat(&self) {
        let since = self.0.born.elapsed().as_nanos();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.0.last.fetch_max(since, Relaxed);
    }

    fn last(&self) -> Instant {
        self.0.born + Duration::from_nanos(self.0.last.load(Relaxed))
    }

    /// Waits until no beat has come for `timeout`, and gives the time since the last one.
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
