//! The one place that reads the time: exactly, or for 1 ns with the precision of a tick.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{self, Duration};

pub(crate) mod pulse;
pub(crate) mod share;

/// An instant, in nanoseconds since the first reading, so that it fits an atomic.
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

/// Saturates. `Duration::as_nanos` counts in 128 bits, which takes longer.
#[inline]
fn nanos(d: Duration) -> u64 {
    let seconds = d.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(d.subsec_nanos().into())
}

/// The exact time. It is always real time: a paused tokio clock does not stop a hung thread.
#[inline]
pub(crate) fn now() -> Instant {
    static ANCHOR: OnceLock<time::Instant> = OnceLock::new();
    Instant(nanos(ANCHOR.get_or_init(time::Instant::now).elapsed()))
}

/// The last exact reading, until the pulse expires it; 0 when the next reader is to read the clock.
static COARSE: AtomicU64 = AtomicU64::new(0);

/// The time, or a little earlier: see [`settled`]. A poll reads this twice, and reading the clock itself would cost
/// more than all else that is done for a poll.
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
    // Without a thread that expires it, every reading is an exact one.
    if pulse::ensure_started() {
        COARSE.store(now.0, Ordering::SeqCst);
        pulse::resume();
    }
    now
}

/// The instant at which `coarse` returned `moment`: at most 6 ms later. Where the thread that expires the coarse time
/// was late itself, the latest possible instant.
pub(crate) fn settled(moment: Instant) -> Instant {
    // What never happened has no instant.
    let noted = Some(moment).filter(|moment| *moment != Instant::default());
    noted.and_then(pulse::late_until).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_time_follows_the_exact_one_from_behind() {
        let began = coarse();
        assert!(began <= now());
        // It advances, and never goes back.
        let mut last = began;
        while last <= began.plus(Duration::from_millis(20)) {
            let next = coarse();
            assert!(last <= next && next <= now());
            last = next;
            std::thread::yield_now();
        }
        // A reading that was returned for too long is known to be that late.
        assert!(settled(last) >= last);
    }
}
