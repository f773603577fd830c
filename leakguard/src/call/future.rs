//! The body of an async call, and the wait for its tasks when it has returned.

use crate::call;
use crate::record::id::Ending;
use crate::record::options::Action;
use crate::record::scope::{Scope, Waiter};
use crate::report::Report;
use crate::watch::future::Watched;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

pin_project! {
    /// Runs a body in its scope; then gives its output and what was found.
    pub(crate) struct Scoped<F: Future> {
        #[pin]
        body: Watched<F>,
        // Empty when leakguard is off: then the body runs as it is.
        scope: Option<Arc<Scope>>,
        output: Option<F::Output>,
        closed: bool,
    }

    impl<F: Future> PinnedDrop for Scoped<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let (Some(scope), false) = (this.scope, *this.closed) {
                // The body goes first, so that what its destructors start is the scope's too.
                let panicking = std::thread::panicking();
                this.body.as_mut().cancel();
                let how = if panicking { Ending::Panicked } else { Ending::Cancelled };
                call::close(scope, how);
            }
        }
    }
}

impl<F: Future> Scoped<F> {
    pub(crate) fn new(body: F, scope: Option<Arc<Scope>>) -> Self {
        let body = Watched::call(body, scope.clone());
        Scoped {
            body,
            scope,
            output: None,
            closed: false,
        }
    }
}

impl<F: Future> Future for Scoped<F> {
    /// Without an output where the body was cancelled at its overrun; then there is a report.
    type Output = (Option<F::Output>, Option<Report>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(scope) = this.scope else {
            return this.body.poll(cx).map(|output| (Some(output), None));
        };
        if !*this.closed {
            if let Some(report) = overrun(scope, cx) {
                this.body.cancel();
                *this.closed = true;
                call::close(scope, Ending::Cancelled);
                return Poll::Ready((None, Some(report)));
            }
            *this.output = Some(ready!(this.body.as_mut().poll(cx)));
            *this.closed = true;
            call::close(scope, Ending::Returned);
        }
        ready!(settled(scope, cx));
        Poll::Ready((this.output.take(), call::report(scope)))
    }
}

/// The report on an overrun that is to stop the call; wakes the call when there is one.
fn overrun(scope: &Arc<Scope>, cx: &mut Context<'_>) -> Option<Report> {
    if scope.rule.on_overrun != Action::Panic || scope.rule.overrun.is_none() {
        return None;
    }
    scope.wait_with(Waiter::Task(cx.waker().clone()));
    scope.has_overrun().then(|| call::report(scope)).flatten()
}

/// Ready when all tasks have ended or the judge has spoken; at once if nobody is to wait.
fn settled(scope: &Arc<Scope>, cx: &mut Context<'_>) -> Poll<()> {
    let done = || scope.is_settled() || scope.is_judged();
    if !call::waits(scope) || done() {
        return Poll::Ready(());
    }
    scope.wait_with(Waiter::Task(cx.waker().clone()));
    // It may have settled before the waiter was in place.
    if done() {
        Poll::Ready(())
    } else {
        Poll::Pending
    }
}

pin_project! {
    /// As [`Scoped`]; panics with what was found.
    pub struct Verified<F: Future> {
        #[pin]
        scoped: Scoped<F>,
    }
}

impl<F: Future> Verified<F> {
    pub(crate) fn new(body: F, scope: Option<Arc<Scope>>) -> Self {
        Verified {
            scoped: Scoped::new(body, scope),
        }
    }
}

impl<F: Future> Future for Verified<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match ready!(self.project().scoped.poll(cx)) {
            (Some(output), None) => Poll::Ready(output),
            (_, Some(report)) => panic!("\n{report}"),
            (None, None) => panic!("polled after it was ready"),
        }
    }
}
