//! The body of an async call, and the wait for its tasks when it has returned.

use crate::call;
use crate::record::options::Action;
use crate::record::scope::{Ending, Scope, Waiter};
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
    type Output = (F::Output, Option<Report>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(scope) = this.scope else {
            return this.body.poll(cx).map(|output| (output, None));
        };
        if !*this.closed {
            stop_at_overrun(this.body.as_mut(), scope, this.closed, cx);
            *this.output = Some(ready!(this.body.as_mut().poll(cx)));
            *this.closed = true;
            call::close(scope, Ending::Returned);
        }
        ready!(settled(scope, cx));
        let Some(output) = this.output.take() else {
            panic!("polled after it was ready")
        };
        Poll::Ready((output, call::report(scope)))
    }
}

/// Where an overrun panics: cancels the body and does so.
fn stop_at_overrun<F: Future>(
    body: Pin<&mut Watched<F>>,
    scope: &Arc<Scope>,
    closed: &mut bool,
    cx: &mut Context<'_>,
) {
    if scope.rule.on_overrun != Action::Panic || scope.rule.overrun.is_none() {
        return;
    }
    scope.wait_with(Waiter::Task(cx.waker().clone()));
    if !scope.has_overrun() {
        return;
    }
    if let Some(report) = call::report(scope) {
        body.cancel();
        *closed = true;
        call::close(scope, Ending::Cancelled);
        panic!("\n{report}");
    }
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
        let (output, report) = ready!(self.project().scoped.poll(cx));
        if let Some(report) = report {
            panic!("\n{report}");
        }
        Poll::Ready(output)
    }
}
