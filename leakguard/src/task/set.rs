//! The twin of `tokio::task::JoinSet`.

use super::local::LocalSet;
use super::spawned::{self, TrackedTask};
use crate::runtime::Handle;
use crate::runtime::root::enter_current;
use crate::site::CallSite;
use crate::sync::joining::{EndsInSet, JoinSetRecord};
use crate::watch::closure;
use crate::watch::registered::SpawnRef;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::task::{Context, Poll, ready};
use tokio::task as tokio_task;
use tokio::task::{AbortHandle, JoinError};

/// Instrumented drop-in for [`tokio::task::JoinSet`].
pub struct JoinSet<T> {
    pub(super) inner: tokio_task::JoinSet<T>,
    pub(super) record: JoinSetRecord,
}

impl<T> JoinSet<T> {
    /// Same as [`tokio::task::JoinSet::new`].
    #[track_caller]
    pub fn new() -> Self {
        JoinSet {
            inner: tokio_task::JoinSet::new(),
            record: JoinSetRecord::new(Location::caller()),
        }
    }

    /// Same as [`tokio::task::JoinSet::len`].
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Same as [`tokio::task::JoinSet::is_empty`].
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// Returns tokio's own set, which is no longer counted.
    pub fn into_inner(self) -> tokio_task::JoinSet<T> {
        self.inner
    }

    /// Turns a future into a task of this set.
    pub(super) fn task<F: Future>(
        &self,
        task: F,
        name: &'static str,
        at: CallSite,
    ) -> TrackedTask<F, EndsInSet> {
        let _entered = enter_current(at);
        TrackedTask::new(task, name, at, |spawned| self.join(spawned, at))
    }

    /// Turns a blocking call into a task of this set.
    pub(super) fn blocking<F>(
        &self,
        f: F,
        name: &'static str,
        at: CallSite,
    ) -> impl FnOnce() -> T + use<F, T>
    where
        F: FnOnce() -> T,
    {
        let _entered = enter_current(at);
        let (spawned, body) = closure::blocking(name, at, f);
        spawned::blocking(body, self.join(spawned, at))
    }

    fn join(&self, spawned: SpawnRef, at: CallSite) -> EndsInSet {
        self.record.add(spawned.task, spawned.site.location(), at)
    }

    /// Records that the caller gets the result of a task, if there is one.
    fn note<R>(&self, joined: Option<R>, at: CallSite) -> Option<R> {
        if joined.is_some() {
            self.record.join(at);
        }
        joined
    }
}

