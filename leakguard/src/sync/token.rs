//! Instrumented drop-ins for tokio-util's `CancellationToken`, its guards and its futures.

use crate::fact::kind::{Operation, ResourceKind};
use crate::record::resource::Resource;
use crate::record::resource::endpoint::ListedEndpoint;
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::handover::{HandOver, Recipient};
use crate::sync::here;
use crate::sync::waiting::QueueEntry;
use crate::{config, ledger};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{Hash, Hasher};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio_util::sync as tokio_util_sync;

/// One clone of a token, in the token's record until it is dropped.
#[derive(Debug)]
struct TokenLink(Option<(Arc<Resource>, Arc<ListedEndpoint>)>);

impl TokenLink {
    fn new(parent: Option<&Arc<Resource>>, created: CallSite) -> Self {
        if config::is_off() {
            return TokenLink(None);
        }
        let (origin, now) = (here::origin(created), here::here().now);
        let resource =
            Resource::new(ResourceKind::Token, None, origin, now).with_parent(parent.map(|p| &**p));
        let resource = Arc::new(resource);
        ledger::global().enter(&resource);
        TokenLink::join(&resource, created)
    }

    fn join(resource: &Arc<Resource>, created: CallSite) -> Self {
        let endpoint = resource.token().map(|t| t.join(here::origin(created)));
        TokenLink(endpoint.map(|endpoint| (resource.clone(), endpoint)))
    }

    fn sibling(&self, created: CallSite) -> Self {
        self.resource().map_or(TokenLink(None), |r| TokenLink::join(r, created))
    }

    fn resource(&self) -> Option<&Arc<Resource>> {
        self.0.as_ref().map(|(resource, _)| resource)
    }

    fn touch(&self, at: CallSite) {
        if let Some((_, endpoint)) = &self.0 {
            endpoint.touch(here::task(), at);
        }
    }

    /// The user of this clone knows of the cancellation.
    fn observe_cancellation(&self) {
        if let Some((_, endpoint)) = &self.0 {
            endpoint.set_heard();
        }
    }

    /// Records the first cancellation. Called before the waiters are woken.
    fn before_cancel(&self, at: CallSite) {
        self.touch(at);
        self.observe_cancellation();
        if let Some(token) = self.resource().and_then(|r| r.token())
            && token.cancelled.times() == 0
        {
            token.cancelled.note(here::here(), at);
        }
    }
}

impl Drop for TokenLink {
    fn drop(&mut self) {
        if let Some((resource, endpoint)) = &self.0
            && resource.token().is_some_and(|t| t.leave(endpoint))
        {
            ledger::global().leave(resource);
        }
    }
}

/// Instrumented drop-in for [`tokio_util::sync::CancellationToken`].
pub struct CancellationToken {
    inner: tokio_util_sync::CancellationToken,
    handle: TokenLink,
}

impl UnwindSafe for CancellationToken {}
impl RefUnwindSafe for CancellationToken {}

impl CancellationToken {
    /// Same as [`tokio_util::sync::CancellationToken::new`].
    #[track_caller]
    pub fn new() -> CancellationToken {
        CancellationToken {
            inner: tokio_util_sync::CancellationToken::new(),
            handle: TokenLink::new(None, Location::caller()),
        }
    }

    /// Returns tokio-util's own token, which is no longer recorded.
    pub fn into_inner(self) -> tokio_util_sync::CancellationToken {
        if let Some(resource) = self.handle.resource() {
            resource.set_outside();
        }
        self.inner
    }

    /// Same as [`tokio_util::sync::CancellationToken::child_token`].
    #[track_caller]
    pub fn child_token(&self) -> CancellationToken {
        let at = Location::caller();
        self.handle.touch(at);
        CancellationToken {
            inner: self.inner.child_token(),
            handle: TokenLink::new(self.handle.resource(), at),
        }
    }

    /// Same as [`tokio_util::sync::CancellationToken::cancel`].
    #[track_caller]
    pub fn cancel(&self) {
        self.cancel_at(Location::caller());
    }

    fn cancel_at(&self, at: CallSite) {
        self.handle.before_cancel(at);
        self.inner.cancel();
    }

    /// Same as [`tokio_util::sync::CancellationToken::is_cancelled`].
    #[track_caller]
    pub fn is_cancelled(&self) -> bool {
        self.handle.touch(Location::caller());
        let cancelled = self.inner.is_cancelled();
        if cancelled {
            self.handle.observe_cancellation();
        }
        cancelled
    }

