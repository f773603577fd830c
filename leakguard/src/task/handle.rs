//! The twin of `tokio::task::JoinHandle`.

use crate::fact::id::TaskId;
use crate::site::Site;
use crate::sync::joining::TaskWait;
use crate::watch::registered::SpawnRef;
use std::fmt;
use std::future::Future;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll};
use tokio::task as tokio_task;
use tokio::task::{AbortHandle, JoinError};

/// The task has ended.
const ENDED: u8 = 1;
/// Its handle was dropped, or has returned the result.
const REAPED: u8 = 1 << 1;

/// The state that a task and its handle share, so that the later of the two knows what the other has done.
#[derive(Debug)]
struct HandleState {
    flags: AtomicU8,
    task: TaskId,
    site: &'static Site,
}

impl HandleState {
    fn set_ended(&self) {
        if self.flags.fetch_or(ENDED, Relaxed) & REAPED == 0 {
            self.site.count_unreaped();
        }
    }

    fn set_reaped(&self) {
        if self.flags.fetch_or(REAPED, Relaxed) == ENDED {
            self.site.count_reaped();
        }
    }
}

/// Records that the task has ended, when this is dropped.
#[derive(Debug)]
pub(crate) struct EndGuard(Option<Arc<HandleState>>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        if let Some(state) = &self.0 {
            state.set_ended();
        }
    }
}

/// The handle's half of the state. `None` for a task of tokio's own, or where leakguard is off.
#[derive(Debug, Default)]
pub(crate) struct HandleLink(Option<Arc<HandleState>>);

impl HandleLink {
    /// Connects the handle with a task, which takes the result along.
    pub(super) fn to(&mut self, spawned: SpawnRef) -> EndGuard {
        let SpawnRef { task, site } = spawned;
        let state = |task| {
            let flags = AtomicU8::new(0);
            Arc::new(HandleState { flags, task, site })
        };
        self.0 = task.map(state);
        EndGuard(self.0.clone())
    }

    fn set_reaped(&self) {
        if let Some(state) = &self.0 {
            state.set_reaped();
        }
    }
}

impl Drop for HandleLink {
    fn drop(&mut self) {
        self.set_reaped();
    }
}

/// Instrumented drop-in for [`tokio::task::JoinHandle`].
pub struct JoinHandle<T> {
    inner: tokio_task::JoinHandle<T>,
    link: HandleLink,
    wait: TaskWait,
}

impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    pub(crate) fn new(inner: tokio_task::JoinHandle<T>, link: HandleLink) -> Self {
        JoinHandle { inner, link, wait: TaskWait::default() }
    }

    /// Returns tokio's own handle, which is no longer counted.
    pub fn into_inner(self) -> tokio_task::JoinHandle<T> {
        self.inner
    }

    /// Same as [`tokio::task::JoinHandle::abort`].
    pub fn abort(&self) {
        self.inner.abort();
    }

    /// Same as [`tokio::task::JoinHandle::is_finished`].
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }

    /// Same as [`tokio::task::JoinHandle::abort_handle`].
    #[must_use = "abort handles do nothing unless `.abort` is called"]
    pub fn abort_handle(&self) -> AbortHandle {
        self.inner.abort_handle()
    }

    /// Same as [`tokio::task::JoinHandle::id`].
    #[cfg(any(not(leakguard_tokio_before = "1.41"), tokio_unstable))]
    pub fn id(&self) -> tokio_task::Id {
        self.inner.id()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    // The compiler calls this at the user's `.await`.
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let at = Location::caller();
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll(cx);
        if poll.is_ready() {
            this.link.set_reaped();
        }
        match &this.link.0 {
            Some(state) => {
                let spawned = state.site.location();
                this.wait.settle((state.task, spawned), at, cx, poll)
            }
            None => poll,
        }
    }
}

impl<T> From<tokio_task::JoinHandle<T>> for JoinHandle<T> {
    fn from(inner: tokio_task::JoinHandle<T>) -> Self {
        JoinHandle::new(inner, HandleLink::default())
    }
}

impl<T> From<JoinHandle<T>> for tokio_task::JoinHandle<T> {
    fn from(handle: JoinHandle<T>) -> Self {
        handle.into_inner()
    }
}

impl<T: fmt::Debug> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
