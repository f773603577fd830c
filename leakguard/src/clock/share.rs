//! How long the system made the threads of this process wait for a processor. Read only where a deadline has passed,
//! because that costs a system call for each thread.

use super::{Instant, now};
use crate::lock::Lock;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Maximum number of threads that are read.
const MOST: usize = 256;
/// For how long what was read is used again.
const FRESH: Duration = Duration::from_millis(4);
/// How the names of threads begin that do not count: what they do is no work of the program's.
const OWN: &str = "leakguard";
/// How long before a scope a reading may be that counts for it. One is taken twice as often while tasks run.
const RECENT: Duration = Duration::from_secs(2);
/// Maximum number of earlier readings that are kept, and the least time between two.
const KEPT: usize = 16;
const APART: Duration = Duration::from_millis(100);
/// How long the threads must have waited, beside running for less than that, for the machine to count as loaded.
const LOADED: Duration = Duration::from_millis(20);
/// The unit in which Linux tells when a thread started.
const TICK: Duration = Duration::from_millis(10);

/// What each thread has got so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Share {
    at: Instant,
    /// The same, counted from the start of the system, as the starts of threads are.
    uptime: Duration,
    threads: HashMap<u32, ThreadShare>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ThreadShare {
    ran: Duration,
    /// How long it was runnable without running. A wait counts once it is over.
    waited: Duration,
    is_runnable: bool,
    /// When it started, from the start of the system.
    started: Duration,
}

/// Readings, the latest first.
static READINGS: Lock<VecDeque<Arc<Share>>> = Lock::new(VecDeque::new());

impl Share {
    /// Empty where the system does not tell. Many scopes may be due at a time, so it may be 4 ms old.
    pub(crate) fn now() -> Arc<Self> {
        let (mut readings, now) = (READINGS.lock(), now());
        if let Some(last) = readings.front().filter(|last| now.since(last.at) < FRESH) {
            return last.clone();
        }
        let (threads, uptime) = (threads().unwrap_or_default(), uptime().unwrap_or_default());
        let share = Arc::new(Share { at: now, uptime, threads });
        // The latest one is replaced until it is far enough from the one before.
        if readings.get(1).is_some_and(|before| readings[0].at.since(before.at) < APART) {
            readings.pop_front();
        }
        readings.push_front(share.clone());
        readings.truncate(KEPT);
        share
    }

    /// Takes a reading for later scopes, unless there is a recent one.
    pub(crate) fn keep_recent() {
        let last = READINGS.lock().front().map(|last| last.at);
        if last.is_none_or(|last| now().since(last) >= RECENT / 2) {
            Self::now();
        }
    }

    /// What the threads have got since an earlier reading near `start`, or since the process began, if that was near.
    /// `None` if neither is known: what they waited for in hours says nothing of the last second.
    pub(crate) fn since(&self, start: Instant) -> Option<Share> {
        let span = self.at.since(start);
        let earliest = start.minus(span.max(RECENT));
        let (from, to) = (earliest, start.plus(span / 2));
        let readings = READINGS.lock();
        let near = readings.iter().find(|reading| (from..=to).contains(&reading.at));
        match near {
            Some(reading) => Some(self.beyond(reading)),
            None => (earliest == Instant::default()).then(|| self.clone()),
        }
    }

    fn beyond(&self, earlier: &Share) -> Share {
        let beyond = |(id, thread): (&u32, &ThreadShare)| {
            let before = earlier.threads.get(id).copied().unwrap_or_default();
            (*id, thread.beyond(&before))
        };
        Share { threads: self.threads.iter().map(beyond).collect(), ..*self }
    }

    /// What those threads have got that started after `start`. No earlier reading is needed for them.
    pub(crate) fn of_new_threads(&self, start: Instant) -> Share {
        let span = self.at.since(start);
        let is_new = |thread: &ThreadShare| self.uptime.saturating_sub(thread.started) < span;
        let new = self.threads.iter().filter(|(_, thread)| is_new(thread));
        Share { threads: new.map(|(id, thread)| (*id, *thread)).collect(), ..*self }
    }

    /// Of a process with one thread. All times are milliseconds.
    #[cfg(test)]
    pub(crate) fn of_one_thread(at: u64, ran: u64, waited: u64) -> Arc<Self> {
        let [ran, waited] = [ran, waited].map(Duration::from_millis);
        let thread = ThreadShare { ran, waited, ..Default::default() };
        let at = Instant::from_nanos(at * 1_000_000);
        Arc::new(Share { at, threads: [(1, thread)].into(), ..Default::default() })
    }

