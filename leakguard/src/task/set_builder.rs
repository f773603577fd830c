//! The twin of `tokio::task::join_set::Builder`.

use super::builder;
use super::local::LocalSet;
use super::set::JoinSet;
use crate::runtime::Handle;
use crate::sync::joining::Insertion;
use std::future::Future;
use std::panic::Location;
use std::{fmt, io};
use tokio::task::{AbortHandle, join_set as tokio_set};

/// Instrumented drop-in for `tokio::task::join_set::Builder`.
#[must_use = "builders do nothing unless used to spawn a task"]
pub struct Builder<'a, T> {
    joinset: &'a mut JoinSet<T>,
    builder: builder::Builder<'a>,
}

impl<T: 'static> JoinSet<T> {
    /// Same as `tokio::task::JoinSet::build_task`.
    pub fn build_task(&mut self) -> Builder<'_, T> {
        Builder { builder: builder::Builder::new(), joinset: self }
    }
}

impl<'a, T: 'static> Builder<'a, T> {
    /// Same as `tokio::task::join_set::Builder::name`.
    pub fn name(self, name: &'a str) -> Self {
        let builder = self.builder.name(name);
        Self { builder, ..self }
    }

    /// Same as `tokio::task::join_set::Builder::spawn`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> io::Result<AbortHandle>
    where
        F: Future<Output = T>,
        F: Send + 'static,
        T: Send,
    {
        let spawned = self.joinset.task(future, "JoinSet::spawn", Location::caller());
        let (put, builder) = self.begin();
        Ok(put.done(builder.spawn(spawned)?))
    }

    /// Same as `tokio::task::join_set::Builder::spawn_on`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> io::Result<AbortHandle>
    where
        F: Future<Output = T>,
        F: Send + 'static,
        T: Send,
    {
        let at = Location::caller();
        let _entered = handle.enter_root(at);
        let spawned = self.joinset.task(future, "JoinSet::spawn_on", at);
        let (put, builder) = self.begin();
        Ok(put.done(builder.spawn_on(spawned, handle.as_inner())?))
    }

    /// Same as `tokio::task::join_set::Builder::spawn_blocking`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_blocking<F>(self, f: F) -> io::Result<AbortHandle>
    where
        F: FnOnce() -> T,
        F: Send + 'static,
        T: Send,
    {
        let spawned = self.joinset.blocking(f, "JoinSet::spawn_blocking", Location::caller());
        let (put, builder) = self.begin();
        Ok(put.done(builder.spawn_blocking(spawned)?))
    }

    /// Same as `tokio::task::join_set::Builder::spawn_blocking_on`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_blocking_on<F>(self, f: F, handle: &Handle) -> io::Result<AbortHandle>
    where
        F: FnOnce() -> T,
        F: Send + 'static,
        T: Send,
    {
        let at = Location::caller();
        let _entered = handle.enter_root(at);
        let spawned = self.joinset.blocking(f, "JoinSet::spawn_blocking_on", at);
        let (put, builder) = self.begin();
        Ok(put.done(builder.spawn_blocking_on(spawned, handle.as_inner())?))
    }

    /// Same as `tokio::task::join_set::Builder::spawn_local`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> io::Result<AbortHandle>
    where
        F: Future<Output = T>,
        F: 'static,
    {
        let spawned = self.joinset.task(future, "JoinSet::spawn_local", Location::caller());
        let (put, builder) = self.begin();
        Ok(put.done(builder.spawn_local(spawned)?))
    }

    /// Same as `tokio::task::join_set::Builder::spawn_local_on`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_local_on<F>(self, future: F, local_set: &LocalSet) -> io::Result<AbortHandle>
    where
        F: Future<Output = T>,
        F: 'static,
    {
        let spawned = self.joinset.task(future, "JoinSet::spawn_local_on", Location::caller());
        let (put, builder) = self.begin();
        Ok(put.done(builder.spawn_local_on(spawned, local_set.as_inner())?))
    }

    /// Tokio's own builder, and what puts a task into the record of the set.
    fn begin(self) -> (Insertion<'a>, tokio_set::Builder<'a, T>) {
        let Builder { joinset: JoinSet { inner, record }, builder } = self;
        let inner = inner.build_task();
        let inner = match builder.given_name() {
            Some(name) => inner.name(name),
            None => inner,
        };
        (record.insert(), inner)
    }
}

impl<T> fmt::Debug for Builder<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("join_set::Builder")
            .field("joinset", &self.joinset)
            .field("builder", &self.builder)
            .finish()
    }
}
