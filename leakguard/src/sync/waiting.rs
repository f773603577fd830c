//! A future that waits on a channel or lock, and is in its queue while it does.

use crate::ledger;
use crate::record::resource::Resource;
use crate::record::resource::wait::{Intent, WaitRecord};
use crate::sync::here::{self, polling};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A wait in the queue of a resource, which leaves the queue when this is dropped. Empty until the first wait.
#[derive(Debug, Default)]
pub(super) struct QueueEntry(Option<(Arc<Resource>, Arc<WaitRecord>)>);

impl QueueEntry {
    /// The thread waits until this is dropped.
    pub(super) fn blocking(resource: Option<&Arc<Resource>>, intent: Intent) -> Self {
        let entry = QueueEntry::of_thread(resource, intent);
        if let Some((_, wait)) = &entry.0 {
            here::thread_outside().into_iter().for_each(|number| wait.set_thread(number));
        }
        entry
    }

    fn of_thread(resource: Option<&Arc<Resource>>, intent: Intent) -> Self {
        let mut entry = QueueEntry::default();
        let blocking = true;
        entry.enter(resource, Intent { blocking, ..intent }, None);
        entry
    }

    /// Same as [`QueueEntry::blocking`], for a wait that ends by itself. It belongs to no task or thread, so that no judge relies on it.
    #[cfg(feature = "parking_lot")]
    pub(super) fn timed(resource: Option<&Arc<Resource>>, intent: Intent) -> Self {
        let entry = QueueEntry::of_thread(resource, intent);
        if let Some((_, wait)) = &entry.0 {
            let mut poller = polling(None);
            poller.here.task = None;
            wait.polled(poller);
        }
        entry
    }

    #[cold]
    fn enter(&mut self, resource: Option<&Arc<Resource>>, intent: Intent, waker: Option<&Waker>) {
        let Some(resource) = resource else { return };
        // At each wait, because the other half of a oneshot may have removed it.
        ledger::global().enter_late(resource);
        match &self.0 {
            Some((_, wait)) => wait.polled(polling(waker)),
            None => {
                let intent = Intent { at: here::user_place(intent.at), ..intent };
                let wait = resource.waits.enter(intent, polling(waker));
                self.0 = Some((resource.clone(), wait));
            }
        }
    }

    /// Enters the queue or leaves it, depending on the result of a poll with `cx`.
    #[inline]
    pub(super) fn settle<T>(
        &mut self,
        resource: Option<&Arc<Resource>>,
        intent: Intent,
        cx: &Context<'_>,
        poll: Poll<T>,
    ) -> Poll<T> {
        if poll.is_pending() {
            self.enter(resource, intent, Some(cx.waker()));
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
        Waiting { future, resource, intent, entry: QueueEntry::default() }
    }
}

impl<F: Future> Future for Waiting<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let poll = this.future.poll(cx);
        this.entry.settle(*this.resource, *this.intent, cx, poll)
    }
}
