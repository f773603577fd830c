//! The twin of `tokio::runtime::Handle`.

use crate::call::runtime_scope::EnteredRuntime;
use crate::runtime::body::Body;
use crate::runtime::root::RuntimeRoot;
use crate::site::CallSite;
use crate::task::JoinHandle;
use crate::task::spawn::{blocking, tracked};
use std::fmt;
use std::future::Future;
use std::panic::Location;
use tokio::runtime as tokio_runtime;
use tokio::runtime::{EnterGuard, RuntimeFlavor, RuntimeMetrics, TryCurrentError};

/// Instrumented drop-in for [`tokio::runtime::Handle`].
#[derive(Clone)]
pub struct Handle {
    inner: tokio_runtime::Handle,
    root: RuntimeRoot,
}

impl Handle {
    /// Same as [`tokio::runtime::Handle::enter`].
    pub fn enter(&self) -> EnterGuard<'_> {
        self.inner.enter()
    }

    /// Same as [`tokio::runtime::Handle::current`].
    ///
    /// # Panics
    ///
    /// If called outside of a runtime.
    #[track_caller]
    pub fn current() -> Self {
        Handle { inner: tokio_runtime::Handle::current(), root: RuntimeRoot::here() }
    }

    /// Same as [`tokio::runtime::Handle::try_current`].
    ///
    /// # Errors
    ///
    /// If called outside of a runtime.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        let inner = tokio_runtime::Handle::try_current()?;
        Ok(Handle { inner, root: RuntimeRoot::here() })
    }

    /// Returns tokio's own handle.
    pub fn into_inner(self) -> tokio_runtime::Handle {
        self.inner
    }

    /// The handle of a runtime with the scope `root`.
    pub(super) fn new(inner: tokio_runtime::Handle, root: RuntimeRoot) -> Self {
        Handle { inner, root }
    }

    /// See [`RuntimeRoot::enter`].
    pub(crate) fn enter_root(&self, at: CallSite) -> Option<EnteredRuntime> {
        self.root.enter(at)
    }

    /// Tokio's own handle.
    pub(crate) fn as_inner(&self) -> &tokio_runtime::Handle {
        &self.inner
    }

    /// Same as [`tokio::runtime::Handle::spawn`].
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let at = Location::caller();
        let _entered = self.enter_root(at);
        let (task, link) = tracked(future, "Handle::spawn", at);
        JoinHandle::new(self.inner.spawn(task), link)
    }

    /// Same as [`tokio::runtime::Handle::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, func: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let at = Location::caller();
        let _entered = self.enter_root(at);
        let (call, link) = blocking(func, "Handle::spawn_blocking", at);
        JoinHandle::new(self.inner.spawn_blocking(call), link)
    }

    /// Same as [`tokio::runtime::Handle::block_on`].
    ///
    /// # Panics
    ///
    /// If called inside of an async task.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let body = Body::new(future, "Handle::block_on", Location::caller(), &self.root);
        self.inner.block_on(body)
    }

    /// Same as [`tokio::runtime::Handle::runtime_flavor`].
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        self.inner.runtime_flavor()
    }

    /// Same as [`tokio::runtime::Handle::id`].
    #[cfg(any(not(leakguard_tokio_before = "1.49"), tokio_unstable))]
    pub fn id(&self) -> tokio_runtime::Id {
        self.inner.id()
    }

    /// Same as [`tokio::runtime::Handle::name`].
    #[cfg(not(leakguard_tokio_before = "1.51"))]
    pub fn name(&self) -> Option<&str> {
        self.inner.name()
    }

    /// Same as [`tokio::runtime::Handle::metrics`].
    pub fn metrics(&self) -> RuntimeMetrics {
        self.inner.metrics()
    }
}

#[cfg(all(
    tokio_unstable,
    feature = "taskdump",
    target_os = "linux",
    any(
        target_arch = "aarch64",
        target_arch = "x86",
        target_arch = "x86_64",
        target_arch = "s390x"
    )
))]
impl Handle {
    /// Same as [`tokio::runtime::Handle::dump`].
    pub async fn dump(&self) -> tokio_runtime::Dump {
        self.inner.dump().await
    }

    /// Same as `tokio::runtime::Handle::is_tracing`.
    #[doc(hidden)]
    pub fn is_tracing() -> bool {
        tokio_runtime::Handle::is_tracing()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl From<tokio_runtime::Handle> for Handle {
    fn from(inner: tokio_runtime::Handle) -> Self {
        Handle { inner, root: RuntimeRoot::default() }
    }
}

impl From<Handle> for tokio_runtime::Handle {
    fn from(handle: Handle) -> Self {
        handle.into_inner()
    }
}
