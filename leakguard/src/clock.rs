//! The one place that reads the time.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A moment, in nanoseconds since the first one was read; fits an atomic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Moment(u64);

impl Moment {
    pub(crate) const FAR: Moment = Moment(u64::MAX);

    pub(crate) fn from_nanos(nanos: u64) -> Self {
        Moment(nanos)
    }

    pub(crate) fn nanos(self) -> u64 {
        self.0
    }

    pub(crate) fn plus(self, by: Duration) -> Self {
        Moment(self.0.saturating_add(nanos(by)))
    }

    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

fn nanos(d: Duration) -> u64 {
    u64::try_from(d.as_nanos()).unwrap_or(u64::MAX)
}

/// Now. Real time always: a paused tokio clock does not stop a hung thread.
pub(crate) fn now() -> Moment {
    static ANCHOR: OnceLock<Instant> = OnceLock::new();
    Moment(nanos(ANCHOR.get_or_init(Instant::now).elapsed()))
}