impl<T: 'static> JoinSet<T> {
    /// Same as [`tokio::task::JoinSet::spawn`].
    ///
    /// # Panics
    ///
    /// If called outside of a runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T>,
        F: Send + 'static,
        T: Send,
    {
        let task = self.task(task, "JoinSet::spawn", Location::caller());
        let put = self.record.insert();
        put.done(self.inner.spawn(task))
    }

    /// Same as [`tokio::task::JoinSet::spawn_on`].
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T>,
        F: Send + 'static,
        T: Send,
    {
        let at = Location::caller();
        let _entered = handle.enter_root(at);
        let task = self.task(task, "JoinSet::spawn_on", at);
        let put = self.record.insert();
        put.done(self.inner.spawn_on(task, handle.as_inner()))
    }

    /// Same as [`tokio::task::JoinSet::spawn_local`].
    ///
    /// # Panics
    ///
    /// If called outside of a `LocalSet` and a `LocalRuntime`.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T>,
        F: 'static,
    {
        let task = self.task(task, "JoinSet::spawn_local", Location::caller());
        let put = self.record.insert();
        put.done(self.inner.spawn_local(task))
    }

    /// Same as [`tokio::task::JoinSet::spawn_local_on`].
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T>,
        F: 'static,
    {
        let task = self.task(task, "JoinSet::spawn_local_on", Location::caller());
        let put = self.record.insert();
        put.done(self.inner.spawn_local_on(task, local_set.as_inner()))
    }

    /// Same as [`tokio::task::JoinSet::spawn_blocking`].
    ///
    /// # Panics
    ///
    /// If called outside of a runtime.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T,
        F: Send + 'static,
        T: Send,
    {
        let call = self.blocking(f, "JoinSet::spawn_blocking", Location::caller());
        let put = self.record.insert();
        put.done(self.inner.spawn_blocking(call))
    }

    /// Same as [`tokio::task::JoinSet::spawn_blocking_on`].
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T,
        F: Send + 'static,
        T: Send,
    {
        let at = Location::caller();
        let _entered = handle.enter_root(at);
        let call = self.blocking(f, "JoinSet::spawn_blocking_on", at);
        let put = self.record.insert();
        put.done(self.inner.spawn_blocking_on(call, handle.as_inner()))
    }

    /// Same as [`tokio::task::JoinSet::join_next`].
    #[track_caller]
    pub fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> {
        self.next(Location::caller())
    }

    async fn next(&mut self, at: CallSite) -> Option<Result<T, JoinError>> {
        let joined = self.record.wait(at, self.inner.join_next()).await;
        self.note(joined, at)
    }

    /// Same as [`tokio::task::JoinSet::join_next_with_id`].
    #[cfg(any(not(leakguard_tokio_before = "1.41"), tokio_unstable))]
    #[track_caller]
    pub fn join_next_with_id(
        &mut self,
    ) -> impl Future<Output = Option<Result<(tokio_task::Id, T), JoinError>>> {
        let at = Location::caller();
        async move {
            let next = self.inner.join_next_with_id();
            let joined = self.record.wait(at, next).await;
            self.note(joined, at)
        }
    }

    /// Same as [`tokio::task::JoinSet::try_join_next`].
    #[track_caller]
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        let joined = self.inner.try_join_next();
        self.note(joined, Location::caller())
    }

    /// Same as [`tokio::task::JoinSet::try_join_next_with_id`].
    #[cfg(any(not(leakguard_tokio_before = "1.41"), tokio_unstable))]
    #[track_caller]
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(tokio_task::Id, T), JoinError>> {
        let joined = self.inner.try_join_next_with_id();
        self.note(joined, Location::caller())
    }

    /// Same as [`tokio::task::JoinSet::shutdown`].
    #[track_caller]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            self.abort_all();
            while self.next(at).await.is_some() {}
        }
    }

    /// Same as [`tokio::task::JoinSet::join_all`].
    ///
    /// # Panics
    ///
    /// If a task was aborted or has panicked. The panic of the task is resumed.
    #[cfg(not(leakguard_tokio_before = "1.40"))]
    #[track_caller]
    pub fn join_all(mut self) -> impl Future<Output = Vec<T>> {
        let at = Location::caller();
        async move {
            let mut output = Vec::with_capacity(self.len());
            while let Some(joined) = self.next(at).await {
                match joined {
                    Ok(value) => output.push(value),
                    Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                    Err(error) => panic!("{error}"),
                }
            }
            output
        }
    }

    /// Same as [`tokio::task::JoinSet::abort_all`].
    pub fn abort_all(&mut self) {
        self.inner.abort_all();
    }

    /// Same as [`tokio::task::JoinSet::detach_all`].
    pub fn detach_all(&mut self) {
        self.inner.detach_all();
        self.record.detach_all();
    }

    /// Same as [`tokio::task::JoinSet::poll_join_next`].
    #[track_caller]
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        let joined = ready!(self.inner.poll_join_next(cx));
        Poll::Ready(self.note(joined, Location::caller()))
    }

    /// Same as [`tokio::task::JoinSet::poll_join_next_with_id`].
    #[cfg(any(not(leakguard_tokio_before = "1.41"), tokio_unstable))]
    #[track_caller]
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(tokio_task::Id, T), JoinError>>> {
        let joined = ready!(self.inner.poll_join_next_with_id(cx));
        Poll::Ready(self.note(joined, Location::caller()))
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> Default for JoinSet<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T>,
    F: Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = F>>(iter: I) -> Self {
        let mut set = Self::new();
        set.extend(iter);
        set
    }
}

impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T>,
    F: Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn extend<I>(&mut self, iter: I)
    where
        I: IntoIterator<Item = F>,
    {
        // Not `for_each`, because its closure would be the caller.
        for task in iter {
            self.spawn(task);
        }
    }
}

impl<T> From<tokio_task::JoinSet<T>> for JoinSet<T> {
    #[track_caller]
    fn from(inner: tokio_task::JoinSet<T>) -> Self {
        let record = JoinSetRecord::new(Location::caller());
        record.set_outside();
        JoinSet { inner, record }
    }
}

impl<T> From<JoinSet<T>> for tokio_task::JoinSet<T> {
    fn from(set: JoinSet<T>) -> Self {
        set.into_inner()
    }
}
