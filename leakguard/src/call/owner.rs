//! A scope that lasts as long as a value: what is started through it must end with that value.

use crate::call;
use crate::config;
use crate::context::{self, OuterTask};
use crate::fact::id::Ending;
use crate::fact::id::Role;
use crate::fact::options::{Action, Options};
use crate::record::record_arc::RecordArc;
use crate::record::scope::ScopeRecord;
use crate::site::Site;
use crate::watch::future::Watched;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// A future that belongs to an [`Owner`]; made by [`Owner::own`].
pub type Owned<F> = Watched<F>;

/// A field of a value that starts tasks: they must end when the value is dropped.
///
/// Most leaked tasks outlive the *value* that started them, such as a client or a session, and not
/// the function that made it. What is started through an owner, or while it is entered, must have
/// ended within the grace after its drop (100 ms unless [`Config::grace`](crate::Config::grace) says
/// otherwise). What has not is [LG002](crate::findings::lg002). Until then the function that made the
/// value is not blamed for these tasks; only a test, or a [`ScopeRecord`](crate::Scope), at whose end the
/// value still lives, is told of them.
///
/// Clones are one owner, which ends with the last of them. In builds that do not watch it has no
/// size and does nothing.
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
/// What is found is said as for a function with `on_leak = "log"`, or to the test around.
#[derive(Clone)]
pub struct Owner(Option<Arc<Open>>);

/// Ends with the last clone.
struct Open {
    scope: RecordArc<ScopeRecord>,
}

impl Owner {
    /// An owner that reports call `name`, as a rule the name of the type that it is a field of.
    #[track_caller]
    pub fn new(name: &'static str) -> Self {
        Self::open(Site::by_hand(name), Options::new())
    }

    /// As [`new`](Owner::new), where tasks may live so long after the drop.
    #[track_caller]
    pub fn with_grace(name: &'static str, grace: Duration) -> Self {
        let options = Options {
            grace: Some(grace),
            ..Options::new()
        };
        Self::open(Site::by_hand(name), options)
    }

    fn open(site: &'static Site, options: Options) -> Self {
        let rule = config::rule(&options, Action::Log);
        let scope = call::open(&call::SYNC, site, &options, &rule, Role::Owner);
        Owner(scope.map(|scope| {
            // No thread is ever inside of it for long: it is in no dump, and nobody asks it.
            scope.call.end();
            Arc::new(Open {
                scope: RecordArc(scope),
            })
        }))
    }

    /// Makes `future` a task of this owner, wherever it is spawned.
    #[track_caller]
    pub fn own<F: Future>(&self, future: F) -> Owned<F> {
        let site = Site::by_hand_spawn(self.name());
        self.enter(|| Watched::new(future, site, false))
    }

    /// Runs `start`, and what annotated code starts meanwhile belongs to this owner.
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
        self.scope
            .progress
            .set_ended_in(context::with(|task| task.site).map(Site::location));
        // Nobody waits for it: what it leaves behind is judged at its limit.
        call::close(&self.scope, Ending::Left);
    }
}

/// The thread starts tasks for an owner until this is dropped.
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
