//! What one capture writes down: the stacks of those who cloned or woke the waker; it names no address.

use std::sync::{Mutex, PoisonError};
use std::task::Waker;
use std::thread::{self, ThreadId};

use super::raw::RawStack;

/// Unwinding costs microseconds, and it is the user's task that pays: past this many calls in one poll only count.
const MAX_NOTES: usize = 256;

/// What one poll did with its waker.
///
/// A pending poll that neither cloned nor woke left nothing to wake it, unless a leaf keeps the waker of an earlier
/// poll without comparing it to the present one; the two look the same.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    /// The places that wait, each different one once, in the order in which they were polled.
    pub(crate) stacks: Vec<RawStack>,
    /// The places that asked to be polled again at once, each different one once.
    pub(crate) yields: Vec<RawStack>,
    /// How often the waker was cloned.
    pub(crate) clones: usize,
    /// How often the task woke itself through the waker it was lent.
    pub(crate) wakes: usize,
}

impl Capture {
    fn is_full(&self) -> bool {
        self.clones + self.wakes >= MAX_NOTES
    }
}

/// The page that a capture keeps open while it polls; its own address is the edge of the stacks in it.
pub(super) struct Notebook<'a> {
    real: &'a Waker,
    thread: ThreadId,
    page: Mutex<Capture>,
}

impl<'a> Notebook<'a> {
    pub(super) fn new(real: &'a Waker) -> Self {
        Self {
            real,
            thread: thread::current().id(),
            page: Mutex::default(),
        }
    }

    pub(super) fn real(&self) -> &Waker {
        self.real
    }

    pub(super) fn note_wait(&self) {
        let stack = self.take_stack();
        self.write(|page| {
            page.clones += 1;
            add(&mut page.stacks, stack);
        });
    }

    pub(super) fn note_wake(&self) {
        let stack = self.take_stack();
        self.write(|page| {
            page.wakes += 1;
            add(&mut page.yields, stack);
        });
    }

    pub(super) fn close(self) -> Capture {
        self.page
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The stack is taken outside the lock, because unwinding takes a lock of its own.
    fn take_stack(&self) -> Option<RawStack> {
        let full = self.write(|page| page.is_full());
        (!full).then(|| RawStack::take(self.edge()))
    }

    /// Another thread's stack does not end at this notebook, so it has no edge.
    fn edge(&self) -> Option<usize> {
        let at_home = thread::current().id() == self.thread;
        at_home.then(|| std::ptr::from_ref(self).addr())
    }

    fn write<T>(&self, change: impl FnOnce(&mut Capture) -> T) -> T {
        change(&mut self.page.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn add(stacks: &mut Vec<RawStack>, stack: Option<RawStack>) {
    if let Some(stack) = stack.filter(|stack| !stacks.contains(stack)) {
        stacks.push(stack);
    }
}
