//! What is spawned: the user's future or closure, its record, and who is to hear of its end.

use crate::site::CallSite;
use crate::watch::future::Watched;
use crate::watch::registered::SpawnRef;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A watched future, and what is dropped when it has ended: behind it, and before tokio lets anybody have its result.
    #[derive(Debug)]
    pub(super) struct Member<F, E> {
        #[pin]
        future: Watched<F>,
        end: E,
    }
}

impl<F: Future, E> Member<F, E> {
    /// What is spawned at `at`; `joins` makes of its record what hears of its end.
    pub(super) fn new(
        future: F,
        name: &'static str,
        at: CallSite,
        joins: impl FnOnce(SpawnRef) -> E,
    ) -> Self {
        let (future, spawned) = Watched::spawned(future, name, at);
        let end = joins(spawned);
        Member { future, end }
    }
}

impl<F: Future, E> Future for Member<F, E> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

/// The same for a blocking call that is watched.
pub(super) fn job<T, E>(body: impl FnOnce() -> T, end: E) -> impl FnOnce() -> T {
    move || {
        let _end = end;
        body()
    }
}
