//! The twin of `std::thread::scope`.

use super::builder::Builder;
use super::handle::{ScopedJoinHandle, Started};
use super::kept;
use crate::site::Site;
use crate::sync::joining::Threads;
use crate::watch::closure;
use std::fmt;
use std::io;
use std::panic::Location;
use std::thread as std_thread;

/// As [`std::thread::Scope`].
pub struct Scope<'scope, 'env: 'scope> {
    inner: &'scope std_thread::Scope<'scope, 'env>,
    /// Those that have not ended yet.
    threads: Threads,
}

/// As [`std::thread::scope`].
///
/// # Panics
///
/// If a thread panics that nobody joins.
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let at = Location::caller();
    let threads = Threads::new(at);
    // At its end std's scope waits for all threads: so the wait begins in there, and ends out here.
    let mut wait = None;
    kept::lend(
        |inner| Scope { inner, threads },
        |scope| {
            let result = f(scope);
            wait = Some(scope.threads.wait(at));
            result
        },
    )
}

impl<'scope> Scope<'scope, '_> {
    /// As [`std::thread::Scope::spawn`].
    ///
    /// # Panics
    ///
    /// If the system starts no thread.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let site = Site::by_hand_spawn("thread::scope");
        let handle = self.start(Builder::new(), site, f);
        handle.expect("failed to spawn thread")
    }

    pub(super) fn start<F, T>(
        &'scope self,
        builder: Builder,
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
        let handle = builder.inner.spawn_scoped(self.inner, body)?;
        Ok(ScopedJoinHandle::new(handle, Started::new(task, site)))
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
