//! The one thread of leakguard, and the one place that waits: it does the work it was given when
//! that is due, and while the coarse time is read, it sees that it does not grow old.

use super::{COARSE, Instant, now};
use crate::lock::Lock;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, OnceLock, PoisonError};
use std::time::Duration;

/// How old the coarse time may grow. Each tick wakes the thread, for about 5 us.
const TICK: Duration = Duration::from_millis(4);
/// A tick that comes later than this is remembered.
const LATE: Duration = Duration::from_millis(6);
/// So many late ticks are remembered.
const MEMORY: usize = 64;
/// How long the thread rests when its work has panicked.
const AFTER_PANIC: Duration = Duration::from_millis(10);
/// No system waits longer than it can count; this is long enough.
const FOREVER: Duration = Duration::from_secs(86_400);

/// Why the thread is to wake.
#[derive(Default)]
struct Calls {
    work: bool,
    tick: bool,
}

/// Not the thread's own token: whoever the work calls, such as a subscriber, may park and use that up.
static CALLS: Lock<Calls> = Lock::new(Calls {
    work: false,
    tick: false,
});
static BELL: Condvar = Condvar::new();
/// Nobody reads the coarse time, so nobody keeps it fresh.
static RESTS: AtomicBool = AtomicBool::new(false);
/// Does what is due, and says when something will be next.
static WORK: OnceLock<fn() -> Instant> = OnceLock::new();
/// Coarse times that were given for too long, and until when.
static LATES: Lock<VecDeque<(Instant, Instant)>> = Lock::new(VecDeque::new());

/// Starts the thread on first need; `false` if the system would not give one.
pub(crate) fn is_alive() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    *STARTED.get_or_init(|| {
        let named = std::thread::Builder::new().name("leakguard".to_owned());
        named.spawn(live).is_ok()
    })
}

/// Gives the thread its work, which is done at once, whenever it says, and at every [`ring`].
pub(crate) fn set_work(work: fn() -> Instant) {
    // There is one such work; who comes second brings the same.
    let _ = WORK.set(work);
}

/// There is work.
pub(crate) fn ring() {
    if is_alive() {
        CALLS.lock().work = true;
        BELL.notify_one();
    }
}

/// The coarse time is read again.
pub(super) fn keep_up() {
    if RESTS.swap(false, SeqCst) {
        CALLS.lock().tick = true;
        BELL.notify_one();
    }
}

/// Until when `coarse` was given as the time, if that was for too long.
pub(super) fn late_end(coarse: Instant) -> Option<Instant> {
    LATES.lock().iter().find(|l| l.0 == coarse).map(|l| l.1)
}

/// As if the pulse had found at `until` that `given` was given for too long.
#[cfg(test)]
pub(crate) fn tell_late(given: Instant, until: Instant) {
    LATES.lock().push_front((given, until));
}

fn live() {
    let mut due = Instant::default();
    loop {
        if take_call() || due <= now() {
            // Whatever panics, in code of the user's that the work calls, the next round comes:
            // all who wait, wait for this thread.
            let done = catch_unwind(AssertUnwindSafe(|| WORK.get().map(|work| work())));
            due = match done {
                Ok(next) => next.unwrap_or(Instant::FAR),
                Err(_) => now().plus(AFTER_PANIC),
            };
        }
        let tick = if expire() {
            now().plus(TICK)
        } else {
            Instant::FAR
        };
        sleep(due.min(tick));
    }
}

fn take_call() -> bool {
    std::mem::take(&mut *CALLS.lock()).work
}

/// The coarse time is too old for the next reader. `false` if nobody had read it since the last time.
fn expire() -> bool {
    let given = COARSE.swap(0, SeqCst);
    if given == 0 {
        RESTS.store(true, SeqCst);
        // Who read it before the line above has not called.
        return COARSE.load(SeqCst) != 0;
    }
    let (given, now) = (Instant(given), now());
    if now.since(given) > LATE {
        let mut lates = LATES.lock();
        lates.truncate(MEMORY - 1);
        lates.push_front((given, now));
    }
    true
}

/// Sleeps until `next`, or until somebody calls or has called.
fn sleep(next: Instant) {
    let mut calls = CALLS.lock();
    while !calls.work && !calls.tick {
        let left = next.since(now());
        if left.is_zero() {
            return;
        }
        let woken = BELL.wait_timeout(calls, left.min(FOREVER));
        calls = woken.unwrap_or_else(PoisonError::into_inner).0;
    }
}
