//! The watchdog: what leakguard's thread does at each deadline.

mod plan;

use crate::check::due::due;
use crate::check::inquiry::Inquiry;
use crate::check::scope::ScopeCheck;
use crate::check::{act, ahead, disturbance, long_polls, messages, repeat};
use crate::clock::share::Share;
use crate::clock::{self, Instant, pulse};
use crate::deadline::plan::Plan;
use crate::fact::id::ScopeId;
use crate::fact::task::TaskFacts;
use crate::ledger;
use crate::lock::Lock;
use crate::record::live::Live;
use crate::record::resource::event::ChannelEvent;
use crate::record::resource::pause;
use crate::registry::{self, Registry};
use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What is called with the responses of an inquiry.
type Continuation = Box<dyn FnOnce(Vec<TaskFacts>) + Send>;

/// Work for the watchdog from the rest of the crate.
struct Agenda {
    /// Work by its time and a number.
    alarms: BTreeMap<(Instant, u64), Box<dyn FnOnce() + Send>>,
    inquiries: Vec<(Inquiry, Continuation)>,
}

static AGENDA: Lock<Agenda> = Lock::new(Agenda { alarms: BTreeMap::new(), inquiries: Vec::new() });
/// The checks under way. Only the watchdog locks this.
static CHECKS: Lock<Vec<ScopeCheck>> = Lock::new(Vec::new());
static PLAN: Plan = Plan::new();

/// Installs the watchdog, which does nothing before.
pub(crate) fn enable() {
    static ENABLED: Once = Once::new();
    ENABLED.call_once(|| pulse::set_work(check_due));
}

/// Has the watchdog check now.
fn wake() {
    enable();
    pulse::wake();
}

/// Makes sure that the watchdog checks at `at`. Nearly always it has planned that already.
#[inline]
pub(crate) fn arm(at: Instant) {
    if PLAN.lower_to(at) {
        wake();
    }
}

/// A deadline for work of any kind. Dropping it cancels the work.
#[derive(Debug)]
pub(crate) struct Alarm {
    key: (Instant, u64),
}

impl Alarm {
    pub(crate) fn set(at: Instant, work: impl FnOnce() + Send + 'static) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let key = (at, LAST.fetch_add(1, Relaxed));
        AGENDA.lock().alarms.insert(key, Box::new(work));
        wake();
        Alarm { key }
    }

    /// Lets the work run in any case.
    pub(crate) fn detach(self) {
        std::mem::forget(self);
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let work = AGENDA.lock().alarms.remove(&self.key);
        drop(work);
    }
}

/// Probes `tasks`. The watchdog passes their responses to `then`.
pub(crate) fn probe(tasks: Vec<Live>, then: impl FnOnce(Vec<TaskFacts>) + Send + 'static) {
    let inquiry = Inquiry::begin(tasks, false, wake);
    AGENDA.lock().inquiries.push((inquiry, Box::new(then)));
    wake();
}

/// Does all that is due, and returns when to do so again.
fn check_due() -> Instant {
    let planned = PLAN.begin(clock::now());
    let mut checks = OpenChecks::take();
    let next = run_due(registry::global(), &mut checks.0).min(planned);
    PLAN.set(next);
    next
}

/// The checks under way while the watchdog works on them, without a lock, because that calls the user's code. They are put
/// back even if that code panics.
struct OpenChecks(Vec<ScopeCheck>);

impl OpenChecks {
    fn take() -> Self {
        OpenChecks(std::mem::take(&mut *CHECKS.lock()))
    }
}

impl Drop for OpenChecks {
    fn drop(&mut self) {
        *CHECKS.lock() = std::mem::take(&mut self.0);
    }
}

/// Returns when something will be due next.
fn run_due(registry: &'static Registry, checks: &mut Vec<ScopeCheck>) -> Instant {
    Share::keep_recent();
    run_alarms();
    let busy = long_polls::look(registry);
    let next = finish_inquiries().min(finish_checks(checks)).min(begin_checks(registry, checks));
    let loose = registry.take_events(|t| {
        let collector = t.scope().and_then(|s| s.collector.as_ref());
        collector.is_none_or(|c| !c.is_open())
    });
    act::log_events(loose);
    let next =
        next.min(busy).min(log_messages()).min(disturbance::end_due()).min(repeat::tell_due());
    let alarm = AGENDA.lock().alarms.first_key_value().map_or(Instant::FAR, |((at, _), _)| *at);
    next.min(alarm)
}

