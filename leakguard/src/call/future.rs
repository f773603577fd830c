//! The body of an async call, and the wait for its tasks when it has returned.

use crate::call;
use crate::call::keep::Keep;
use crate::context;
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
    pub(crate) struct Scoped<F: Future, K: Keep<F::Output>> {
        #[pin]
        body: Watched<F>,
        // Empty when leakguard is off: then the body runs as it is.
        scope: Option<Arc<Scope>>,
        output: K,
        stage: Stage,
    }

    impl<F: Future, K: Keep<F::Output>> PinnedDrop for Scoped<F, K> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let Some(scope) = this.scope else { return };
            match *this.stage {
                Stage::Runs => {
                    let panicking = std::thread::panicking();
                    let how = if panicking { Ending::Panicked } else { Ending::Cancelled };
                    // The body goes first, so that what its destructors start is the scope's too.
                    let _close = CloseOnDrop(scope, how);
                    this.body.cancel();
                }
                Stage::Waits => call::abandon(scope),
                Stage::Done => {}
            }
        }
    }
}

/// How far a call has come.
#[derive(Clone, Copy)]
enum Stage {
    Runs,
    /// Its body is done; it waits for its tasks.
    Waits,
    Done,
}

/// Closes a scope even if a destructor of the body panics.
struct CloseOnDrop<'a>(&'a Arc<Scope>, Ending);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        call::close(self.0, self.1);
    }
}

impl<F: Future, K: Keep<F::Output>> Scoped<F, K> {
    pub(crate) fn new(body: F, scope: Option<Arc<Scope>>, output: K) -> Self {
        let body = Watched::call(body, scope.clone());
        Scoped {
            body,
            scope,
            output,
            stage: Stage::Runs,
        }
    }
}

impl<F: Future, K: Keep<F::Output>> Future for Scoped<F, K> {
    /// Without an output where the body was cancelled at its overrun; then there is a report.
    type Output = (Option<F::Output>, Option<Report>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(scope) = this.scope else {
            return this.body.poll(cx).map(|output| (Some(output), None));
        };
        if let Stage::Runs = *this.stage {
            if let Some(report) = overrun(scope, cx) {
                *this.stage = Stage::Done;
                let _close = CloseOnDrop(scope, Ending::Cancelled);
                this.body.cancel();
                return Poll::Ready((None, Some(report)));
            }
            let output = ready!(this.body.as_mut().poll(cx));
            let waits = K::KEEPS && call::waits(scope);
            call::close(
                scope,
                if K::KEEPS {
                    Ending::Returned
                } else {
                    Ending::Left
                },
            );
            if !waits {
                *this.stage = Stage::Done;
                scope.forget_waiter();
                return Poll::Ready((Some(output), call::report(scope)));
            }
            this.output.put(output);
            *this.stage = Stage::Waits;
        }
        ready!(settled(scope, cx));
        *this.stage = Stage::Done;
        Poll::Ready((this.output.take(), call::report(scope)))
    }
}

/// The report on an overrun that is to stop the call; wakes the call when there is one.
fn overrun(scope: &Arc<Scope>, cx: &mut Context<'_>) -> Option<Report> {
    if scope.rule.on_overrun != Action::Panic || scope.rule.overrun.is_none() {
        return None;
    }
    wake_at_news(scope, cx);
    scope.has_overrun().then(|| call::report(scope)).flatten()
}

/// Ready when all tasks have ended or the judge has spoken.
fn settled(scope: &Arc<Scope>, cx: &mut Context<'_>) -> Poll<()> {
    let done = || scope.is_settled() || scope.is_judged();
    if done() {
        return Poll::Ready(());
    }
    wake_at_news(scope, cx);
    // It may have settled before the waiter was in place.
    if done() {
        Poll::Ready(())
    } else {
        Poll::Pending
    }
}

/// A poll that takes stacks must not see leakguard's own clone; the waiter of the last poll stays.
fn wake_at_news(scope: &Scope, cx: &mut Context<'_>) {
    if !context::is_capturing() {
        scope.wait_with(Waiter::Task(cx.waker().clone()));
    }
}

pin_project! {
    /// As [`Scoped`]; panics with what was found.
    pub struct Verified<F: Future, K: Keep<F::Output>> {
        #[pin]
        scoped: Scoped<F, K>,
    }
}

impl<F: Future, K: Keep<F::Output>> Verified<F, K> {
    pub(crate) fn new(body: F, scope: Option<Arc<Scope>>, output: K) -> Self {
        Verified {
            scoped: Scoped::new(body, scope, output),
        }
    }
}

impl<F: Future, K: Keep<F::Output>> Future for Verified<F, K> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match ready!(self.project().scoped.poll(cx)) {
            (Some(output), None) => Poll::Ready(output),
            (_, Some(report)) => panic!("\n{report}"),
            (None, None) => panic!("polled after it was ready"),
        }
    }
}
