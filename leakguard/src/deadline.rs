//! The watchdog: one thread, started on first need, that sleeps until something is due.

use crate::check::act;
use crate::check::inquiry::Inquiry;
use crate::check::scope::{Case, due};
use crate::clock::{self, Moment};
use crate::record::facts::TaskFacts;
use crate::record::id::ScopeId;
use crate::record::task::Task;
use crate::registry::{self, Registry};
use std::cell::LazyCell;
use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// What comes after the answers to a question.
type Then = Box<dyn FnOnce(Vec<TaskFacts>) + Send>;

/// What the rest of the crate leaves for the watchdog.
#[derive(Default)]
struct Post {
    /// Work for a moment, by moment and number.
    alarms: BTreeMap<(Moment, u64), Box<dyn FnOnce() + Send>>,
    inquiries: Vec<(Inquiry, Then)>,
}

static POST: Mutex<Post> = Mutex::new(Post {
    alarms: BTreeMap::new(),
    inquiries: Vec::new(),
});
/// When the watchdog will next look by itself, in nanoseconds.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// How long the watchdog rests when something it called has panicked.
const AFTER_PANIC: Duration = Duration::from_millis(10);
/// No system waits longer than it can count; this is long enough.
const FOREVER: Duration = Duration::from_secs(86_400);

fn post() -> MutexGuard<'static, Post> {
    POST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether somebody has rung. Not the thread's own token: whoever the watchdog calls, such as a
/// subscriber, may park and so use that up.
static RUNG: Mutex<bool> = Mutex::new(false);
static BELL: Condvar = Condvar::new();

/// Starts the watchdog on first need; `false` if the system would not give a thread.
fn is_awake() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    *STARTED.get_or_init(|| {
        registry::global().set_bell(ring);
        let named = std::thread::Builder::new().name("leakguard".to_owned());
        named.spawn(|| watch(registry::global())).is_ok()
    })
}

fn ring() {
    if is_awake() {
        *RUNG.lock().unwrap_or_else(PoisonError::into_inner) = true;
        BELL.notify_one();
    }
}

/// Sleeps until `next`, or until somebody rings or has rung.
fn sleep(next: Moment) {
    let mut rung = RUNG.lock().unwrap_or_else(PoisonError::into_inner);
    while !*rung {
        let left = next.since(clock::now());
        if left.is_zero() {
            break;
        }
        let woken = BELL.wait_timeout(rung, left.min(FOREVER));
        rung = woken.unwrap_or_else(PoisonError::into_inner).0;
    }
    *rung = false;
}

/// Makes sure that the watchdog looks at `at`. Nearly always it will anyway.
pub(crate) fn arm(at: Moment) {
    // Whoever lowers the plan after it was read rings, so that no deadline is missed.
    if at.nanos() < NEXT.load(SeqCst) || !is_awake() {
        ring();
    }
}

/// A deadline for work of any kind; dropping it calls the work off.
#[derive(Debug)]
pub(crate) struct Alarm {
    key: (Moment, u64),
}

impl Alarm {
    pub(crate) fn set(at: Moment, work: impl FnOnce() + Send + 'static) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let key = (at, LAST.fetch_add(1, SeqCst));
        post().alarms.insert(key, Box::new(work));
        ring();
        Alarm { key }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let work = post().alarms.remove(&self.key);
        drop(work);
    }
}

/// Asks `tasks`; the watchdog passes their answers to `then`.
pub(crate) fn inquire(tasks: Vec<Arc<Task>>, then: impl FnOnce(Vec<TaskFacts>) + Send + 'static) {
    let inquiry = Inquiry::put(tasks, false, ring);
    post().inquiries.push((inquiry, Box::new(then)));
    ring();
}

fn watch(registry: &'static Registry) {
    let mut cases: Vec<Case> = Vec::new();
    loop {
        // Anything that comes while this round looks must ring.
        NEXT.store(u64::MAX, SeqCst);
        // Whatever panics in a round, in code of the user's that it calls, the next one comes: all
        // who wait, wait for this thread.
        let looked = catch_unwind(AssertUnwindSafe(|| round(registry, &mut cases)));
        let next = looked.unwrap_or_else(|_| clock::now().plus(AFTER_PANIC));
        NEXT.store(next.nanos(), SeqCst);
        // What came between the look and the line above has rung: then this does not sleep.
        sleep(next);
    }
}

/// Does all that is due now; says when something will be next.
fn round(registry: &'static Registry, cases: &mut Vec<Case>) -> Moment {
    run_alarms();
    let next = close_inquiries()
        .min(close_cases(cases))
        .min(open_cases(registry, cases));
    let loose = registry.take_events(|t| {
        let collector = t.scope.as_ref().and_then(|s| s.collector.as_ref());
        collector.is_none_or(|c| !c.is_open())
    });
    act::log_events(loose);
    let alarm = post()
        .alarms
        .first_key_value()
        .map_or(Moment::FAR, |((at, _), _)| *at);
    next.min(alarm)
}

fn run_alarms() {
    loop {
        let first = {
            let mut post = post();
            let due = post
                .alarms
                .first_entry()
                .filter(|e| e.key().0 <= clock::now());
            due.map(|e| e.remove())
        };
        match first {
            Some(work) => work(),
            None => return,
        }
    }
}

fn close_inquiries() -> Moment {
    let now = clock::now();
    let (over, open): (Vec<_>, Vec<_>) = {
        let mut post = post();
        post.inquiries
            .drain(..)
            .partition(|(inquiry, _)| inquiry.is_over(now))
    };
    let next = open.iter().map(|(inquiry, _)| inquiry.until()).min();
    post().inquiries.extend(open);
    for (inquiry, then) in over {
        then(inquiry.facts());
    }
    next.unwrap_or(Moment::FAR)
}

fn close_cases(cases: &mut Vec<Case>) -> Moment {
    let now = clock::now();
    let (over, open): (Vec<_>, Vec<_>) =
        cases.drain(..).partition(|case| case.inquiry.is_over(now));
    *cases = open;
    for case in over {
        case.close();
    }
    cases
        .iter()
        .map(|case| case.inquiry.until())
        .min()
        .unwrap_or(Moment::FAR)
}

fn open_cases(registry: &'static Registry, cases: &mut Vec<Case>) -> Moment {
    let under_way: HashSet<ScopeId> = cases.iter().map(|case| case.scope.id).collect();
    let mut next = Moment::FAR;
    // One look at the tasks for all scopes that are due.
    let tasks = LazyCell::new(|| registry.tasks());
    for scope in registry.scopes() {
        if under_way.contains(&scope.id) {
            continue;
        }
        let Some((at, why)) = due(&scope) else {
            continue;
        };
        if at > clock::now() {
            next = next.min(at);
            continue;
        }
        let Some(case) = Case::open(registry, &tasks, scope, why, ring) else {
            continue;
        };
        // It may have nobody to ask: then it is over at once.
        next = next.min(if case.inquiry.is_over(clock::now()) {
            clock::now()
        } else {
            case.inquiry.until()
        });
        cases.push(case);
    }
    next
}
