//! An awaited future that notes where it waits.

use crate::context;
use crate::registry::home;
use crate::site::CallSite;
use crate::watch::visit::{ROOM, TaskVisit};
use pin_project_lite::pin_project;
use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The operand of an annotated `.await`.
    #[derive(Debug)]
    pub struct NotedWait<F> {
        #[pin]
        future: F,
        at: CallSite,
        // Dropped after the future.
        visit: [TaskVisit; ROOM],
    }
}

/// Not public API. Used by generated code: `x.await` becomes `wait(x).await`.
#[track_caller]
pub fn wait<F: IntoFuture>(awaited: F) -> NotedWait<F::IntoFuture> {
    NotedWait {
        future: awaited.into_future(),
        at: Location::caller(),
        visit: [const { TaskVisit::NONE }; ROOM],
    }
}

impl<F: Future> Future for NotedWait<F> {
    type Output = F::Output;

    // For futures that use the caller's location, such as a twin's receiver.
    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let Some(visit) = this.visit.first_mut()
            && home::is_any_open()
        {
            return visit.poll(this.at, this.future, cx);
        }
        let poll = this.future.poll(cx);
        if poll.is_pending() {
            context::note_wait(this.at);
        }
        poll
    }
}
