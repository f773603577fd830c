//! The record of one task or call that is expected to end.

mod reach;

use crate::clock::{self, Instant};
use crate::fact::id::{ScopeId, TaskId, TaskKind, WakerMark};
use crate::fact::task::{NativeStack, ProbeOutcome, TaskFacts, TaskState};
use crate::lock::Lock;
use crate::record::location::AtomicLocation;
use crate::record::name;
use crate::record::task::reach::Reach;
pub(crate) use crate::record::task::reach::mark_of;
use crate::site::{CallSite, Site};
use std::sync::atomic::{
    AtomicU16, AtomicU32, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};

const PROBED: u16 = 1;
const DETACHED: u16 = 1 << 1;
const REPORTED: u16 = 1 << 3;
const PANICKED: u16 = 1 << 4;
/// It wraps a future that has a record already, which stands for this one.
const COVERED: u16 = 1 << 5;
const ENDED: u16 = 1 << 6;
/// A younger record wraps the same future again.
const WRAPPED: u16 = 1 << 7;
/// The bits above these are its shape, and then the number of probes that are under way.
const SHAPE: u32 = 8;
const ONE_PROBE: u16 = 1 << 11;
const ALL_PROBES: u16 = u16::MAX << 11;
const BACKGROUND: u16 = (TaskShape::BACKGROUND as u16) << SHAPE;

/// What those inside a task inherit from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TaskShape(u8);

impl TaskShape {
    pub(crate) const EMPTY: TaskShape = TaskShape(0);
    const CALL: u8 = 1;
    const SCOPED: u8 = 1 << 1;
    const BACKGROUND: u8 = 1 << 2;

    /// Whether the registry keeps it among the scopes.
    pub(crate) fn is_call(self) -> bool {
        self.0 & Self::CALL != 0
    }

    /// Whether a scope owns what it spawns.
    pub(crate) fn is_scoped(self) -> bool {
        self.0 & Self::SCOPED != 0
    }

    /// Whether what it spawns may go on.
    #[inline]
    pub(crate) fn is_background(self) -> bool {
        self.0 & Self::BACKGROUND != 0
    }
}

/// What all tasks of one type have in common. A constant of the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskMeta {
    pub(crate) kind: TaskKind,
    /// The name of the future's type.
    pub(crate) type_name: fn() -> &'static str,
}

/// What a new record is created from.
pub(crate) struct NewTask {
    pub(crate) meta: &'static TaskMeta,
    pub(crate) site: &'static Site,
    pub(crate) parent: Option<TaskId>,
    pub(crate) background: bool,
    pub(crate) detached: bool,
}

/// One task, closure, thread or call. Its owner writes with relaxed stores, and every thread may read.
///
/// A hundred thousand of them may idle, so what is not always needed is kept small or elsewhere.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) site: &'static Site,
    meta: &'static TaskMeta,
    reach: Lock<Reach>,
    /// When it was spawned, in units of 2^22 ns, which are 4.2 ms. Lasts for 208 days.
    began: u32,
    /// How far the number of its parent lies below its own. 0 if it has none, or one too far away.
    parent: i32,
    pub(crate) id: TaskId,
    /// Where the innermost annotated await of its last poll waits.
    pub(crate) wait: AtomicLocation,
    /// Twice the instant at which its last poll began (then odd) or ended (then even).
    stamp: AtomicU64,
    /// Where the registry keeps it.
    pub(crate) key: u32,
    /// How often it was polled. Saturates.
    polls: AtomicU32,
    /// A hash of the waker in `reach`, so that an unchanged one costs a compare. 0 if there is none.
    waker_mark: AtomicU32,
    flags: AtomicU16,
    /// The number of the thread that was last inside it.
    thread: AtomicU16,
}

// An idle task must cost less than 128 bytes with its pointers, counts and scope. On macOS a lock is larger.
#[cfg(not(target_os = "macos"))]
const _: () = assert!(size_of::<Task>() <= 88);

const BEGAN_UNIT: u32 = 22;

/// Up to two thousand million numbers.
fn distance(child: TaskId, parent: TaskId) -> i32 {
    i32::try_from(child.get().wrapping_sub(parent.get()) as i64).unwrap_or(0)
}

impl Task {
    /// A record that is not in use.
    pub(crate) fn blank() -> Self {
        static NOWHERE: Site = Site::internal("", "");
        static NO_META: TaskMeta = TaskMeta { kind: TaskKind::Async, type_name: || "" };
        Task {
            id: TaskId::UNUSED,
            site: &NOWHERE,
            meta: &NO_META,
            parent: 0,
            wait: AtomicLocation::default(),
            stamp: AtomicU64::new(0),
            began: 0,
            key: 0,
            polls: AtomicU32::new(0),
            waker_mark: AtomicU32::new(0),
            flags: AtomicU16::new(0),
            thread: AtomicU16::new(0),
            reach: Lock::default(),
        }
    }

