//! The record of one call that owns what is spawned in it.

use crate::clock::{self, Instant};
pub(crate) use crate::fact::id::Role;
use crate::fact::id::{Ending, ScopeId, TaskId, TaskKind};
use crate::fact::options::Rule;
use crate::fact::task::ScopeFacts;
use crate::journal::TestName;
use crate::record::collector::Collector;
use crate::record::progress::ScopeProgress;
use crate::record::task::{NewTask, Task};
use crate::site::Site;
use crate::vocabulary::Action;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicU64, AtomicUsize,
    Ordering::{Relaxed, Release, SeqCst},
};
use std::time::Duration;

/// How near to its overrun a call may be judged by the coarse time.
const CLOSE: Duration = Duration::from_millis(20);

/// What a new scope is created from.
pub(crate) struct Opening<'a> {
    pub(crate) call: NewTask,
    pub(crate) name: &'static str,
    pub(crate) rule: &'a Rule,
    pub(crate) parent: Option<Arc<ScopeRecord>>,
    pub(crate) collector: Option<Arc<Collector>>,
    pub(crate) role: Role,
}

/// One call of an annotated function, or one test.
#[derive(Debug)]
pub(crate) struct ScopeRecord {
    /// The call itself, which ends before the scope settles.
    pub(crate) call: Task,
    pub(crate) name: &'static str,
    pub(crate) rule: Rule,
    pub(crate) parent: Option<Arc<ScopeRecord>>,
    pub(crate) collector: Option<Arc<Collector>>,
    pub(crate) role: Role,
    pub(crate) entered: Instant,
    /// The call, the live tasks, and the scopes inside that have not settled.
    alive: AtomicUsize,
    /// Four times the instant of the return, plus how it ended. 0 while the call runs.
    returned: AtomicU64,
    /// Its overrun is being reported, or was.
    overrun_claimed: AtomicBool,
    /// The watchdog has checked whether to prepare for its limit.
    is_foreseen: AtomicBool,
    pub(crate) progress: ScopeProgress,
}

impl ScopeRecord {
    /// A record that is not in use.
    pub(crate) fn blank() -> Self {
        ScopeRecord {
            call: Task::blank(),
            name: "",
            rule: Rule::BLANK,
            parent: None,
            collector: None,
            role: Role::Call,
            entered: Instant::default(),
            alive: AtomicUsize::new(0),
            returned: AtomicU64::new(0),
            overrun_claimed: AtomicBool::new(false),
            is_foreseen: AtomicBool::new(false),
            progress: ScopeProgress::default(),
        }
    }

    /// As [`Task::fill`]. Takes the counted references out of `opening`.
    #[inline]
    pub(crate) fn fill(&mut self, id: TaskId, key: u32, opening: &mut Opening<'_>) {
        self.call.fill(id, key, &opening.call, true);
        self.name = opening.name;
        self.rule = *opening.rule;
        self.parent = opening.parent.take();
        self.collector = match opening.role {
            Role::Collect => {
                let outer = opening.collector.take();
                Some(Arc::new(Collector::new(opening.call.site, outer.as_deref())))
            }
            _ => opening.collector.take(),
        };
        self.role = opening.role;
        // A deadline counts from here, and no deadline may come early.
        self.entered = match opening.rule.timeout.or(opening.rule.overrun) {
            Some(_) => clock::now(),
            None => clock::coarse(),
        };
        self.alive = AtomicUsize::new(1);
        self.returned = AtomicU64::new(0);
        self.overrun_claimed = AtomicBool::new(false);
        self.is_foreseen = AtomicBool::new(false);
    }

