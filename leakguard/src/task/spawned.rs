//! What is spawned: the user's future or closure, its record, and a guard that records its end.

use crate::site::CallSite;
use crate::watch::future::Watched;
use crate::watch::registered::SpawnRef;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A watched future and a guard. The guard is dropped after the future, and before tokio makes the result available.
    #[derive(Debug)]
    pub(crate) struct TrackedTask<F, E> {
        #[pin]
        future: Watched<F>,
        end: E,
    }
}

impl<F: Future, E> TrackedTask<F, E> {
    /// A task that is spawned at `at`. `guard` creates its guard.
    pub(super) fn new(
        future: F,
        name: &'static str,
        at: CallSite,
        guard: impl FnOnce(SpawnRef) -> E,
    ) -> Self {
        let (future, spawned) = Watched::spawned(future, name, at);
        let end = guard(spawned);
        TrackedTask { future, end }
    }
}

impl<F: Future, E> Future for TrackedTask<F, E> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

/// Same as [`TrackedTask`], for a blocking call that is watched.
pub(super) fn blocking<T, E>(body: impl FnOnce() -> T, end: E) -> impl FnOnce() -> T {
    move || {
        let _end = end;
        body()
    }
}
