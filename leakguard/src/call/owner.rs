//! A scope that lasts as long as a value: what is spawned through it must end with that value.

use crate::context::{self, OuterTask};
use crate::fact::id::{Ending, Role};
use crate::fact::options::Options;
use crate::record::record_arc::RecordArc;
use crate::record::scope::ScopeRecord;
use crate::site::Site;
use crate::vocabulary::Action;
use crate::watch::future::{SelfWatched, Watched};
use crate::{call, config};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

pin_project! {
    /// A future that belongs to an [`Owner`], returned by [`Owner::own`].
    #[derive(Debug)]
    pub struct Owned<F> {
        #[pin]
        future: Watched<F>,
    }
}

impl<F: Future> Future for Owned<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F: Future> SelfWatched for Owned<F> {
    type Future = F;

    fn watched(self, _: &'static Site, _: bool) -> Watched<F> {
        self.future
    }
}

/// A field of a value that spawns tasks: they must end when the value is dropped.
///
/// Most leaked tasks outlive the *value* that spawned them, such as a client or a session, and not the function that
/// created it. What is spawned through an owner, or while it is entered, must end within the grace after its drop. The
/// default is 100 ms, unless [`Config::grace`](crate::Config::grace) sets another. What has not ended then is
/// [LG002](crate::findings::lg002).
///
/// While the value lives, these tasks are no findings of the function that created it. Only a test, or a
/// [`Scope`](crate::Scope), at whose end the value is still alive reports them.
///
/// Clones are one owner, which ends with the last of them. In builds that do not watch it has no size and does nothing.
///
/// ```
/// struct Client {
///     owner: leakguard::Owner,
/// }
///
/// impl Client {
///     fn connect() -> Client {
///         let owner = leakguard::Owner::new("Client");
///         tokio::spawn(owner.own(async { /* keeps the connection alive */ }));
///         Client { owner }
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # drop(Client::connect().owner);
/// # }
/// ```
///
/// Findings are reported as for a function with `on_leak = "log"`, or to the test around it.
#[derive(Clone)]
pub struct Owner(Option<Arc<Open>>);

/// Ends with the last clone.
struct Open {
    scope: RecordArc<ScopeRecord>,
}

impl Owner {
    /// An owner with the name that reports use, as a rule the name of the type that it is a field of.
    #[track_caller]
    pub fn new(name: &'static str) -> Self {
        Self::open(Site::by_hand(name), Options::new())
    }

    /// How long tasks may live after the drop. Set it before anything is spawned: this is a new owner, and what belongs
    /// to the old one must end now.
    pub fn grace(self, grace: Duration) -> Self {
        let Some(open) = &self.0 else { return self };
        let options = Options { grace: Some(grace), ..Options::new() };
        Self::open(open.scope.call.site, options)
    }

    fn open(site: &'static Site, options: Options) -> Self {
        let rule = config::rule(&options, Action::Log);
        let scope = call::open(&call::SYNC, site, &options, &rule, Role::Owner);
        Owner(scope.map(|scope| {
            // No thread stays inside of it, so it is in no dump and is not probed.
            scope.call.end();
            Arc::new(Open { scope: RecordArc(scope) })
        }))
    }

    /// Makes `future` a task of this owner, wherever it is spawned.
    #[track_caller]
    pub fn own<F: Future>(&self, future: F) -> Owned<F> {
        let site = Site::by_hand_spawn(self.name());
        Owned { future: self.enter(|| Watched::new(future, site, false)) }
    }

    /// Runs `start`. What annotated code spawns meanwhile belongs to this owner.
    pub fn enter<R>(&self, start: impl FnOnce() -> R) -> R {
        let _entered = self.0.as_ref().map(|open| Entered::new(&open.scope));
        start()
    }

    fn name(&self) -> &'static str {
        self.0.as_ref().map_or("", |open| open.scope.name)
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owner").field(&self.name()).finish()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.scope.progress.set_ended_in(context::with(|task| task.site).map(Site::location));
        // Nothing waits for its end. What it leaves behind is judged at its limit.
        call::close(&self.scope, Ending::Left);
    }
}

/// The thread spawns tasks for an owner until this is dropped.
struct Entered(OuterTask);

impl Entered {
    fn new(scope: &ScopeRecord) -> Self {
        Entered(context::enter(&scope.call).0)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        context::leave(self.0);
    }
}
