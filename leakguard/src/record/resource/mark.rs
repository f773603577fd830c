//! Which task did something, where and when. One thread stores it, others read it.

use crate::clock::{self, Instant};
use crate::fact::id::{OutsideThread, TaskId, WakerMark};
use crate::fact::resource::OccurrenceFacts;
use crate::record::location::AtomicLocation;
use crate::site::CallSite;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The thread that writes to a record, at this instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer {
    /// `None` outside of every watched task.
    pub(crate) task: Option<TaskId>,
    /// The coarse time: see `clock::coarse`.
    pub(crate) now: Instant,
}

/// A thread that writes in a poll that waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Poller {
    pub(crate) here: Writer,
    /// How often the task has been polled, this poll included.
    pub(crate) polls: u32,
    /// The stamp of this poll's beginning.
    pub(crate) began: Instant,
    /// The waker that the wait itself was polled with.
    pub(crate) waker: WakerMark,
}

/// The bit beside a task's id which means that the task was handed the thing and has not used it.
const HANDED: u64 = 1 << 63;

/// The bit beside the number of a thread that is outside of every task.
const THREAD: u64 = 1 << 62;

/// The task and the place that last did something.
#[derive(Debug, Default)]
pub(crate) struct LastUse {
    task: AtomicU64,
    at: AtomicLocation,
}

impl LastUse {
    #[inline]
    pub(crate) fn new(task: Option<TaskId>, at: CallSite) -> Self {
        LastUse { task: AtomicU64::new(TaskId::to_word(task)), at: AtomicLocation::new(at) }
    }

    pub(crate) fn set(&self, task: Option<TaskId>, at: CallSite) {
        self.task.store(TaskId::to_word(task), Relaxed);
        self.at.set(Some(at));
    }

    /// The thing was moved to `task`, which has not used it.
    pub(crate) fn hand_over(&self, task: TaskId, at: CallSite) {
        self.task.store(task.get() | HANDED, Relaxed);
        self.at.set(Some(at));
    }

    /// The thing was moved to another `task`. The place stays.
    pub(crate) fn move_to(&self, task: TaskId) {
        self.task.store(task.get(), Relaxed);
    }

    /// The thread did it, outside of every task.
    pub(crate) fn set_thread(&self, thread: OutsideThread) {
        self.task.store(thread.0.get() | THREAD, Relaxed);
    }

    /// The thread that did it, if it was outside of every task and is known.
    pub(crate) fn thread(&self) -> Option<OutsideThread> {
        let word = self.task.load(Relaxed);
        NonZeroU64::new(word & !THREAD)
            .filter(|_| word & THREAD != 0 && word & HANDED == 0)
            .map(OutsideThread)
    }

    pub(crate) fn is_handed(&self) -> bool {
        self.task.load(Relaxed) & HANDED != 0
    }

    pub(crate) fn task(&self) -> Option<TaskId> {
        let word = self.task.load(Relaxed);
        TaskId::new(word & !HANDED).filter(|_| word & THREAD == 0)
    }

    pub(crate) fn at(&self) -> Option<CallSite> {
        self.at.get()
    }
}

/// The last use, with its instant and a count.
#[derive(Debug, Default)]
pub(crate) struct Occurrence {
    last: LastUse,
    when: AtomicU64,
    times: AtomicU64,
}

impl Occurrence {
    pub(crate) fn note(&self, here: Writer, at: CallSite) {
        self.last.set(here.task, at);
        self.when.store(here.now.nanos(), Relaxed);
        self.times.fetch_add(1, Relaxed);
    }

    pub(crate) fn times(&self) -> u64 {
        self.times.load(Relaxed)
    }

    /// `None` if it never happened.
    pub(crate) fn facts(&self) -> Option<OccurrenceFacts> {
        let times = self.times();
        (times > 0).then(|| OccurrenceFacts {
            task: self.last.task(),
            at: self.last.at(),
            when: clock::settled(Instant::from_nanos(self.when.load(Relaxed))),
            times,
        })
    }
}
