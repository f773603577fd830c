//! The twin of `tokio::task::JoinHandle`.

use crate::fact::id::TaskId;
use crate::site::Site;
use crate::sync::joining::JoinTask;
use crate::watch::registered::SpawnRef;
use std::fmt;
use std::future::Future;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll};
use tokio::task as tokio_task;
use tokio::task::{AbortHandle, Id, JoinError};

/// The task has ended.
const ENDED: u8 = 1;
/// Its handle was dropped, or has given the result.
const GONE: u8 = 1 << 1;

/// What a task and its handle share: whichever comes second knows what the other has done.
#[derive(Debug)]
struct Fate {
    state: AtomicU8,
    task: TaskId,
    site: &'static Site,
}

impl Fate {
    fn end(&self) {
        if self.state.fetch_or(ENDED, Relaxed) & GONE == 0 {
            self.site.count_unreaped();
        }
    }

    fn forget(&self) {
        if self.state.fetch_or(GONE, Relaxed) == ENDED {
            self.site.count_reaped();
        }
    }
}

/// Tells that the task has ended.
#[derive(Debug)]
pub(super) struct Ends(Option<Arc<Fate>>);

impl Drop for Ends {
    fn drop(&mut self) {
        if let Some(fate) = &self.0 {
            fate.end();
        }
    }
}

/// What a handle knows of its task: nothing of one that came from outside, or where leakguard is off.
#[derive(Debug, Default)]
pub(super) struct Link(Option<Arc<Fate>>);

impl Link {
    /// Ties it to a task; what this gives goes with the task.
    pub(super) fn to(&mut self, spawned: SpawnRef) -> Ends {
        let SpawnRef { task, site } = spawned;
        let fate = |task| {
            let state = AtomicU8::new(0);
            Arc::new(Fate { state, task, site })
        };
        self.0 = task.map(fate);
        Ends(self.0.clone())
    }

    fn forget(&self) {
        if let Some(fate) = &self.0 {
            fate.forget();
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.forget();
    }
}

/// As [`tokio::task::JoinHandle`].
pub struct JoinHandle<T> {
    inner: tokio_task::JoinHandle<T>,
    link: Link,
    wait: JoinTask,
}

impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    pub(super) fn new(inner: tokio_task::JoinHandle<T>, link: Link) -> Self {
        JoinHandle {
            inner,
            link,
            wait: JoinTask::default(),
        }
    }

    /// Gives tokio's own handle, which is no longer counted.
    pub fn into_inner(self) -> tokio_task::JoinHandle<T> {
        self.inner
    }

    /// As [`tokio::task::JoinHandle::abort`].
    pub fn abort(&self) {
        self.inner.abort();
    }

    /// As [`tokio::task::JoinHandle::is_finished`].
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }

    /// As [`tokio::task::JoinHandle::abort_handle`].
    #[must_use = "abort handles do nothing unless `.abort` is called"]
    pub fn abort_handle(&self) -> AbortHandle {
        self.inner.abort_handle()
    }

    /// As [`tokio::task::JoinHandle::id`].
    pub fn id(&self) -> Id {
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
            this.link.forget();
        }
        match &this.link.0 {
            Some(fate) => {
                let (task, started) = (fate.task, fate.site.location());
                this.wait.settle(task, started, at, poll)
            }
            None => poll,
        }
    }
}

impl<T> From<tokio_task::JoinHandle<T>> for JoinHandle<T> {
    fn from(inner: tokio_task::JoinHandle<T>) -> Self {
        JoinHandle::new(inner, Link::default())
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
