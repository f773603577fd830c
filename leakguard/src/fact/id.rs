//! Identifies tasks, scopes and resources, and tells what kind a task or a scope is.

use std::fmt;
use std::num::NonZeroU64;

/// A number that no other task of the process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(NonZeroU64);

impl TaskId {
    /// A record that is not in use has this number. No process starts that many tasks.
    pub(crate) const UNUSED: TaskId = TaskId(NonZeroU64::MAX);

    /// `None` for 0.
    #[inline]
    pub(crate) const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(TaskId(number)),
            None => None,
        }
    }

    #[inline]
    pub(crate) const fn get(self) -> u64 {
        self.0.get()
    }

    /// The number for an atomic, which [`TaskId::new`] reads back: 0 for `None`.
    #[inline]
    pub(crate) const fn to_word(id: Option<Self>) -> u64 {
        match id {
            Some(id) => id.get(),
            None => 0,
        }
    }
}

/// A number that no other thread of the process has, for a thread outside of every task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OutsideThread(pub(crate) NonZeroU64);

/// The bit of the number of a task that stands for a thread. No process starts that many tasks.
const THREAD: u64 = 1 << 62;

impl TaskId {
    /// The thread as a judgement sees it: something that waits, like a task.
    pub(crate) fn of_thread(thread: OutsideThread) -> TaskId {
        TaskId(thread.0 | THREAD)
    }

    /// Whether it stands for a thread that leakguard did not see start.
    pub(crate) fn is_thread(self) -> bool {
        self.get() & THREAD != 0
    }
}

/// A number that tells wakers apart: that of one waker is always the same, and those of two live ones hardly ever are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WakerMark(pub(crate) u32);

impl WakerMark {
    /// That of an unknown waker.
    pub(crate) const UNKNOWN: WakerMark = WakerMark(0);

    /// Whether both are known, and the wakers are not the same.
    pub(crate) fn differs(self, other: WakerMark) -> bool {
        self != WakerMark::UNKNOWN && other != WakerMark::UNKNOWN && self != other
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The kind of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TaskKind {
    /// A future that an executor polls.
    Async,
    /// A closure on a thread for blocking calls.
    Blocking,
    /// A thread.
    Thread,
    /// The body of an annotated async function or of a test; polled inside a task or as a root.
    Call,
    /// The body of an annotated sync function; it runs on some thread.
    SyncCall,
}

impl TaskKind {
    /// Whether a waker can make it respond to a probe.
    pub(crate) fn is_polled(self) -> bool {
        matches!(self, TaskKind::Async | TaskKind::Call)
    }

    /// Whether it is the body of a function rather than something spawned.
    pub(crate) fn is_call(self) -> bool {
        matches!(self, TaskKind::Call | TaskKind::SyncCall)
    }
}

/// A scope, named by the number of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ScopeId(pub(crate) TaskId);

/// How the call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Returned,
    /// It returned on a thread that must not wait, as inside a runtime.
    Left,
    Panicked,
    /// Its future was dropped before it was ready. Its number has every bit of the others.
    Cancelled,
}

/// What kind of thing a scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A call of a function.
    Call,
    /// The call of `main`: its return waits, and the scopes inside it report their own findings.
    Main,
    /// A test, or a scope by hand: it collects the findings of every scope inside it.
    Collect,
    /// An `Owner`: the scope lasts until that value is dropped.
    Owner,
    /// A runtime: the scope lasts until that is dropped, and its findings are only logged.
    Root,
}

/// A number that no other channel or lock of the process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ResourceId(pub(crate) u64);

/// How many numbers a thread takes at once. A counter that every oneshot increments would cost as much as the rest of
/// its record.
pub(crate) const SUPPLY: u64 = 1024;

/// Whether `first` was certainly given before `next` became the next number. True only where one thread gave both.
pub(crate) fn comes_before(first: u64, next: u64) -> bool {
    let supply = |number: u64| (number - 1) / SUPPLY;
    first < next && supply(first) == supply(next - 1)
}
