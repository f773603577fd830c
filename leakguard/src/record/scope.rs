//! The record of one call that owns what is started in it.

use crate::clock::{self, Moment};
use crate::record::facts::ScopeFacts;
use crate::record::finding::Finding;
use crate::record::id::{Ending, ScopeId};
use crate::record::options::Rule;
use crate::site::Site;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// Who waits for the scope to settle.
#[derive(Debug)]
pub(crate) enum Waiter {
    Task(Waker),
    Thread(std::thread::Thread),
}

impl Waiter {
    pub(crate) fn wake(self) {
        match self {
            Waiter::Task(waker) => waker.wake(),
            Waiter::Thread(thread) => thread.unpark(),
        }
    }
}

/// What a scope is to those inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A function's.
    Call,
    /// That of `main`: its return waits, and those inside it speak for themselves.
    Main,
    /// A test's: what is found in any scope inside it comes to it.
    Gather,
}

/// The findings of a test, gathered from every scope inside it, until it has ended.
#[derive(Debug)]
pub(crate) struct Collector(Mutex<Option<Vec<Finding>>>);

impl Default for Collector {
    fn default() -> Self {
        Collector(Mutex::new(Some(Vec::new())))
    }
}

impl Collector {
    /// Gives the findings back if nobody will read them here.
    pub(crate) fn add(&self, findings: Vec<Finding>) -> Vec<Finding> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(all) => {
                all.extend(findings);
                Vec::new()
            }
            None => findings,
        }
    }

    /// Takes all and closes.
    pub(crate) fn take(&self) -> Vec<Finding> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        all.unwrap_or_default()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }
}

#[derive(Debug, Default)]
struct Course {
    returned: Option<(Moment, Ending)>,
    /// The limit has passed and the judge has spoken.
    judged: bool,
    /// Somebody says, or has said, that it overran; and it has been said.
    overrun_claimed: bool,
    overrun: bool,
    /// The judge looks again then, and how often he has put it off.
    postponed: (Moment, usize),
    waiter: Option<Waiter>,
    findings: Vec<Finding>,
}

/// One call of an annotated function, or one test.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) id: ScopeId,
    pub(crate) site: &'static Site,
    pub(crate) name: &'static str,
    pub(crate) rule: Rule,
    pub(crate) parent: Option<Arc<Scope>>,
    pub(crate) collector: Option<Arc<Collector>>,
    pub(crate) role: Role,
    pub(crate) entered: Moment,
    /// Where the registry keeps it.
    pub(crate) key: AtomicUsize,
    /// The call itself, its live tasks, and its scopes that have not settled.
    alive: AtomicUsize,
    course: Mutex<Course>,
}

impl Scope {
    pub(crate) fn new(
        site: &'static Site,
        name: &'static str,
        rule: Rule,
        parent: Option<Arc<Scope>>,
        collector: Option<Arc<Collector>>,
        role: Role,
    ) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let collector = if role == Role::Gather {
            Some(Arc::default())
        } else {
            collector
        };
        if let Some(parent) = &parent {
            parent.join();
        }
        Scope {
            id: ScopeId(LAST.fetch_add(1, Ordering::Relaxed) + 1),
            site,
            name,
            rule,
            parent,
            collector,
            role,
            entered: clock::now(),
            key: AtomicUsize::new(usize::MAX),
            alive: AtomicUsize::new(1),
            course: Mutex::default(),
        }
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more that must end.
    pub(crate) fn join(&self) {
        self.alive.fetch_add(1, Ordering::Relaxed);
    }

    /// As [`Scope::join`], unless the scope has settled.
    pub(crate) fn try_join(&self) -> bool {
        let one_more = |alive: usize| (alive > 0).then_some(alive + 1);
        self.alive
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
            .is_ok()
    }

    /// One has ended. `true` for the last, which settles the scope.
    pub(crate) fn leave(&self) -> bool {
        // Release and acquire: whoever sees 0 also sees what the tasks did before they ended.
        if self.alive.fetch_sub(1, Ordering::AcqRel) != 1 {
            return false;
        }
        let waiter = self.course().waiter.take();
        if let Some(waiter) = waiter {
            waiter.wake();
        }
        true
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.alive.load(Ordering::Acquire) == 0
    }

