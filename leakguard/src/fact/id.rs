//! What names a task or a scope, and what kind it is of.

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

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What kind of thing runs.
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
    /// Whether a waker can make it answer.
    pub(crate) fn is_polled(self) -> bool {
        matches!(self, TaskKind::Async | TaskKind::Call)
    }

    /// Whether it is a function's own body rather than something started.
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
    /// Its future was dropped before it was ready; has every bit of the others.
    Cancelled,
}

/// What a scope is to those inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A function's.
    Call,
    /// That of `main`: its return waits, and those inside it speak for themselves.
    Main,
    /// A test's: what is found in any scope inside it comes to it.
    Collect,
    /// That of a value: it lasts until the value is dropped.
    Owner,
}

/// A number that no other channel or lock of the process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ResourceId(pub(crate) u64);

/// A counter that all threads share costs as much as the rest of a oneshot's record: each takes so many at once.
pub(crate) const SUPPLY: u64 = 1024;

/// Whether `first` is certainly a number that was given before `next` was the next to give: one thread gave both.
pub(crate) fn comes_before(first: u64, next: u64) -> bool {
    let supply = |number: u64| (number - 1) / SUPPLY;
    first < next && supply(first) == supply(next - 1)
}
