//! The twin of `std::thread::Scope`.

use super::handle::{ScopedJoinHandle, SpawnedThread};
use crate::site::Site;
use crate::sync::joining::ThreadGroup;
use crate::watch::closure;
use std::fmt;
use std::io;
use std::thread as std_thread;

/// Instrumented drop-in for [`std::thread::Scope`].
pub struct Scope<'scope, 'env: 'scope> {
    pub(super) inner: &'scope std_thread::Scope<'scope, 'env>,
    /// The threads that have not ended yet.
    pub(super) threads: ThreadGroup,
}

impl<'scope> Scope<'scope, '_> {
    /// Same as [`std::thread::Scope::spawn`].
    ///
    /// # Panics
    ///
    /// If the operating system fails to create a thread.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let site = Site::by_hand_spawn("thread::scope");
        let handle = self.spawn_with(std_thread::Builder::new(), site, f);
        handle.expect("failed to spawn thread")
    }

    pub(super) fn spawn_with<F, T>(
        &'scope self,
        builder: std_thread::Builder,
        site: &'static Site,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let (task, body) = closure::thread(site, f);
        let member = self.threads.add(task, site.location());
        let body = move || {
            let _member = member;
            body()
        };
        let handle = builder.spawn_scoped(self.inner, body)?;
        let spawned = SpawnedThread::new(task, site);
        Ok(ScopedJoinHandle::new(handle, spawned))
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
