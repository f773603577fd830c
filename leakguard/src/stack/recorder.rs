//! Records the stacks of the calls that clone or wake the waker of one poll; resolves no address.
#![expect(unsafe_code, reason = "a walk ends at the recorder")]

use std::sync::{Mutex, PoisonError};
use std::task::Waker;
use std::thread::{self, ThreadId};

use super::raw::RawStack;
use super::span::StackEdge;

/// Maximum number of stacks recorded in one poll; further calls are only counted. Unwinding costs microseconds, and
/// the user's task pays for it.
const MAX_STACKS: usize = 256;

/// What one poll did with its waker.
///
/// A pending poll that neither cloned nor woke left nothing to wake it, unless a leaf keeps the waker of an earlier
/// poll without comparing it to the present one. The two cases look the same.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    /// The stacks that wait, without duplicates, in the order in which they were polled.
    pub(crate) stacks: Vec<RawStack>,
    /// The stacks that woke the task at once, without duplicates.
    pub(crate) yields: Vec<RawStack>,
    /// Number of times that the waker was cloned.
    pub(crate) clones: usize,
    /// Number of times that the task woke itself through the waker it was lent.
    pub(crate) wakes: usize,
}

impl Capture {
    fn is_full(&self) -> bool {
        self.clones + self.wakes >= MAX_STACKS
    }
}

/// Records during one poll. Its own address is the edge of the stacks in it.
pub(super) struct PollRecorder<'a> {
    real: &'a Waker,
    thread: ThreadId,
    capture: Mutex<Capture>,
}

impl<'a> PollRecorder<'a> {
    pub(super) fn new(real: &'a Waker) -> Self {
        Self { real, thread: thread::current().id(), capture: Mutex::default() }
    }

    pub(super) fn real(&self) -> &Waker {
        self.real
    }

    pub(super) fn record_wait(&self) {
        let stack = self.walk();
        self.update(|capture| {
            capture.clones += 1;
            add(&mut capture.stacks, stack);
        });
    }

    pub(super) fn record_wake(&self) {
        let stack = self.walk();
        self.update(|capture| {
            capture.wakes += 1;
            add(&mut capture.yields, stack);
        });
    }

    pub(super) fn finish(self) -> Capture {
        self.capture.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Walks outside the lock, because the first walk of a thread takes longer.
    fn walk(&self) -> Option<RawStack> {
        let full = self.update(|capture| capture.is_full());
        (!full).then(|| RawStack::walk(self.edge()))
    }

    /// The stack of another thread does not end at this recorder, so it has no edge.
    fn edge(&self) -> Option<StackEdge> {
        let at_home = thread::current().id() == self.thread;
        // SAFETY: `capture` keeps the recorder in its own frame, on this thread, and returns after the last walk.
        at_home.then(|| unsafe { StackEdge::at(self) })
    }

    fn update<T>(&self, change: impl FnOnce(&mut Capture) -> T) -> T {
        change(&mut self.capture.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn add(stacks: &mut Vec<RawStack>, stack: Option<RawStack>) {
    if let Some(stack) = stack.filter(|stack| !stacks.contains(stack)) {
        stacks.push(stack);
    }
}