    /// Drops all that it holds, for reuse.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.call.clear();
        self.parent = None;
        self.collector = None;
        self.progress.clear();
    }

    #[inline]
    pub(crate) fn id(&self) -> ScopeId {
        ScopeId(self.call.id)
    }

    #[inline]
    pub(crate) fn site(&self) -> &'static Site {
        self.call.site
    }

    /// One more that must end.
    #[inline]
    pub(crate) fn join(&self) {
        self.alive.fetch_add(1, Relaxed);
    }

    /// As [`ScopeRecord::join`], unless the scope has settled.
    pub(crate) fn try_join(&self) -> bool {
        let one_more = |alive: usize| (alive > 0).then_some(alive + 1);
        self.alive.fetch_update(SeqCst, SeqCst, one_more).is_ok()
    }

    /// One has ended. `true` for the last, which settles the scope.
    #[inline]
    pub(crate) fn leave(&self) -> bool {
        // A thread that sees 0 also sees what the tasks did before they ended.
        if self.alive.fetch_sub(1, SeqCst) != 1 {
            return false;
        }
        if self.progress.has_state() {
            self.progress.notify_waiter();
        }
        true
    }

    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.alive.load(SeqCst) == 0
    }

    /// The call is over. It still counts as one until [`ScopeRecord::leave`].
    #[inline]
    pub(crate) fn set_returned(&self, how: Ending) {
        // The limit counts from here, unless nothing is left that must keep it.
        let at = match self.alive.load(SeqCst) {
            1 => clock::coarse(),
            _ => clock::now(),
        };
        self.returned.store(at.nanos().max(1) << 2 | how as u64, Release);
    }

    /// Whether no thread is inside the call any more.
    pub(crate) fn is_over(&self) -> bool {
        self.returned.load(SeqCst) != 0 || self.call.has_ended()
    }

    /// When the call ended, and how. `None` while it runs.
    pub(crate) fn returned(&self) -> Option<(Instant, Ending)> {
        let word = self.returned.load(SeqCst);
        let how = match word & 3 {
            how if how == Ending::Returned as u64 => Ending::Returned,
            how if how == Ending::Left as u64 => Ending::Left,
            how if how == Ending::Panicked as u64 => Ending::Panicked,
            _ => Ending::Cancelled,
        };
        (word != 0).then(|| (Instant::from_nanos(word >> 2), how))
    }

    /// The test, or the scope by hand, that this one is in.
    pub(crate) fn collecting(self: Arc<Self>) -> Option<Arc<ScopeRecord>> {
        let mut at = Some(self);
        while let Some(scope) = at {
            if scope.role == Role::Collect {
                return Some(scope);
            }
            at = scope.parent.clone();
        }
        None
    }

    /// When everything must have ended. `None` while the call runs.
    pub(crate) fn limit(&self) -> Option<Instant> {
        let (returned, _) = self.returned()?;
        let after_return = returned.plus(self.rule.grace);
        let after_entry = self.rule.timeout.map(|t| self.entered.plus(t));
        Some(after_entry.map_or(after_return, |e| e.max(after_return)))
    }

    /// When the running call overruns, unless that was reported.
    #[inline]
    pub(crate) fn overrun_at(&self) -> Option<Instant> {
        let after = self.rule.overrun?;
        let is_open = self.returned.load(SeqCst) == 0 && !self.overrun_claimed.load(SeqCst);
        is_open.then(|| self.entered.plus(after))
    }

    /// Whether the running call has overrun by now and that was not reported.
    #[inline]
    pub(crate) fn is_late(&self) -> bool {
        // The exact time is only worth reading where it may matter. The coarse one stands still while the watchdog works,
        // and a caller relies on a panic.
        let may_be = |at| self.rule.on_overrun == Action::Panic || at < clock::coarse().plus(CLOSE);
        self.overrun_at().is_some_and(|at| may_be(at) && at < clock::now())
    }

    /// The time that the call may run, or its tasks may live after its return, with its end. `None` if there is no end.
    pub(crate) fn span(&self) -> Option<(Instant, Instant)> {
        match self.returned() {
            Some((returned, _)) => Some((returned, self.limit()?)),
            None => Some((self.entered, self.entered.plus(self.rule.overrun?))),
        }
    }

    /// How far the end of that time is extended.
    fn extended(&self) -> Duration {
        match self.progress.has_state() {
            true => self.progress.extended(self.returned().is_some()),
            false => Duration::ZERO,
        }
    }

    /// Claims the report of its overrun. `true` for one caller only.
    pub(crate) fn claim_overrun(&self) -> bool {
        !self.overrun_claimed.swap(true, SeqCst)
    }

    /// Gives the claim back, because the call has more time. Its overrun, if it was reported, is not reported again.
    pub(crate) fn release_overrun(&self) {
        if !self.progress.has_overrun() {
            self.overrun_claimed.store(false, SeqCst);
            // It may have returned and wait for the report.
            self.progress.notify_waiter();
        }
    }

    /// Whether the watchdog still checks an overrun whose report is for the return of the call.
    #[inline]
    pub(crate) fn awaits_overrun(&self) -> bool {
        self.rule.on_overrun == Action::Panic
            && self.overrun_claimed.load(SeqCst)
            && !self.progress.has_overrun()
            && !self.progress.is_judged()
    }

    /// Whether [`ScopeRecord::set_foreseen`] was called.
    pub(crate) fn is_foreseen(&self) -> bool {
        self.is_foreseen.load(Relaxed)
    }

    pub(crate) fn set_foreseen(&self) {
        self.is_foreseen.store(true, Relaxed);
    }

    /// When to check whether a test or a runtime stands still. Only an async test can be stopped.
    #[inline]
    pub(crate) fn look_at(&self) -> Option<Instant> {
        let runs = self.returned.load(SeqCst) == 0;
        let is_test = match self.role {
            Role::Collect => self.call.kind() == TaskKind::Call,
            role => role == Role::Root,
        };
        let next = || self.progress.look_at(self.entered);
        (runs && is_test).then(next).flatten()
    }

    /// When to print what the running call has held back.
    pub(crate) fn print_at(&self) -> Option<Instant> {
        let at = self.progress.held_back_to()?;
        (self.returned.load(SeqCst) == 0).then_some(at)
    }

    /// Whether the call ended in a way that leaves a waiter for its tasks.
    pub(crate) fn is_waited_for(&self) -> bool {
        matches!(self.returned(), None | Some((_, Ending::Returned)))
    }

    /// The waiter for its tasks after its return is gone.
    pub(crate) fn set_unawaited(&self) {
        self.returned.fetch_or(Ending::Cancelled as u64, SeqCst);
    }

    /// Whether `self` is `other` or lies inside it.
    pub(crate) fn is_inside(&self, other: ScopeId) -> bool {
        let mut at = Some(self);
        while let Some(scope) = at {
            if scope.id() == other {
                return true;
            }
            at = scope.parent.as_deref();
        }
        false
    }

    /// The test that it belongs to.
    fn test(&self) -> Option<Arc<TestName>> {
        match &self.collector {
            Some(collector) => collector.test().cloned(),
            None if self.role == Role::Root => TestName::of_runtime(self.site().function()),
            None => self.parent.as_ref()?.test(),
        }
    }

    pub(crate) fn facts(&self) -> ScopeFacts {
        ScopeFacts {
            id: self.id(),
            site: self.site(),
            name: self.name,
            rule: self.rule,
            entered: self.entered,
            returned: self.returned(),
            role: self.role,
            test: self.test(),
            extended: self.extended(),
            paused: self.progress.has_state() && self.progress.is_hastened(),
            ended_in: self.progress.ended_in(),
            observed: Vec::new(),
            sleeps: Vec::new(),
        }
    }
}

impl Drop for ScopeRecord {
    fn drop(&mut self) {
        // One by one: a long chain of scopes, each the last to hold the next, would otherwise overflow the stack.
        let mut next = self.parent.take();
        while let Some(scope) = next {
            next = Arc::into_inner(scope).and_then(|mut scope| scope.parent.take());
        }
    }
}
