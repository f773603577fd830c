//! The twins of what spawns a thread.

use super::handle::{JoinHandle, ScopedJoinHandle, SpawnedThread};
use super::scope::Scope;
use crate::site::Site;
use crate::watch::closure;
use std::fmt;
use std::io;
use std::thread as std_thread;

/// Same as [`std::thread::spawn`].
///
/// # Panics
///
/// If the operating system fails to create a thread.
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let site = Site::by_hand_spawn("thread::spawn");
    let (task, body) = closure::thread(site, f);
    JoinHandle::new(std_thread::spawn(body), SpawnedThread::new(task, site))
}

/// Instrumented drop-in for [`std::thread::Builder`].
#[must_use = "must eventually spawn the thread"]
pub struct Builder {
    pub(super) inner: std_thread::Builder,
}

impl Builder {
    pub(super) const NAME: &'static str = "thread::Builder";

    /// Same as [`std::thread::Builder::new`].
    #[expect(clippy::new_without_default, reason = "std's has no default either")]
    pub fn new() -> Builder {
        Builder { inner: std_thread::Builder::new() }
    }

    /// Same as [`std::thread::Builder::name`].
    pub fn name(self, name: String) -> Builder {
        Builder { inner: self.inner.name(name) }
    }

    /// Same as [`std::thread::Builder::stack_size`], in bytes.
    pub fn stack_size(self, size: usize) -> Builder {
        Builder { inner: self.inner.stack_size(size) }
    }

    /// Same as [`std::thread::Builder::spawn`].
    ///
    /// # Errors
    ///
    /// If the operating system fails to create a thread.
    ///
    /// # Panics
    ///
    /// If the name contains null bytes.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let site = Site::by_hand_spawn(Self::NAME);
        let (task, body) = closure::thread(site, f);
        let handle = self.inner.spawn(body)?;
        Ok(JoinHandle::new(handle, SpawnedThread::new(task, site)))
    }

    /// Same as [`std::thread::Builder::spawn_scoped`].
    ///
    /// # Errors
    ///
    /// If the operating system fails to create a thread.
    ///
    /// # Panics
    ///
    /// If the name contains null bytes.
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        scope.spawn_with(self.inner, Site::by_hand_spawn(Self::NAME), f)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
