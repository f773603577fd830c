//! The future that `block_on` runs.

use crate::context;
use crate::fact::id::Role;
use crate::runtime::root::RuntimeRoot;
use crate::site::CallSite;
use crate::watch::future::Watched;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The future that `block_on` runs.
    #[project = BodyProjection]
    pub(crate) enum Body<F> {
        /// As a task of its own.
        Task { #[pin] future: Watched<F> },
        /// As a part of the task that this thread is in, which waits for it.
        Part { #[pin] future: F },
    }
}

impl<F: Future> Body<F> {
    /// What `block_on` of a runtime with the scope `root` runs.
    pub(crate) fn new(future: F, name: &'static str, at: CallSite, root: &RuntimeRoot) -> Self {
        root.set_run();
        if context::id().is_some() {
            return Body::Part { future };
        }
        let _entered = root.enter(at);
        let is_root = context::heritage().scope.is_some_and(|scope| scope.role == Role::Root);
        let future = match is_root {
            // What the scope of the runtime is about, as the body of a test is.
            true => Watched::body(future, name, at),
            false => Watched::spawned(future, name, at).0,
        };
        Body::Task { future }
    }
}

impl<F: Future> Future for Body<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project() {
            BodyProjection::Task { future } => future.poll(cx),
            BodyProjection::Part { future } => future.poll(cx),
        }
    }
}
