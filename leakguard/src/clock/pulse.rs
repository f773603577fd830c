//! The one thread of leakguard, and the one place that waits: it runs the watchdog when that is due, and expires the
//! coarse time while that is read.

use super::{COARSE, Instant, now};
use crate::lock::Lock;
use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Condvar, OnceLock, PoisonError};
use std::time::Duration;

/// How old the coarse time may become. Each tick wakes the thread, for about 5 us.
const TICK: Duration = Duration::from_millis(4);
/// Maximum age of a coarse time that is not recorded as late.
const LATE: Duration = Duration::from_millis(6);
/// Maximum number of late ticks that are recorded.
const MAX_LATE: usize = 64;
/// The work is done this often while the coarse time is read, which means that tasks run.
const ACTIVE: Duration = Duration::from_secs(1);
/// How long the thread pauses after a panic in its work.
const AFTER_PANIC: Duration = Duration::from_millis(10);
/// Maximum length of one wait, which every system can represent.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Why the thread is to wake.
#[derive(Default)]
struct Pending {
    work: bool,
    tick: bool,
}

/// Not the thread's own park token: code that the work calls, such as a subscriber, may park and consume that.
static PENDING: Lock<Pending> = Lock::new(Pending { work: false, tick: false });
static WAKEUP: Condvar = Condvar::new();
/// The coarse time is not read, so it need not expire.
static IDLE: AtomicBool = AtomicBool::new(false);
/// Does what is due, and returns when to run next.
static WORK: OnceLock<fn() -> Instant> = OnceLock::new();
/// Coarse times that were returned for too long, each with the end of that time, the latest first.
static LATES: Lock<VecDeque<(Instant, Instant)>> = Lock::new(VecDeque::new());

/// When the thread is to wake by itself, in nanoseconds, while it sleeps. 0 while it works.
static NEXT: AtomicU64 = AtomicU64::new(0);
/// How late the thread woke, each time with when it did, the last one first.
static OVERSLEPT: Lock<VecDeque<(Instant, Duration)>> = Lock::new(VecDeque::new());
/// Shortest delay of a wakeup that is recorded.
const SLOW: Duration = Duration::from_millis(2);

/// Starts the thread on the first call. Returns `false` if the system cannot start one.
pub(crate) fn ensure_started() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    *STARTED.get_or_init(|| {
        let named = std::thread::Builder::new().name("leakguard".to_owned());
        named.spawn(run).is_ok()
    })
}

/// Sets the work of the thread. It runs at once, at the time that it returned, and after every [`wake`].
pub(crate) fn set_work(work: fn() -> Instant) {
    // Every caller passes the same function.
    let _ = WORK.set(work);
}

/// Has the thread do its work now.
pub(crate) fn wake() {
    if ensure_started() {
        PENDING.lock().work = true;
        WAKEUP.notify_one();
    }
}

/// Has the thread expire the coarse time again.
pub(super) fn resume() {
    if IDLE.swap(false, SeqCst) {
        PENDING.lock().tick = true;
        WAKEUP.notify_one();
    }
}

/// Until when `coarse` was returned as the time, if that was for too long.
pub(super) fn late_until(coarse: Instant) -> Option<Instant> {
    let lates = LATES.lock();
    let found = lates.binary_search_by(|late| coarse.cmp(&late.0));
    found.ok().map(|at| lates[at].1)
}

/// How late this thread has woken since `since`, all together, which it does where the system does not let the process
/// run. It may still be asleep.
pub(crate) fn overslept_since(since: Instant) -> Duration {
    let next = Instant::from_nanos(NEXT.load(SeqCst));
    let current = if next == Instant::default() { Duration::ZERO } else { now().since(next) };
    let all = OVERSLEPT.lock();
    let past: Duration = all.iter().take_while(|late| late.0 > since).map(|late| late.1).sum();
    past + current
}

/// Records that `coarse` was returned as the time until `until`.
#[cfg(test)]
pub(crate) fn record_late(coarse: Instant, until: Instant) {
    let mut lates = LATES.lock();
    let at = lates.partition_point(|late| late.0 > coarse);
    lates.insert(at, (coarse, until));
}

thread_local!(static IS_PULSE: Cell<bool> = const { Cell::new(false) });

/// Whether the calling thread is this one.
#[cfg_attr(not(feature = "tracing"), allow(dead_code, reason = "only events depend on it"))]
pub(crate) fn is_current_thread() -> bool {
    IS_PULSE.get()
}

fn run() {
    IS_PULSE.set(true);
    let mut due = Instant::default();
    let (mut worked, mut is_read) = (due, false);
    loop {
        if take_work() || due <= now() {
            // Every deadline depends on this thread, so a panic in a user's code that the work calls must not end it.
            let done = catch_unwind(AssertUnwindSafe(|| WORK.get().map(|work| work())));
            due = match done {
                Ok(next) => next.unwrap_or(Instant::FAR),
                Err(_) => now().plus(AFTER_PANIC),
            };
            (worked, is_read) = (now(), false);
        }
        let ticks = expire();
        is_read |= ticks;
        if is_read {
            due = due.min(worked.plus(ACTIVE));
        }
        let tick = if ticks { now().plus(TICK) } else { Instant::FAR };
        sleep(due.min(tick));
    }
}

fn take_work() -> bool {
    std::mem::take(&mut *PENDING.lock()).work
}

/// Expires the coarse time for the next reader. Returns `false` if it was not read since the last tick.
fn expire() -> bool {
    let coarse = COARSE.swap(0, SeqCst);
    if coarse == 0 {
        IDLE.store(true, SeqCst);
        // A reader before the line above has not called `resume`.
        return COARSE.load(SeqCst) != 0;
    }
    let (coarse, now) = (Instant(coarse), now());
    if now.since(coarse) > LATE {
        let mut lates = LATES.lock();
        lates.truncate(MAX_LATE - 1);
        lates.push_front((coarse, now));
    }
    true
}

/// Sleeps until `next`, or until a wakeup is pending.
fn sleep(next: Instant) {
    let mut pending = PENDING.lock();
    let mut has_slept = false;
    NEXT.store(next.nanos(), SeqCst);
    while !pending.work && !pending.tick {
        let now = now();
        if now >= next {
            if has_slept {
                record_overslept(now, now.since(next));
            }
            break;
        }
        let woken = WAKEUP.wait_timeout(pending, next.since(now).min(LONGEST));
        pending = woken.unwrap_or_else(PoisonError::into_inner).0;
        has_slept = true;
    }
    NEXT.store(0, SeqCst);
}

pub(crate) fn record_overslept(now: Instant, late: Duration) {
    if late >= SLOW {
        let mut all = OVERSLEPT.lock();
        all.truncate(MAX_LATE - 1);
        all.push_front((now, late));
    }
}
