//! The twin of `tokio::runtime::LocalRuntime`.

use crate::runtime::Handle;
use crate::runtime::body::Body;
use crate::runtime::root::RuntimeRoot;
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
    /// `None` once it was taken.
    inner: Option<tokio_runtime::LocalRuntime>,
    handle: Handle,
    root: RuntimeRoot,
}

impl LocalRuntime {
    /// Same as [`tokio::runtime::LocalRuntime::new`].
    ///
    /// # Errors
    ///
    /// If the system refuses what the runtime needs.
    pub fn new() -> std::io::Result<LocalRuntime> {
        tokio_runtime::LocalRuntime::new().map(LocalRuntime::rooted)
    }

    /// Returns tokio's own runtime.
    pub fn into_inner(mut self) -> tokio_runtime::LocalRuntime {
        self.inner.take().expect("it is taken only here")
    }

    /// A new runtime, with a scope of its own if that is asked for.
    pub(super) fn rooted(inner: tokio_runtime::LocalRuntime) -> Self {
        let root = RuntimeRoot::new(inner.handle());
        Self::new_in(inner, root)
    }

    fn new_in(inner: tokio_runtime::LocalRuntime, root: RuntimeRoot) -> Self {
        let handle = Handle::new(inner.handle().clone(), root.clone());
        LocalRuntime { inner: Some(inner), handle, root }
    }

    fn as_inner(&self) -> &tokio_runtime::LocalRuntime {
        self.inner.as_ref().expect("it is taken by value")
    }

    /// Ends its scope.
    fn end(&self) {
        if let Some(inner) = &self.inner {
            self.root.end(|end| inner.block_on(end));
        }
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
        let at = Location::caller();
        let _entered = self.root.enter(at);
        let (task, link) = tracked(future, "LocalRuntime::spawn_local", at);
        JoinHandle::new(self.as_inner().spawn_local(task), link)
    }

    /// Same as [`tokio::runtime::LocalRuntime::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let at = Location::caller();
        let _entered = self.root.enter(at);
        let (call, link) = blocking(func, "LocalRuntime::spawn_blocking", at);
        JoinHandle::new(self.as_inner().spawn_blocking(call), link)
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
        self.as_inner().block_on(Body::new(future, name, at, &self.root))
    }

    /// Same as [`tokio::runtime::LocalRuntime::enter`].
    pub fn enter(&self) -> EnterGuard<'_> {
        self.as_inner().enter()
    }

    /// Same as [`tokio::runtime::LocalRuntime::shutdown_timeout`].
    pub fn shutdown_timeout(self, duration: Duration) {
        self.end();
        self.into_inner().shutdown_timeout(duration);
    }

    /// Same as [`tokio::runtime::LocalRuntime::shutdown_background`].
    pub fn shutdown_background(self) {
        self.end();
        self.into_inner().shutdown_background();
    }

    /// Same as [`tokio::runtime::LocalRuntime::metrics`].
    pub fn metrics(&self) -> RuntimeMetrics {
        self.as_inner().metrics()
    }
}

impl Drop for LocalRuntime {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for LocalRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_inner().fmt(f)
    }
}

impl From<tokio_runtime::LocalRuntime> for LocalRuntime {
    fn from(inner: tokio_runtime::LocalRuntime) -> Self {
        LocalRuntime::new_in(inner, RuntimeRoot::default())
    }
}

impl From<LocalRuntime> for tokio_runtime::LocalRuntime {
    fn from(runtime: LocalRuntime) -> Self {
        runtime.into_inner()
    }
}
