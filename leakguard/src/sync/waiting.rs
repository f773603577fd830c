//! A future that waits on a channel or lock, and is in its queue while it does.

use crate::ledger;
use crate::record::resource::Resource;
use crate::record::resource::wait::{Intent, WaitRecord};
use crate::sync::here::polling;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A place in the queue of a resource, given back on drop; empty until somebody has to wait.
#[derive(Debug, Default)]
pub(super) struct QueueEntry(Option<(Arc<Resource>, Arc<WaitRecord>)>);

impl QueueEntry {
    /// A thread waits until this is dropped.
    pub(super) fn blocking(resource: Option<&Arc<Resource>>, intent: Intent) -> Self {
        let mut entry = QueueEntry::default();
        let blocking = true;
        entry.enter(resource, Intent { blocking, ..intent });
        entry
    }

    /// The same of a wait that ends by itself: it is nobody's, so that no judge builds on it.
    #[cfg(feature = "parking_lot")]
    pub(super) fn timed(resource: Option<&Arc<Resource>>, intent: Intent) -> Self {
        let entry = QueueEntry::blocking(resource, intent);
        if let Some((_, wait)) = &entry.0 {
            let mut nobody = polling();
            nobody.here.task = None;
            wait.polled(nobody);
        }
        entry
    }

    #[cold]
    fn enter(&mut self, resource: Option<&Arc<Resource>>, intent: Intent) {
        let Some(resource) = resource else { return };
        // Again and again: its other end may have taken it out.
        ledger::global().enter_late(resource);
        match &self.0 {
            Some((_, wait)) => wait.polled(polling()),
            None => {
                let wait = resource.waits.enter(intent, polling());
                self.0 = Some((resource.clone(), wait));
            }
        }
    }

    /// Enters or leaves the queue, by what a poll has said.
    #[inline]
    pub(super) fn settle<T>(
        &mut self,
        resource: Option<&Arc<Resource>>,
        intent: Intent,
        poll: Poll<T>,
    ) -> Poll<T> {
        if poll.is_pending() {
            self.enter(resource, intent);
        } else {
            self.leave();
        }
        poll
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        if self.0.is_some() {
            self.leave_queue();
        }
    }

    #[cold]
    fn leave_queue(&mut self) {
        if let Some((resource, wait)) = self.0.take() {
            resource.waits.leave(&wait);
        }
    }
}

impl Drop for QueueEntry {
    fn drop(&mut self) {
        self.leave();
    }
}

pin_project! {
    /// A future of tokio's that is in the queue of `resource` from its first `Pending` on.
    #[derive(Debug)]
    pub(super) struct Waiting<'a, F> {
        #[pin]
        future: F,
        resource: Option<&'a Arc<Resource>>,
        intent: Intent,
        entry: QueueEntry,
    }
}

impl<'a, F> Waiting<'a, F> {
    pub(super) fn new(resource: Option<&'a Arc<Resource>>, intent: Intent, future: F) -> Self {
        Waiting {
            future,
            resource,
            intent,
            entry: QueueEntry::default(),
        }
    }
}

impl<F: Future> Future for Waiting<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let poll = this.future.poll(cx);
        this.entry.settle(*this.resource, *this.intent, poll)
    }
}