/// Logs what happened to channels that no scope collects findings of. Returns when there is more to log.
fn log_messages() -> Instant {
    let (ledger, now) = (ledger::global(), clock::now());
    let due = |e: &ChannelEvent| (!e.channel.is_collected()).then(|| pause::due(e.when));
    let next = messages::log(ledger.take_events(|e| due(e).is_some_and(|at| at <= now)));
    let events = ledger.events(due).into_iter().min();
    next.min(events.unwrap_or(Instant::FAR))
}

fn run_alarms() {
    loop {
        let first = {
            let mut agenda = AGENDA.lock();
            let first = agenda.alarms.first_entry();
            let due = first.filter(|e| e.key().0 <= clock::now());
            due.map(|e| e.remove())
        };
        match first {
            Some(work) => work(),
            None => return,
        }
    }
}

fn finish_inquiries() -> Instant {
    let now = clock::now();
    let (over, next) = {
        let inquiries = &mut AGENDA.lock().inquiries;
        let over = inquiries.extract_if(.., |(inquiry, _)| inquiry.is_over(now));
        let over: Vec<_> = over.collect();
        (over, inquiries.iter().map(|(open, _)| open.until()).min())
    };
    for (inquiry, then) in over {
        then(inquiry.facts());
    }
    next.unwrap_or(Instant::FAR)
}

fn finish_checks(checks: &mut Vec<ScopeCheck>) -> Instant {
    let now = clock::now();
    let over = checks.extract_if(.., |check| check.inquiry.is_over(now));
    let over: Vec<_> = over.collect();
    over.into_iter().for_each(ScopeCheck::finish);
    let next = checks.iter().map(|check| check.inquiry.until()).min();
    next.unwrap_or(Instant::FAR)
}

fn begin_checks(registry: &'static Registry, checks: &mut Vec<ScopeCheck>) -> Instant {
    let pending: HashSet<ScopeId> = checks.iter().map(|check| check.scope.id()).collect();
    let scopes = registry.scopes().into_iter().filter(|scope| !pending.contains(&scope.id()));
    let planned: Vec<_> = scopes.filter_map(|scope| due(&scope).map(|due| (scope, due))).collect();
    let mut next = Instant::FAR;
    // The tasks are listed once for all scopes that are due.
    let tasks =
        LazyCell::new(|| TasksOfScopes::list(registry, planned.iter().map(|(s, _)| s.id())));
    for (scope, (at, reason)) in &planned {
        let (at, reason, now) = (*at, *reason, clock::now());
        if at > now {
            next = next.min(at);
            match ahead::read_at(scope, at, reason) {
                Some(at) if at <= now => ahead::read(scope, tasks.of(scope.id())),
                Some(at) => next = next.min(at),
                None => {}
            }
            continue;
        }
        let inside = tasks.of(scope.id());
        let Some(check) = ScopeCheck::begin(registry, inside, scope.clone(), reason, wake) else {
            next = next.min(due(scope).map_or(Instant::FAR, |(at, _)| at));
            continue;
        };
        // Without a task to probe it is over at once.
        let now = clock::now();
        next = next.min(match check.inquiry.is_over(now) {
            true => now,
            false => check.inquiry.until(),
        });
        checks.push(check);
    }
    next
}

/// The tasks inside each of some scopes.
struct TasksOfScopes(HashMap<ScopeId, Vec<Live>>);

impl TasksOfScopes {
    fn list(registry: &Registry, scopes: impl Iterator<Item = ScopeId>) -> Self {
        let mut all: HashMap<_, Vec<_>> = scopes.map(|scope| (scope, Vec::new())).collect();
        for task in registry.tasks() {
            let mut around = task.scope().map(|scope| &**scope);
            while let Some(scope) = around {
                all.entry(scope.id()).and_modify(|inside| inside.push(task.clone()));
                around = scope.parent.as_deref();
            }
        }
        TasksOfScopes(all)
    }

    fn of(&self, scope: ScopeId) -> &[Live] {
        self.0.get(&scope).map_or(&[], |tasks| tasks)
    }
}