    /// The same, of a thread that wants to run.
    #[cfg(test)]
    pub(crate) fn of_runnable_thread(at: u64, ran: u64) -> Self {
        let mut share = (*Self::of_one_thread(at, ran, 0)).clone();
        share.threads.values_mut().for_each(|thread| thread.is_runnable = true);
        share
    }

    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    /// How long a thread was kept from running since `earlier`: the thread for which that was longest.
    pub(crate) fn withheld_since(&self, earlier: &Share) -> Duration {
        let window = self.at.since(earlier.at);
        let all = self.threads.iter().map(|(id, thread)| match earlier.threads.get(id) {
            Some(before) => thread.withheld_since(before, window),
            None => thread.waited,
        });
        all.max().unwrap_or_default().min(window)
    }

    /// Whether a thread runs, or waits for a processor. How long it waits counts only once that is over.
    pub(crate) fn is_runnable(&self) -> bool {
        self.threads.values().any(|thread| thread.is_runnable)
    }

    /// Whether the threads have waited for longer than they ran.
    pub(crate) fn is_loaded(&self) -> bool {
        let sum = |part: fn(&ThreadShare) -> Duration| self.threads.values().map(part).sum();
        let (ran, waited): (Duration, Duration) = (sum(|t| t.ran), sum(|t| t.waited));
        waited >= LOADED && waited > ran
    }

    /// The longest that a thread has waited.
    pub(crate) fn longest_wait(&self) -> Duration {
        self.threads.values().map(|thread| thread.waited).max().unwrap_or_default()
    }
}

impl ThreadShare {
    fn beyond(&self, before: &ThreadShare) -> Self {
        let ran = self.ran.saturating_sub(before.ran);
        ThreadShare { ran, waited: self.waited.saturating_sub(before.waited), ..*self }
    }

    fn withheld_since(&self, before: &ThreadShare, window: Duration) -> Duration {
        let waited = self.waited.saturating_sub(before.waited);
        // The wait that goes on now is not counted yet.
        let is_kept = self.is_runnable && before.is_runnable;
        let rest = window.saturating_sub(self.ran.saturating_sub(before.ran));
        if is_kept { waited.max(rest) } else { waited }
    }

    /// `schedstat` has nanoseconds run, nanoseconds waited and a count. In `stat` the name stands in parentheses, then
    /// follow the state and 18 numbers, and then the start. `None` for a thread of leakguard's.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux has such files"))]
    fn parse(schedstat: &str, stat: &str) -> Option<Self> {
        let mut numbers = schedstat.split_ascii_whitespace().map(|word| word.parse().ok());
        let mut next = || numbers.next().flatten().map(Duration::from_nanos);
        let (head, state) = stat.rsplit_once(") ")?;
        let is_own = head.rsplit_once('(').is_some_and(|(_, name)| name.starts_with(OWN));
        let started = state.split_ascii_whitespace().nth(19).and_then(|ticks| ticks.parse().ok());
        let share = ThreadShare {
            ran: next()?,
            waited: next()?,
            is_runnable: state.starts_with('R'),
            started: TICK * started.unwrap_or_default(),
        };
        (!is_own).then_some(share)
    }
}

#[cfg(target_os = "linux")]
fn threads() -> Option<HashMap<u32, ThreadShare>> {
    use std::fs;
    let entries = fs::read_dir("/proc/self/task").ok()?;
    let read = |entry: fs::DirEntry| {
        let file = |name| fs::read_to_string(entry.path().join(name)).ok();
        let id = entry.file_name().to_str()?.parse().ok()?;
        Some((id, ThreadShare::parse(&file("schedstat")?, &file("stat")?)?))
    };
    Some(entries.take(MOST).filter_map(|entry| read(entry.ok()?)).collect())
}

/// How long the system has run.
#[cfg(target_os = "linux")]
fn uptime() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    Duration::try_from_secs_f64(text.split_ascii_whitespace().next()?.parse().ok()?).ok()
}

#[cfg(not(target_os = "linux"))]
fn uptime() -> Option<Duration> {
    None
}