    /// Same as [`tokio_util::sync::CancellationToken::cancelled`].
    #[track_caller]
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        self.wait_at(Location::caller())
    }

    fn wait_at(&self, at: CallSite) -> WaitForCancellationFuture<'_> {
        self.handle.touch(at);
        WaitForCancellationFuture {
            inner: self.inner.cancelled(),
            handle: &self.handle,
            intent: Intent::new(Operation::Cancelled, at),
            entry: QueueEntry::default(),
        }
    }

    /// Same as [`tokio_util::sync::CancellationToken::cancelled_owned`].
    #[track_caller]
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        let at = Location::caller();
        self.handle.touch(at);
        WaitForCancellationFutureOwned {
            inner: self.inner.cancelled_owned(),
            intent: Intent::new(Operation::Cancelled, at),
            entry: QueueEntry::default(),
            handle: self.handle,
        }
    }

    /// Same as [`tokio_util::sync::CancellationToken::drop_guard`].
    #[track_caller]
    pub fn drop_guard(self) -> DropGuard {
        DropGuard { token: Some(self), created: Location::caller() }
    }

    /// Same as [`tokio_util::sync::CancellationToken::drop_guard_ref`].
    #[track_caller]
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef { token: Some(self), created: Location::caller() }
    }

    /// Same as [`tokio_util::sync::CancellationToken::run_until_cancelled`].
    #[track_caller]
    pub fn run_until_cancelled<F: Future>(
        &self,
        fut: F,
    ) -> impl Future<Output = Option<F::Output>> {
        self.run_at(fut, Location::caller())
    }

    async fn run_at<F: Future>(&self, fut: F, at: CallSite) -> Option<F::Output> {
        self.handle.touch(at);
        if self.inner.is_cancelled() {
            self.handle.observe_cancellation();
            return None;
        }
        let mut cancelled = pin!(self.wait_at(at));
        let mut future = pin!(fut);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => cancelled.as_mut().poll(cx).map(|()| None),
        })
        .await
    }

    /// Same as [`tokio_util::sync::CancellationToken::run_until_cancelled_owned`].
    #[track_caller]
    pub fn run_until_cancelled_owned<F: Future>(
        self,
        fut: F,
    ) -> impl Future<Output = Option<F::Output>> {
        let at = Location::caller();
        async move { self.run_at(fut, at).await }
    }
}

impl Default for CancellationToken {
    #[track_caller]
    fn default() -> Self {
        CancellationToken::new()
    }
}

impl Clone for CancellationToken {
    #[track_caller]
    fn clone(&self) -> Self {
        CancellationToken {
            inner: self.inner.clone(),
            handle: self.handle.sibling(Location::caller()),
        }
    }
}

impl PartialEq for CancellationToken {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for CancellationToken {}

impl Hash for CancellationToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl From<tokio_util_sync::CancellationToken> for CancellationToken {
    #[track_caller]
    fn from(inner: tokio_util_sync::CancellationToken) -> Self {
        let handle = TokenLink::new(None, Location::caller());
        if let Some(resource) = handle.resource() {
            resource.set_outside();
        }
        CancellationToken { inner, handle }
    }
}

impl From<CancellationToken> for tokio_util_sync::CancellationToken {
    fn from(token: CancellationToken) -> Self {
        token.into_inner()
    }
}

pin_project! {
    /// Instrumented drop-in for [`tokio_util::sync::WaitForCancellationFuture`].
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFuture<'a> {
        #[pin]
        inner: tokio_util_sync::WaitForCancellationFuture<'a>,
        handle: &'a TokenLink,
        intent: Intent,
        entry: QueueEntry,
    }
}

pin_project! {
    /// Instrumented drop-in for [`tokio_util::sync::WaitForCancellationFutureOwned`].
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFutureOwned {
        #[pin]
        inner: tokio_util_sync::WaitForCancellationFutureOwned,
        intent: Intent,
        entry: QueueEntry,
        handle: TokenLink,
    }
}

macro_rules! wait {
    ($name:ident $(<$life:lifetime>)?) => {
        impl Future for $name$(<$life>)? {
            type Output = ();

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                let this = self.project();
                let poll = this.inner.poll(cx);
                if poll.is_ready() {
                    this.handle.observe_cancellation();
                }
                this.entry.settle(this.handle.resource(), *this.intent, cx, poll)
            }
        }

        impl fmt::Debug for $name$(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

wait!(WaitForCancellationFuture<'_>);
wait!(WaitForCancellationFutureOwned);

/// Instrumented drop-in for [`tokio_util::sync::DropGuard`].
pub struct DropGuard {
    // Empty once disarmed.
    token: Option<CancellationToken>,
    created: CallSite,
}

impl DropGuard {
    /// Same as [`tokio_util::sync::DropGuard::token`].
    pub fn token(&self) -> &CancellationToken {
        let token = self.token.as_ref();
        token.expect("`token` can only be None in a destructor")
    }

    /// Same as [`tokio_util::sync::DropGuard::disarm`].
    pub fn disarm(mut self) -> CancellationToken {
        let token = self.token.take();
        token.expect("`token` can only be None in a destructor")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel_at(self.created);
        }
    }
}

/// Instrumented drop-in for [`tokio_util::sync::DropGuardRef`].
pub struct DropGuardRef<'a> {
    // Empty once disarmed.
    token: Option<&'a CancellationToken>,
    created: CallSite,
}

impl<'a> DropGuardRef<'a> {
    /// Same as [`tokio_util::sync::DropGuardRef::token`].
    pub fn token(&self) -> &CancellationToken {
        self.token.expect("`token` can only be None in a destructor")
    }

    /// Same as [`tokio_util::sync::DropGuardRef::disarm`].
    pub fn disarm(mut self) -> &'a CancellationToken {
        let token = self.token.take();
        token.expect("`token` can only be None in a destructor")
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        if let Some(token) = self.token {
            token.cancel_at(self.created);
        }
    }
}

impl fmt::Debug for DropGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DropGuard").field("inner", &self.token).finish()
    }
}

impl fmt::Debug for DropGuardRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DropGuardRef").field("inner", &self.token).finish()
    }
}

impl HandOver for CancellationToken {
    fn leakguard_hand_over(&self, to: Recipient) {
        if let Some((_, endpoint)) = &self.handle.0 {
            endpoint.hand_over(to.task, to.at);
        }
    }
}
