//! The twin of `tokio::runtime::LocalRuntime`.

use crate::runtime::Handle;
use crate::runtime::body::Body;
use crate::site::CallSite;
use crate::task::JoinHandle;
use crate::task::spawn::{blocking, tracked};
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;
use tokio::runtime as tokio_runtime;
use tokio::runtime::{EnterGuard, RuntimeMetrics};

/// Instrumented drop-in for [`tokio::runtime::LocalRuntime`].
pub struct LocalRuntime {
    inner: tokio_runtime::LocalRuntime,
    handle: Handle,
}

impl LocalRuntime {
    /// Same as [`tokio::runtime::LocalRuntime::new`].
    ///
    /// # Errors
    ///
    /// If the system refuses what the runtime needs.
    pub fn new() -> std::io::Result<LocalRuntime> {
        tokio_runtime::LocalRuntime::new().map(LocalRuntime::from)
    }

    /// Returns tokio's own runtime.
    pub fn into_inner(self) -> tokio_runtime::LocalRuntime {
        self.inner
    }

    /// Same as [`tokio::runtime::LocalRuntime::handle`].
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Same as [`tokio::runtime::LocalRuntime::spawn_local`].
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let (task, link) = tracked(future, "LocalRuntime::spawn_local", Location::caller());
        JoinHandle::new(self.inner.spawn_local(task), link)
    }

    /// Same as [`tokio::runtime::LocalRuntime::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let (call, link) = blocking(func, "LocalRuntime::spawn_blocking", Location::caller());
        JoinHandle::new(self.inner.spawn_blocking(call), link)
    }

    /// Same as [`tokio::runtime::LocalRuntime::block_on`].
    ///
    /// # Panics
    ///
    /// If called inside of an async task.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.run(future, "LocalRuntime::block_on", Location::caller())
    }

    /// Runs `future` in the name of a method that was called at `at`.
    #[track_caller]
    pub(crate) fn run<F: Future>(&self, future: F, name: &'static str, at: CallSite) -> F::Output {
        self.inner.block_on(Body::new(future, name, at))
    }

    /// Same as [`tokio::runtime::LocalRuntime::enter`].
    pub fn enter(&self) -> EnterGuard<'_> {
        self.inner.enter()
    }

    /// Same as [`tokio::runtime::LocalRuntime::shutdown_timeout`].
    pub fn shutdown_timeout(self, duration: Duration) {
        self.inner.shutdown_timeout(duration);
    }

    /// Same as [`tokio::runtime::LocalRuntime::shutdown_background`].
    pub fn shutdown_background(self) {
        self.inner.shutdown_background();
    }

    /// Same as [`tokio::runtime::LocalRuntime::metrics`].
    pub fn metrics(&self) -> RuntimeMetrics {
        self.inner.metrics()
    }
}

impl fmt::Debug for LocalRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl From<tokio_runtime::LocalRuntime> for LocalRuntime {
    fn from(inner: tokio_runtime::LocalRuntime) -> Self {
        let handle = Handle::from(inner.handle().clone());
        LocalRuntime { inner, handle }
    }
}

impl From<LocalRuntime> for tokio_runtime::LocalRuntime {
    fn from(runtime: LocalRuntime) -> Self {
        runtime.into_inner()
    }
}
