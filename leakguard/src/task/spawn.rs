//! The twins of the functions that spawn a task.

use super::handle::{EndGuard, HandleLink, JoinHandle};
use super::spawned::{self, TrackedTask};
use crate::runtime::root::enter_current;
use crate::site::CallSite;
use crate::watch::closure;
use std::future::Future;
use std::panic::Location;
use tokio::task as tokio_task;

/// Same as [`tokio::task::spawn`].
///
/// # Panics
///
/// If called outside of a runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (task, link) = tracked(future, "task::spawn", Location::caller());
    JoinHandle::new(tokio_task::spawn(task), link)
}

/// Same as [`tokio::task::spawn_local`].
///
/// # Panics
///
/// If called outside of a `LocalSet` and a `LocalRuntime`.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let (task, link) = tracked(future, "task::spawn_local", Location::caller());
    JoinHandle::new(tokio_task::spawn_local(task), link)
}

/// Same as [`tokio::task::spawn_blocking`].
///
/// # Panics
///
/// If called outside of a runtime.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (call, link) = blocking(f, "task::spawn_blocking", Location::caller());
    JoinHandle::new(tokio_task::spawn_blocking(call), link)
}

/// A task that is spawned at `at`, and its half of the handle.
///
/// Its caller passes it to tokio, whose panics are at the line of the user then.
pub(crate) fn tracked<F: Future>(
    future: F,
    name: &'static str,
    at: CallSite,
) -> (TrackedTask<F, EndGuard>, HandleLink) {
    let _entered = enter_current(at);
    let mut link = HandleLink::default();
    let task = TrackedTask::new(future, name, at, |task| link.to(task));
    (task, link)
}

/// Same as [`tracked`], for a blocking call.
pub(crate) fn blocking<F, R>(
    f: F,
    name: &'static str,
    at: CallSite,
) -> (impl FnOnce() -> R + use<F, R>, HandleLink)
where
    F: FnOnce() -> R,
{
    let _entered = enter_current(at);
    let mut link = HandleLink::default();
    let (task, body) = closure::blocking(name, at, f);
    (spawned::blocking(body, link.to(task)), link)
}
