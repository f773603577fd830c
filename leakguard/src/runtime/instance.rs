//! The twin of `tokio::runtime::Runtime`.

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

/// Instrumented drop-in for [`tokio::runtime::Runtime`].
pub struct Runtime {
    inner: tokio_runtime::Runtime,
    handle: Handle,
}

impl Runtime {
    /// Same as [`tokio::runtime::Runtime::new`].
    ///
    /// # Errors
    ///
    /// If the system refuses what the runtime needs.
    #[cfg(feature = "rt-multi-thread")]
    pub fn new() -> std::io::Result<Runtime> {
        tokio_runtime::Runtime::new().map(Runtime::from)
    }

    /// Returns tokio's own runtime.
    pub fn into_inner(self) -> tokio_runtime::Runtime {
        self.inner
    }

    /// Same as [`tokio::runtime::Runtime::handle`].
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Same as [`tokio::runtime::Runtime::spawn`].
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (task, link) = tracked(future, "Runtime::spawn", Location::caller());
        JoinHandle::new(self.inner.spawn(task), link)
    }

    /// Same as [`tokio::runtime::Runtime::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let (call, link) = blocking(func, "Runtime::spawn_blocking", Location::caller());
        JoinHandle::new(self.inner.spawn_blocking(call), link)
    }

    /// Same as [`tokio::runtime::Runtime::block_on`].
    ///
    /// # Panics
    ///
    /// If called inside of an async task.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.run(future, "Runtime::block_on", Location::caller())
    }

    /// Runs `future` in the name of a method that was called at `at`.
    #[track_caller]
    pub(crate) fn run<F: Future>(&self, future: F, name: &'static str, at: CallSite) -> F::Output {
        self.inner.block_on(Body::new(future, name, at))
    }

    /// Same as [`tokio::runtime::Runtime::enter`].
    pub fn enter(&self) -> EnterGuard<'_> {
        self.inner.enter()
    }

    /// Same as [`tokio::runtime::Runtime::shutdown_timeout`].
    pub fn shutdown_timeout(self, duration: Duration) {
        self.inner.shutdown_timeout(duration);
    }

    /// Same as [`tokio::runtime::Runtime::shutdown_background`].
    pub fn shutdown_background(self) {
        self.inner.shutdown_background();
    }

    /// Same as [`tokio::runtime::Runtime::metrics`].
    pub fn metrics(&self) -> RuntimeMetrics {
        self.inner.metrics()
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl From<tokio_runtime::Runtime> for Runtime {
    fn from(inner: tokio_runtime::Runtime) -> Self {
        let handle = Handle::from(inner.handle().clone());
        Runtime { inner, handle }
    }
}

impl From<Runtime> for tokio_runtime::Runtime {
    fn from(runtime: Runtime) -> Self {
        runtime.into_inner()
    }
}
