//! The one place that reads the time: exactly, or for a nanosecond within a tick.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{self, Duration};

pub(crate) mod pulse;

/// A moment, in nanoseconds since the first one was read; fits an atomic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Instant(u64);

impl Instant {
    pub(crate) const FAR: Instant = Instant(u64::MAX);

    pub(crate) const fn from_nanos(nanos: u64) -> Self {
        Instant(nanos)
    }

    pub(crate) fn nanos(self) -> u64 {
        self.0
    }

    pub(crate) fn plus(self, by: Duration) -> Self {
        Instant(self.0.saturating_add(nanos(by)))
    }

    pub(crate) fn minus(self, by: Duration) -> Self {
        Instant(self.0.saturating_sub(nanos(by)))
    }

    pub(crate) fn since(self, earlier: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// As many as fit. `Duration::as_nanos` counts in 128 bits, which takes longer.
#[inline]
fn nanos(d: Duration) -> u64 {
    let seconds = d.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(d.subsec_nanos().into())
}

/// Now. Real time always: a paused tokio clock does not stop a hung thread.
#[inline]
pub(crate) fn now() -> Instant {
    static ANCHOR: OnceLock<time::Instant> = OnceLock::new();
    Instant(nanos(ANCHOR.get_or_init(time::Instant::now).elapsed()))
}

/// The last exact reading, until the pulse finds it too old; 0 when the next reader is to look.
static COARSE: AtomicU64 = AtomicU64::new(0);

/// Now, or a little earlier: see [`settled`]. A poll reads this twice, and reading the clock
/// itself would cost more than all the rest of what is done for a poll.
#[inline]
pub(crate) fn coarse() -> Instant {
    match COARSE.load(Ordering::Relaxed) {
        0 => refresh(),
        nanos => Instant(nanos),
    }
}

#[cold]
fn refresh() -> Instant {
    let now = Instant(now().0.max(1));
    // Without a thread to find it too old, every reading is an exact one.
    if pulse::is_alive() {
        COARSE.store(now.0, Ordering::SeqCst);
        pulse::keep_up();
    }
    now
}

/// The moment at which `coarse` gave `moment`: no more than 6 ms later, or the latest at which it
/// can have been where the thread that keeps the time was late itself.
pub(crate) fn settled(moment: Instant) -> Instant {
    pulse::late_end(moment).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarse_time_follows_the_exact_one_from_behind() {
        let began = coarse();
        assert!(began <= now());
        // It does move on, and never back.
        let mut last = began;
        while last <= began.plus(Duration::from_millis(20)) {
            let next = coarse();
            assert!(last <= next && next <= now());
            last = next;
            std::thread::yield_now();
        }
        // One that was given for too long is known to be as late as that.
        assert!(settled(last) >= last);
    }
}