    /// Makes a record that is not in use a new one. In place, because creating it elsewhere and moving it takes longer.
    #[inline]
    pub(crate) fn fill(&mut self, id: TaskId, key: u32, new: &NewTask, scoped: bool) {
        let flag = |on, bit: u16| if on { bit } else { 0 };
        let shape = flag(new.meta.kind.is_call(), TaskShape::CALL.into())
            | flag(scoped, TaskShape::SCOPED.into());
        let now = clock::coarse();
        self.id = id;
        self.site = new.site;
        self.meta = new.meta;
        self.parent = new.parent.map_or(0, |p| distance(id, p));
        self.wait = AtomicLocation::default();
        self.stamp = AtomicU64::new(now.nanos() << 1);
        self.began = (now.nanos() >> BEGAN_UNIT) as u32;
        self.key = key;
        self.polls = AtomicU32::new(0);
        self.waker_mark = AtomicU32::new(0);
        let flags = flag(new.background, BACKGROUND) | flag(new.detached, DETACHED);
        self.flags = AtomicU16::new(flags | shape << SHAPE);
        self.thread = AtomicU16::new(0);
    }

    /// Drops all that it holds, for reuse.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.reach.get_mut().clear();
    }

    #[inline]
    pub(crate) fn kind(&self) -> TaskKind {
        self.meta.kind
    }

    #[inline]
    fn has(&self, flag: u16) -> bool {
        self.flags.load(Relaxed) & flag != 0
    }

    fn set(&self, flag: u16) -> bool {
        self.flags.fetch_or(flag, SeqCst) & flag == 0
    }

    /// A poll begins. Only the poller calls this.
    #[inline]
    pub(crate) fn begin(&self, now: Instant, thread: u16) {
        // Stores have to drain before the executor's next atomic read-modify-write, so fewer are faster.
        if self.thread.load(Relaxed) != thread {
            self.thread.store(thread, Relaxed);
        }
        self.polls.store(self.polls.load(Relaxed).saturating_add(1), Relaxed);
        self.wait.set(None);
        self.stamp.store((now.nanos() << 1) | 1, Relaxed);
    }

    /// A poll ends, and waits at `wait`. Only the poller calls this.
    #[inline]
    pub(crate) fn pause(&self, now: Instant, wait: Option<CallSite>) {
        self.wait.set(wait);
        self.stamp.store(now.nanos() << 1, Relaxed);
    }

    /// Undoes a poll that leakguard caused and that changed nothing.
    pub(crate) fn undo_poll(&self, idle_since: Instant) {
        self.polls.store(self.polls() - 1, Relaxed);
        self.stamp.store(idle_since.nanos() << 1, Relaxed);
    }

    #[inline]
    pub(crate) fn polls(&self) -> u32 {
        self.polls.load(Relaxed)
    }

    /// Whether a thread is inside it now.
    pub(crate) fn is_polling(&self) -> bool {
        self.stamp.load(Relaxed) & 1 == 1
    }

    /// Identifies the present poll or call, with the number of its thread.
    pub(crate) fn visit(&self) -> Option<(u32, Instant, u16)> {
        let visit = (self.polls(), self.stamped(), self.thread());
        self.is_polling().then_some(visit)
    }

    /// The coarse time at which its last poll began or ended, or at which it was spawned.
    pub(crate) fn stamped(&self) -> Instant {
        Instant::from_nanos(self.stamp.load(Relaxed) >> 1)
    }

    /// That instant, settled for a judge.
    pub(crate) fn since(&self) -> Instant {
        clock::settled(self.stamped())
    }

    #[inline]
    pub(crate) fn shape(&self) -> TaskShape {
        TaskShape((self.flags.load(Relaxed) >> SHAPE) as u8)
    }

    pub(crate) fn thread(&self) -> u16 {
        self.thread.load(Relaxed)
    }

    /// Whether a probe is under way, to which it may have responded.
    #[inline]
    pub(crate) fn is_disturbed(&self) -> bool {
        self.has(PROBED | ALL_PROBES)
    }

    /// Until [`Task::calm`] its polls are not counted as long as they change nothing, because they may be the doing of a
    /// probe. `false` if too many probes are under way, which changes nothing.
    pub(crate) fn disturb(&self) -> bool {
        let one_more = |flags: u16| flags.checked_add(ONE_PROBE);
        self.flags.fetch_update(SeqCst, SeqCst, one_more).is_ok()
    }

    pub(crate) fn calm(&self) {
        self.flags.fetch_sub(ONE_PROBE, SeqCst);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.has(ENDED)
    }

    pub(crate) fn mark_panicked(&self) {
        self.set(PANICKED);
    }

    #[inline]
    pub(crate) fn has_panicked(&self) -> bool {
        self.has(PANICKED)
    }

    #[inline]
    pub(crate) fn mark_detached(&self) {
        self.set(DETACHED);
    }

    #[inline]
    pub(crate) fn is_detached(&self) -> bool {
        self.has(DETACHED)
    }

    /// `true` the first time, so that of nested scopes only one reports it.
    pub(crate) fn report_once(&self) -> bool {
        self.set(REPORTED)
    }

    pub(crate) fn is_reported(&self) -> bool {
        self.has(REPORTED)
    }

    pub(crate) fn is_background(&self) -> bool {
        self.has(BACKGROUND)
    }

    /// `true` if this changed it.
    pub(crate) fn mark_background(&self) -> bool {
        self.set(BACKGROUND)
    }

    pub(crate) fn is_covered(&self) -> bool {
        self.has(COVERED)
    }

    /// `inner` is the same future, wrapped before by the caller of this task's helper. Each helper in between may have
    /// wrapped it, so this task may be covered by another one in turn.
    pub(crate) fn cover(&self, inner: &Task) {
        if !self.is_covered() && !inner.is_wrapped() {
            self.reach().rare().inner = Some(inner.id);
            inner.set(WRAPPED);
            self.set(COVERED);
        }
    }

    /// Whether a younger record wraps the same future.
    pub(crate) fn is_wrapped(&self) -> bool {
        self.has(WRAPPED)
    }

    /// The next older record of the same future.
    pub(crate) fn inner(&self) -> Option<TaskId> {
        if self.is_covered() { self.reach().rare().inner } else { None }
    }

    pub(crate) fn parent(&self) -> Option<TaskId> {
        let parent = self.id.get().wrapping_add_signed(-i64::from(self.parent));
        TaskId::new(parent).filter(|_| self.parent != 0)
    }

    pub(crate) fn began(&self) -> Instant {
        Instant::from_nanos(u64::from(self.began) << BEGAN_UNIT)
    }

    /// What is known of it, as one of `scope`.
    pub(crate) fn facts(&self, scope: Option<ScopeId>) -> TaskFacts {
        let is_polling = self.is_polling();
        let (polls, since) = (self.polls(), self.since());
        TaskFacts {
            id: self.id,
            kind: if self.site.is_body() { TaskKind::Call } else { self.kind() },
            name: name::of_type((self.meta.type_name)()),
            future: (self.meta.type_name)(),
            site: self.site,
            inner: self.inner(),
            through: Vec::new(),
            parent: self.parent(),
            scope,
            began: self.began(),
            polls: polls.into(),
            state: match (is_polling, polls) {
                (true, _) => TaskState::Polling { since },
                (_, 0) if self.kind().is_polled() => TaskState::NeverPolled,
                (_, 0) => TaskState::NotBegun,
                _ => TaskState::Idle { since },
            },
            wait_at: self.wait.get(),
            waker: WakerMark(self.waker_mark.load(Relaxed)),
            background: self.is_background(),
            detached: self.is_detached(),
            thread: None,
            native: NativeStack::NotProbed,
            answer: ProbeOutcome::NotProbed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SITE: Site = Site::new(crate::SiteKind::Spawn, "test", "spawn", "");
    const META: TaskMeta = TaskMeta { kind: TaskKind::Async, type_name: || "" };

    pub(super) fn task(id: u64, parent: Option<u64>) -> Task {
        let new = NewTask {
            meta: &META,
            site: &SITE,
            parent: parent.and_then(TaskId::new),
            background: false,
            detached: false,
        };
        let mut task = Task::blank();
        task.fill(TaskId::new(id).unwrap(), 0, &new, false);
        task
    }

    #[test]
    fn parents_with_lower_and_higher_numbers_are_found() {
        for (id, parent) in
            [(7, Some(3)), (64, Some(129)), (9, None), (1 << 40, Some((1 << 40) - 5))]
        {
            assert_eq!(task(id, parent).parent(), parent.and_then(TaskId::new));
        }
        // Too far away.
        assert_eq!(task(1 << 40, Some(1)).parent(), None);
    }
}
