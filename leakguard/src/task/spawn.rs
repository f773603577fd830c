//! The twins of the functions that spawn a task.

use super::handle::{HandleLink, JoinHandle};
use super::spawned::{self, TrackedTask};
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
    let (at, mut link) = (Location::caller(), HandleLink::default());
    let task = TrackedTask::new(future, "task::spawn", at, |task| link.to(task));
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
    let (at, mut link) = (Location::caller(), HandleLink::default());
    let task = TrackedTask::new(future, "task::spawn_local", at, |task| link.to(task));
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
    let (at, mut link) = (Location::caller(), HandleLink::default());
    let (task, body) = closure::blocking("task::spawn_blocking", at, f);
    let call = spawned::blocking(body, link.to(task));
    JoinHandle::new(tokio_task::spawn_blocking(call), link)
}
