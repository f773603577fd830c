//! The scope of a sync call: a guard that is the first of its locals.

use crate::call;
use crate::check::act;
use crate::config;
use crate::context;
use crate::record::id::Ending;
use crate::record::live::Live;
use crate::record::options::{Action, Options, Rule};
use crate::record::scope::{Role, Scope, Waiter};
use crate::report::Report;
use crate::site::Site;
use crate::watch::inside::Running;
use std::sync::Arc;

/// An open scope of a sync call. It is dropped last, so that its drop is the return.
#[derive(Debug)]
pub struct Ticket(Option<Open>);

#[derive(Debug)]
struct Open {
    scope: Arc<Scope>,
    running: Option<Running>,
}

/// Not public API. Used by generated code at the start of a sync function.
pub fn ticket(site: &'static Site, options: Options) -> Ticket {
    let rule = config::rule(&options, Action::Log);
    Ticket(call::open(&call::SYNC, site, &options, rule, Role::Call).map(Open::new))
}

impl Open {
    fn new(scope: Arc<Scope>) -> Self {
        let running = Running::enter(Live::Call(scope.clone()));
        Open {
            scope,
            running: Some(running),
        }
    }

    /// Ends the call and waits for its tasks where its rule says so.
    fn end(&mut self) -> Option<Report> {
        self.running = None;
        let how = match () {
            () if std::thread::panicking() => Ending::Panicked,
            () if call::has_waiter(&self.scope) && must_not_block() => Ending::Left,
            () => Ending::Returned,
        };
        call::close(&self.scope, how);
        if how != Ending::Returned {
            act::say(&self.scope, self.scope.take_findings());
            return None;
        }
        if !call::waits(&self.scope) {
            return call::report(&self.scope);
        }
        while !self.scope.is_settled() && !self.scope.is_judged() {
            self.scope.wait_with(Waiter::Thread(std::thread::current()));
            if self.scope.is_settled() || self.scope.is_judged() {
                break;
            }
            std::thread::park();
        }
        call::report(&self.scope)
    }
}

/// A thread of a runtime is needed by the very tasks that it would wait for.
fn must_not_block() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
        || context::with(|t| t.kind().is_polled()).unwrap_or(false)
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // The one panic in a destructor: it stands at the return of the function, after every
        // other local, and never while the thread unwinds. Anything else would need a closure
        // round the user's body, which changes what it may borrow and return.
        if let Some(report) = self.0.as_mut().and_then(Open::end) {
            panic!("\n{report}");
        }
    }
}

/// Runs `body` in a scope on this thread; gives its output and what was found.
pub(crate) fn run<T>(
    site: &'static Site,
    options: &Options,
    rule: Rule,
    role: Role,
    body: impl FnOnce() -> T,
) -> (T, Option<Report>) {
    let Some(scope) = call::open(&call::SYNC, site, options, rule, role) else {
        return (body(), None);
    };
    let mut open = Open::new(scope);
    let guard = EndOnUnwind(&mut open);
    let output = body();
    std::mem::forget(guard);
    let report = open.end();
    (output, report)
}

struct EndOnUnwind<'a>(&'a mut Open);

impl Drop for EndOnUnwind<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