#[cfg(not(target_os = "linux"))]
fn threads() -> Option<HashMap<u32, ThreadShare>> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn share(at: u64, threads: &[(u32, u64, u64, bool)]) -> Share {
        let thread = |&(id, ran, waited, is_runnable)| {
            let started = Duration::ZERO;
            (id, ThreadShare { ran: ms(ran), waited: ms(waited), is_runnable, started })
        };
        let threads = threads.iter().map(thread).collect();
        let at = Instant::from_nanos(at * 1_000_000);
        Share { at, threads, ..Default::default() }
    }

    #[test]
    fn waits_of_a_thread_that_started_since_are_known() {
        let mut share = share(3_600_000, &[(1, 10, 30_000, false), (2, 1, 350, false)]);
        share.uptime = ms(9_000_000);
        share.threads.get_mut(&1).unwrap().started = ms(5_400_000);
        share.threads.get_mut(&2).unwrap().started = ms(8_999_600);
        let since = |millis: u64| {
            let new = share.of_new_threads(Instant::from_nanos(millis * 1_000_000));
            new.longest_wait()
        };
        assert_eq!(since(3_599_500), ms(350));
        assert_eq!(since(3_599_700), ms(0), "it started before");
    }

    #[test]
    fn a_thread_that_waited_longest_decides() {
        let before = share(100, &[(1, 10, 0, false), (2, 10, 5, false)]);
        let after = share(200, &[(1, 20, 10, false), (2, 15, 65, false)]);
        assert_eq!(after.withheld_since(&before), ms(60));
    }

    #[test]
    fn a_wait_that_goes_on_counts() {
        let before = share(100, &[(1, 10, 0, true)]);
        assert_eq!(share(200, &[(1, 13, 0, true)]).withheld_since(&before), ms(97));
        assert_eq!(share(200, &[(1, 110, 0, true)]).withheld_since(&before), ms(0), "it ran");
        assert_eq!(share(200, &[(1, 13, 0, false)]).withheld_since(&before), ms(0), "it slept");
    }

    #[test]
    fn a_process_that_waited_more_than_it_ran_is_on_a_loaded_machine() {
        assert!(share(0, &[(1, 10, 30, false)]).is_loaded());
        assert!(!share(0, &[(1, 50, 30, false)]).is_loaded());
        assert!(!share(0, &[(1, 1, 5, false)]).is_loaded(), "too little to tell");
    }

    #[test]
    fn waits_before_an_earlier_reading_do_not_count() {
        let before = share(3_600_000, &[(1, 10_000, 30_000, false)]);
        let after = share(3_600_100, &[(1, 10_090, 30_001, false), (2, 5, 60, false)]);
        let since = after.beyond(&before);
        assert_eq!((since.longest_wait(), since.is_loaded()), (ms(60), false));
    }

    #[test]
    fn what_a_process_waited_in_an_hour_says_nothing_of_a_second() {
        let old = share(3_600_000, &[(1, 10, 30_000, false)]);
        assert!(old.since(Instant::from_nanos(3_599_000_000_000)).is_none());
        let young = share(1_500, &[(1, 10, 300, false)]);
        let start = Instant::from_nanos(700_000_000);
        assert_eq!(young.since(start).map(|share| share.longest_wait()), Some(ms(300)));
    }

    #[test]
    fn lines_of_the_system_are_understood() {
        let (schedstat, stat) = ("2000000 3000000 7\n", "12 (a (b) R) S 1 12");
        let thread = ThreadShare { ran: ms(2), waited: ms(3), ..Default::default() };
        assert_eq!(ThreadShare::parse(schedstat, stat), Some(thread));
        let running = ThreadShare { is_runnable: true, ..thread };
        assert_eq!(ThreadShare::parse(schedstat, "12 (worker) R 1"), Some(running));
        let started = ThreadShare { started: ms(70), ..running };
        let stat = "12 (worker) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 7 19";
        assert_eq!(ThreadShare::parse(schedstat, stat), Some(started));
        assert_eq!(ThreadShare::parse(schedstat, "12 (leakguard) R 1"), None);
        assert_eq!(ThreadShare::parse(schedstat, "12 (leakguard-text) R 1"), None);
        assert_eq!(ThreadShare::parse("", stat), None);
    }

    #[test]
    #[cfg(all(target_os = "linux", not(miri)))]
    fn this_thread_is_among_them() {
        let share = Share::now();
        assert!(share.threads.values().any(|thread| thread.is_runnable), "{share:?}");
    }
}
