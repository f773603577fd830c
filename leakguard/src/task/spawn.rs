//! The twins of what spawns a task.

use super::handle::{JoinHandle, Link};
use super::member::{self, Member};
use crate::watch::closure;
use std::future::Future;
use std::panic::Location;
use tokio::task as tokio_task;

/// As [`tokio::task::spawn`].
///
/// # Panics
///
/// Outside of a runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (at, mut link) = (Location::caller(), Link::default());
    let member = Member::new(future, "task::spawn", at, |task| link.to(task));
    JoinHandle::new(tokio_task::spawn(member), link)
}

/// As [`tokio::task::spawn_local`].
///
/// # Panics
///
/// Outside of a `LocalSet` and a `LocalRuntime`.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let (at, mut link) = (Location::caller(), Link::default());
    let member = Member::new(future, "task::spawn_local", at, |task| link.to(task));
    JoinHandle::new(tokio_task::spawn_local(member), link)
}

/// As [`tokio::task::spawn_blocking`].
///
/// # Panics
///
/// Outside of a runtime.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (at, mut link) = (Location::caller(), Link::default());
    let (task, body) = closure::blocking("task::spawn_blocking", at, f);
    let job = member::job(body, link.to(task));
    JoinHandle::new(tokio_task::spawn_blocking(job), link)
}
