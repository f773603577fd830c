//! The twin of `tokio::task::LocalSet`.

use super::handle::JoinHandle;
use super::spawn::tracked;
use crate::runtime::Runtime;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::task as tokio_task;
use tokio::task::LocalEnterGuard;

/// Instrumented drop-in for [`tokio::task::LocalSet`].
pub struct LocalSet {
    inner: tokio_task::LocalSet,
}

impl LocalSet {
    /// Same as [`tokio::task::LocalSet::new`].
    pub fn new() -> LocalSet {
        LocalSet::from(tokio_task::LocalSet::new())
    }

    /// Same as [`tokio::task::LocalSet::enter`].
    pub fn enter(&self) -> LocalEnterGuard {
        self.inner.enter()
    }

    /// Returns tokio's own set.
    pub fn into_inner(self) -> tokio_task::LocalSet {
        self.inner
    }

    /// Tokio's own set.
    pub(super) fn as_inner(&self) -> &tokio_task::LocalSet {
        &self.inner
    }

    /// Same as [`tokio::task::LocalSet::spawn_local`].
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let (task, link) = tracked(future, "LocalSet::spawn_local", Location::caller());
        JoinHandle::new(self.inner.spawn_local(task), link)
    }

    /// Same as [`tokio::task::LocalSet::block_on`].
    ///
    /// # Panics
    ///
    /// If called inside of an async task.
    #[track_caller]
    pub fn block_on<F>(&self, rt: &Runtime, future: F) -> F::Output
    where
        F: Future,
    {
        rt.run(self.inner.run_until(future), "LocalSet::block_on", Location::caller())
    }

    /// Same as [`tokio::task::LocalSet::run_until`].
    pub async fn run_until<F>(&self, future: F) -> F::Output
    where
        F: Future,
    {
        self.inner.run_until(future).await
    }

    /// Same as [`tokio::task::LocalSet::id`].
    #[cfg(any(not(leakguard_tokio_before = "1.49"), tokio_unstable))]
    pub fn id(&self) -> tokio::runtime::Id {
        self.inner.id()
    }

    /// Same as `tokio::task::LocalSet::unhandled_panic`.
    #[cfg(tokio_unstable)]
    pub fn unhandled_panic(&mut self, behavior: tokio::runtime::UnhandledPanic) -> &mut Self {
        self.inner.unhandled_panic(behavior);
        self
    }
}

impl Future for LocalSet {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.get_mut().inner).poll(cx)
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Default for LocalSet {
    fn default() -> LocalSet {
        LocalSet::new()
    }
}

impl From<tokio_task::LocalSet> for LocalSet {
    fn from(inner: tokio_task::LocalSet) -> Self {
        LocalSet { inner }
    }
}

impl From<LocalSet> for tokio_task::LocalSet {
    fn from(set: LocalSet) -> Self {
        set.into_inner()
    }
}