    /// The call is over. It still counts as one until [`Scope::leave`].
    pub(crate) fn set_returned(&self, how: Ending) {
        self.course().returned = Some((clock::now(), how));
    }

    /// When everything must have ended; `None` while the call runs.
    pub(crate) fn limit(&self) -> Option<Moment> {
        let (returned, _) = self.course().returned?;
        let after_return = returned.plus(self.rule.grace);
        let after_entry = self.rule.timeout.map(|t| self.entered.plus(t));
        Some(after_entry.map_or(after_return, |e| e.max(after_return)))
    }

    /// When the running call overruns, unless that has been said.
    pub(crate) fn overrun_at(&self) -> Option<Moment> {
        let course = self.course();
        let open = course.returned.is_none() && !course.overrun_claimed;
        self.rule
            .overrun
            .filter(|_| open)
            .map(|t| self.entered.plus(t))
    }

    /// Whether it returned after the moment at which it overran.
    pub(crate) fn returned_late(&self) -> bool {
        let returned = self.course().returned.map(|(at, _)| at);
        self.rule
            .overrun
            .is_some_and(|o| returned.is_some_and(|at| at > self.entered.plus(o)))
    }

    /// Whoever says that it overran claims that first; `true` for one alone.
    pub(crate) fn claim_overrun(&self) -> bool {
        !std::mem::replace(&mut self.course().overrun_claimed, true)
    }

    pub(crate) fn set_overrun(&self, findings: Vec<Finding>) {
        let waiter = {
            let mut course = self.course();
            course.overrun = true;
            course.findings.extend(findings);
            course.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    pub(crate) fn has_overrun(&self) -> bool {
        self.course().overrun
    }

    pub(crate) fn set_judged(&self, findings: Vec<Finding>) {
        let waiter = {
            let mut course = self.course();
            course.judged = true;
            course.findings.extend(findings);
            course.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    /// Puts the judgement off until `at`.
    pub(crate) fn postpone(&self, at: Moment) {
        let mut course = self.course();
        course.postponed = (at, course.postponed.1 + 1);
    }

    /// How often it has been put off.
    pub(crate) fn postponements(&self) -> usize {
        self.course().postponed.1
    }

    /// Puts the judgement off until `at`, which does not count.
    pub(crate) fn postpone_freely(&self, at: Moment) {
        self.course().postponed.0 = at;
    }

    pub(crate) fn postponed_to(&self) -> Moment {
        self.course().postponed.0
    }

    pub(crate) fn is_judged(&self) -> bool {
        self.course().judged
    }

    /// Whether the call ended in a way that leaves somebody to wait for its tasks.
    pub(crate) fn is_waited_for(&self) -> bool {
        !matches!(
            self.course().returned,
            Some((_, Ending::Left | Ending::Panicked | Ending::Cancelled))
        )
    }

    /// Takes what was found, for the one who waits.
    pub(crate) fn take_findings(&self) -> Vec<Finding> {
        std::mem::take(&mut self.course().findings)
    }

    /// Wakes `waiter` once the scope settles, is judged or overruns.
    pub(crate) fn wait_with(&self, waiter: Waiter) {
        let old = self.course().waiter.replace(waiter);
        drop(old);
    }

    /// Who waited for it after its return does not any more.
    pub(crate) fn set_unawaited(&self) {
        if let Some((_, how)) = &mut self.course().returned {
            *how = Ending::Cancelled;
        }
    }

    /// Nobody waits any more.
    pub(crate) fn forget_waiter(&self) {
        let old = self.course().waiter.take();
        drop(old);
    }

    /// Whether `self` is `other` or lies inside it.
    pub(crate) fn is_inside(&self, other: ScopeId) -> bool {
        let mut at = Some(self);
        while let Some(scope) = at {
            if scope.id == other {
                return true;
            }
            at = scope.parent.as_deref();
        }
        false
    }

    pub(crate) fn facts(&self) -> ScopeFacts {
        ScopeFacts {
            id: self.id,
            site: self.site,
            name: self.name,
            rule: self.rule,
            entered: self.entered,
            returned: self.course().returned,
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        // One by one: a long chain of scopes, each the last to hold the next, would otherwise
        // overflow the stack.
        let mut next = self.parent.take();
        while let Some(scope) = next {
            next = Arc::into_inner(scope).and_then(|mut scope| scope.parent.take());
        }
    }
}
