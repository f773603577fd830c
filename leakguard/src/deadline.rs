//! The watchdog: what the thread of leakguard does when a deadline has come.

mod plan;

use crate::check::inquiry::Inquiry;
use crate::check::scope::{Case, due};
use crate::check::{act, ahead, messages};
use crate::clock::{self, Instant, pulse};
use crate::deadline::plan::Plan;
use crate::fact::id::ScopeId;
use crate::fact::task::TaskFacts;
use crate::ledger;
use crate::lock::Lock;
use crate::record::live::Live;
use crate::record::resource::channel;
use crate::record::resource::event::ChannelEvent;
use crate::registry::{self, Registry};
use std::cell::LazyCell;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{MutexGuard, Once};

/// What comes after the answers to a question.
type Then = Box<dyn FnOnce(Vec<TaskFacts>) + Send>;

/// What the rest of the crate leaves for the watchdog.
#[derive(Default)]
struct Post {
    /// Work for a moment, by moment and number.
    alarms: BTreeMap<(Instant, u64), Box<dyn FnOnce() + Send>>,
    inquiries: Vec<(Inquiry, Then)>,
}

static POST: Lock<Post> = Lock::new(Post {
    alarms: BTreeMap::new(),
    inquiries: Vec::new(),
});
/// What is being asked about. The watchdog alone locks this.
static CASES: Lock<Vec<Case>> = Lock::new(Vec::new());
static PLAN: Plan = Plan::new();

fn post() -> MutexGuard<'static, Post> {
    POST.lock()
}

/// From now on the watchdog looks when it is called.
pub(crate) fn attend() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| pulse::set_work(watch));
}

/// Has the watchdog look now.
fn ring() {
    attend();
    pulse::wake();
}

/// Makes sure that the watchdog looks at `at`. Nearly always it will anyway.
#[inline]
pub(crate) fn arm(at: Instant) {
    if PLAN.lower_to(at) {
        ring();
    }
}

/// A deadline for work of any kind; dropping it calls the work off.
#[derive(Debug)]
pub(crate) struct Alarm {
    key: (Instant, u64),
}

impl Alarm {
    pub(crate) fn set(at: Instant, work: impl FnOnce() + Send + 'static) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let key = (at, LAST.fetch_add(1, Relaxed));
        post().alarms.insert(key, Box::new(work));
        ring();
        Alarm { key }
    }

    /// Nobody will call it off.
    pub(crate) fn leave(self) {
        std::mem::forget(self);
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let work = post().alarms.remove(&self.key);
        drop(work);
    }
}

/// Asks `tasks`; the watchdog passes their answers to `then`.
pub(crate) fn inquire(tasks: Vec<Live>, then: impl FnOnce(Vec<TaskFacts>) + Send + 'static) {
    let inquiry = Inquiry::put(tasks, false, ring);
    post().inquiries.push((inquiry, Box::new(then)));
    ring();
}

/// One look at all that may be due; says when the next one is.
fn watch() -> Instant {
    let planned = PLAN.begin(clock::now());
    let next = round(registry::global(), &mut CASES.lock()).min(planned);
    PLAN.set(next);
    next
}

/// Does all that is due now; says when something will be next.
fn round(registry: &'static Registry, cases: &mut Vec<Case>) -> Instant {
    run_alarms();
    let next = close_inquiries()
        .min(close_cases(cases))
        .min(open_cases(registry, cases));
    let loose = registry.take_events(|t| {
        let collector = t.scope().and_then(|s| s.collector.as_ref());
        collector.is_none_or(|c| !c.is_open())
    });
    act::log_events(loose);
    let next = next.min(log_messages());
    let alarm = post()
        .alarms
        .first_key_value()
        .map_or(Instant::FAR, |((at, _), _)| *at);
    next.min(alarm)
}

/// Speaks of what happened to channels that nobody gathers findings of; says when there is more to say.
fn log_messages() -> Instant {
    let (ledger, now) = (ledger::global(), clock::now());
    let due = |e: &ChannelEvent| (!e.channel.is_collected()).then(|| channel::due(e.when));
    let next = messages::log(ledger.take_events(|e| due(e).is_some_and(|at| at <= now)));
    let events = ledger.events(due).into_iter().min();
    next.min(events.unwrap_or(Instant::FAR))
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

fn close_inquiries() -> Instant {
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
    next.unwrap_or(Instant::FAR)
}

fn close_cases(cases: &mut Vec<Case>) -> Instant {
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
        .unwrap_or(Instant::FAR)
}

fn open_cases(registry: &'static Registry, cases: &mut Vec<Case>) -> Instant {
    let under_way: HashSet<ScopeId> = cases.iter().map(|case| case.scope.id()).collect();
    let mut next = Instant::FAR;
    // One look at the tasks for all scopes that are due.
    let tasks = LazyCell::new(|| registry.tasks());
    for scope in registry.scopes() {
        if under_way.contains(&scope.id()) {
            continue;
        }
        let Some((at, why)) = due(&scope) else {
            continue;
        };
        let now = clock::now();
        if at > now {
            next = next.min(at);
            match ahead::read_at(&scope, at, why) {
                Some(at) if at <= now => ahead::read(&scope, &tasks),
                Some(at) => next = next.min(at),
                None => {}
            }
            continue;
        }
        let Some(case) = Case::open(registry, &tasks, scope.clone(), why, ring) else {
            next = next.min(due(&scope).map_or(Instant::FAR, |(at, _)| at));
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
