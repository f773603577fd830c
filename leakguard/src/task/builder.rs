//! The twin of `tokio::task::Builder`.

use super::handle::JoinHandle;
use super::local::LocalSet;
use super::spawn::{blocking, tracked};
use crate::runtime::Handle;
use std::future::Future;
use std::io;
use std::panic::Location;
use tokio::task as tokio_task;

/// Instrumented drop-in for `tokio::task::Builder`.
#[derive(Default, Debug)]
pub struct Builder<'a> {
    name: Option<&'a str>,
}

impl<'a> Builder<'a> {
    /// Same as `tokio::task::Builder::new`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Same as `tokio::task::Builder::name`.
    pub fn name(&self, name: &'a str) -> Self {
        Self { name: Some(name) }
    }

    /// The name that was given.
    pub(super) fn given_name(&self) -> Option<&'a str> {
        self.name
    }

    /// Tokio's own builder.
    fn inner(&self) -> tokio_task::Builder<'a> {
        let builder = tokio_task::Builder::new();
        self.name.map_or_else(tokio_task::Builder::new, |name| builder.name(name))
    }

    /// Same as `tokio::task::Builder::spawn`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn<Fut>(self, future: Fut) -> io::Result<JoinHandle<Fut::Output>>
    where
        Fut: Future + Send + 'static,
        Fut::Output: Send + 'static,
    {
        let (task, link) = tracked(future, "Builder::spawn", Location::caller());
        Ok(JoinHandle::new(self.inner().spawn(task)?, link))
    }

    /// Same as `tokio::task::Builder::spawn_on`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_on<Fut>(self, future: Fut, handle: &Handle) -> io::Result<JoinHandle<Fut::Output>>
    where
        Fut: Future + Send + 'static,
        Fut::Output: Send + 'static,
    {
        let at = Location::caller();
        let _entered = handle.enter_root(at);
        let (task, link) = tracked(future, "Builder::spawn_on", at);
        Ok(JoinHandle::new(self.inner().spawn_on(task, handle.as_inner())?, link))
    }

    /// Same as `tokio::task::Builder::spawn_local`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_local<Fut>(self, future: Fut) -> io::Result<JoinHandle<Fut::Output>>
    where
        Fut: Future + 'static,
        Fut::Output: 'static,
    {
        let (task, link) = tracked(future, "Builder::spawn_local", Location::caller());
        Ok(JoinHandle::new(self.inner().spawn_local(task)?, link))
    }

    /// Same as `tokio::task::Builder::spawn_local_on`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_local_on<Fut>(
        self,
        future: Fut,
        local_set: &LocalSet,
    ) -> io::Result<JoinHandle<Fut::Output>>
    where
        Fut: Future + 'static,
        Fut::Output: 'static,
    {
        let (task, link) = tracked(future, "Builder::spawn_local_on", Location::caller());
        Ok(JoinHandle::new(self.inner().spawn_local_on(task, local_set.as_inner())?, link))
    }

    /// Same as `tokio::task::Builder::spawn_blocking`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_blocking<Function, Output>(
        self,
        function: Function,
    ) -> io::Result<JoinHandle<Output>>
    where
        Function: FnOnce() -> Output + Send + 'static,
        Output: Send + 'static,
    {
        let (call, link) = blocking(function, "Builder::spawn_blocking", Location::caller());
        Ok(JoinHandle::new(self.inner().spawn_blocking(call)?, link))
    }

    /// Same as `tokio::task::Builder::spawn_blocking_on`.
    ///
    /// # Errors
    ///
    /// As tokio's.
    #[track_caller]
    pub fn spawn_blocking_on<Function, Output>(
        self,
        function: Function,
        handle: &Handle,
    ) -> io::Result<JoinHandle<Output>>
    where
        Function: FnOnce() -> Output + Send + 'static,
        Output: Send + 'static,
    {
        let at = Location::caller();
        let _entered = handle.enter_root(at);
        let (call, link) = blocking(function, "Builder::spawn_blocking_on", at);
        Ok(JoinHandle::new(self.inner().spawn_blocking_on(call, handle.as_inner())?, link))
    }
}
