//! The scope of an async call whose body cannot be wrapped, because it returns a closure whose type is inferred from the
//! signature. Its awaits enter the scope one by one.

use crate::fact::id::{Ending, Role};
use crate::fact::options::Options;
use crate::record::record_arc::RecordArc;
use crate::record::scope::ScopeRecord;
use crate::site::Site;
use crate::vocabulary::Action;
use crate::watch::inside::Inside;
use crate::watch::wait::{NotedWait, wait};
use crate::{call, config};
use pin_project_lite::pin_project;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// An open scope that no thread is inside of between awaits.
#[derive(Debug)]
pub struct AwaitScope(Option<OpenAwaitScope>);

#[derive(Debug)]
struct OpenAwaitScope(RecordArc<ScopeRecord>);

/// Not public API. Used by generated code at the start of such a function.
pub fn await_scope(site: &'static Site, options: Options) -> AwaitScope {
    let rule = config::rule(&options, Action::Log);
    // Like a sync call, it has no waker by which it could be probed.
    let scope = call::open(&call::SYNC, site, &options, &rule, Role::Call);
    AwaitScope(scope.map(|scope| OpenAwaitScope(RecordArc(scope))))
}

impl Drop for OpenAwaitScope {
    fn drop(&mut self) {
        call::close(&self.0, Ending::Left);
    }
}

pin_project! {
    /// The operand of an `.await` in such a function.
    #[derive(Debug)]
    pub struct ScopedAwait<F> {
        #[pin]
        wait: NotedWait<F>,
        scope: Option<RecordArc<ScopeRecord>>,
    }
}

/// Not public API. Used by generated code: [`wait()`] inside a scope.
#[track_caller]
pub fn wait_in<F: IntoFuture>(await_scope: &AwaitScope, awaited: F) -> ScopedAwait<F::IntoFuture> {
    ScopedAwait {
        wait: wait(awaited),
        scope: await_scope.0.as_ref().map(|open| RecordArc(Arc::clone(&open.0))),
    }
}

impl<F: Future> Future for ScopedAwait<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(scope) = this.scope else {
            return this.wait.poll(cx);
        };
        let inside = Inside::enter(&scope.call);
        let poll = this.wait.poll(cx);
        inside.leave();
        poll
    }
}
