//! The watchdog: what the thread of leakguard does when a deadline has come.

mod plan;

use crate::check::due::due;
use crate::check::inquiry::Inquiry;
use crate::check::scope::ScopeCheck;
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
type Continuation = Box<dyn FnOnce(Vec<TaskFacts>) + Send>;

/// What the rest of the crate leaves for the watchdog.
#[derive(Default)]
struct Agenda {
    /// Work for a moment, by moment and number.
    alarms: BTreeMap<(Instant, u64), Box<dyn FnOnce() + Send>>,
    inquiries: Vec<(Inquiry, Continuation)>,
}

static AGENDA: Lock<Agenda> = Lock::new(Agenda {
    alarms: BTreeMap::new(),
    inquiries: Vec::new(),
});
/// What is being asked about. The watchdog alone locks this.
static CHECKS: Lock<Vec<ScopeCheck>> = Lock::new(Vec::new());
static PLAN: Plan = Plan::new();

fn agenda() -> MutexGuard<'static, Agenda> {
    AGENDA.lock()
}

/// From now on the watchdog looks when it is called.
pub(crate) fn enable() {
    static ENABLED: Once = Once::new();
    ENABLED.call_once(|| pulse::set_work(check_due));
}

/// Has the watchdog look now.
fn wake() {
    enable();
    pulse::wake();
}

/// Makes sure that the watchdog looks at `at`. Nearly always it will anyway.
#[inline]
pub(crate) fn arm(at: Instant) {
    if PLAN.lower_to(at) {
        wake();
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
        agenda().alarms.insert(key, Box::new(work));
        wake();
        Alarm { key }
    }

    /// Nobody will call it off.
    pub(crate) fn detach(self) {
        std::mem::forget(self);
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let work = agenda().alarms.remove(&self.key);
        drop(work);
    }
}

/// Asks `tasks`; the watchdog passes their answers to `then`.
pub(crate) fn probe(tasks: Vec<Live>, then: impl FnOnce(Vec<TaskFacts>) + Send + 'static) {
    let inquiry = Inquiry::begin(tasks, false, wake);
    agenda().inquiries.push((inquiry, Box::new(then)));
    wake();
}

/// One look at all that may be due; says when the next one is.
fn check_due() -> Instant {
    let planned = PLAN.begin(clock::now());
    let next = run_due(registry::global(), &mut CHECKS.lock()).min(planned);
    PLAN.set(next);
    next
}

/// Does all that is due now; says when something will be next.
fn run_due(registry: &'static Registry, checks: &mut Vec<ScopeCheck>) -> Instant {
    run_alarms();
    let next = close_inquiries()
        .min(close_cases(checks))
        .min(open_cases(registry, checks));
    let loose = registry.take_events(|t| {
        let collector = t.scope().and_then(|s| s.collector.as_ref());
        collector.is_none_or(|c| !c.is_open())
    });
    act::log_events(loose);
    let next = next.min(log_messages());
    let alarm = agenda()
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
            let mut agenda = agenda();
            let due = agenda
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
        let mut agenda = agenda();
        agenda
            .inquiries
            .drain(..)
            .partition(|(inquiry, _)| inquiry.is_over(now))
    };
    let next = open.iter().map(|(inquiry, _)| inquiry.until()).min();
    agenda().inquiries.extend(open);
    for (inquiry, then) in over {
        then(inquiry.facts());
    }
    next.unwrap_or(Instant::FAR)
}

fn close_cases(checks: &mut Vec<ScopeCheck>) -> Instant {
    let now = clock::now();
    let (over, open): (Vec<_>, Vec<_>) = checks
        .drain(..)
        .partition(|check| check.inquiry.is_over(now));
    *checks = open;
    for check in over {
        check.finish();
    }
    checks
        .iter()
        .map(|check| check.inquiry.until())
        .min()
        .unwrap_or(Instant::FAR)
}

fn open_cases(registry: &'static Registry, checks: &mut Vec<ScopeCheck>) -> Instant {
    let pending: HashSet<ScopeId> = checks.iter().map(|check| check.scope.id()).collect();
    let mut next = Instant::FAR;
    // One look at the tasks for all scopes that are due.
    let tasks = LazyCell::new(|| registry.tasks());
    for scope in registry.scopes() {
        if pending.contains(&scope.id()) {
            continue;
        }
        let Some((at, reason)) = due(&scope) else {
            continue;
        };
        let now = clock::now();
        if at > now {
            next = next.min(at);
            match ahead::read_at(&scope, at, reason) {
                Some(at) if at <= now => ahead::read(&scope, &tasks),
                Some(at) => next = next.min(at),
                None => {}
            }
            continue;
        }
        let Some(check) = ScopeCheck::begin(registry, &tasks, scope.clone(), reason, wake) else {
            next = next.min(due(&scope).map_or(Instant::FAR, |(at, _)| at));
            continue;
        };
        // It may have nobody to ask: then it is over at once.
        next = next.min(if check.inquiry.is_over(clock::now()) {
            clock::now()
        } else {
            check.inquiry.until()
        });
        checks.push(check);
    }
    next
}
