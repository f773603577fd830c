//! The scope of a sync call: a guard that is the first local of the function.

use crate::check::act;
use crate::fact::id::{Ending, Role};
use crate::fact::options::{Options, Rule};
use crate::record::progress::Waiter;
use crate::record::scope::ScopeRecord;
use crate::report::Report;
use crate::site::Site;
use crate::vocabulary::Action;
use crate::watch::inside::InsideCall;
use crate::{call, config, context, registry};
use std::sync::Arc;

/// An open scope of a sync call. It is dropped last, so that its drop is the return.
#[derive(Debug)]
pub struct CallGuard(Option<OpenCall>);

#[derive(Debug)]
struct OpenCall {
    scope: Arc<ScopeRecord>,
    inside: InsideCall,
}

/// Not public API. Used by generated code at the start of a sync function.
pub fn call_guard(site: &'static Site, options: &'static Options) -> CallGuard {
    let rule = config::rule(options, Action::Log);
    CallGuard::new(site, options, rule, Role::Call)
}

impl CallGuard {
    #[inline]
    fn new(site: &'static Site, options: &Options, rule: Rule, role: Role) -> Self {
        let scope = call::open(&call::SYNC, site, options, &rule, role);
        CallGuard(scope.map(OpenCall::new))
    }

    #[inline]
    fn end(&mut self) -> Option<Report> {
        self.0.take().and_then(OpenCall::end)
    }
}

impl OpenCall {
    #[inline]
    fn new(scope: Arc<ScopeRecord>) -> Self {
        let inside = InsideCall::enter(&scope.call);
        OpenCall { scope, inside }
    }

    /// Ends the call, and waits for its tasks if its rule demands it.
    #[inline]
    fn end(self) -> Option<Report> {
        let OpenCall { scope, inside } = self;
        let panicking = inside.leave(&scope.call);
        let how = match () {
            () if panicking => Ending::Panicked,
            () if call::has_waiter(&scope) && must_not_block() => Ending::Left,
            () => Ending::Returned,
        };
        let listed = call::close(&scope, how);
        let report = match how {
            Ending::Returned => {
                if call::waits_for_tasks(&scope) {
                    wait(&scope);
                }
                call::report(&scope)
            }
            _ => {
                act::collect_or_log(&scope, scope.progress.take_findings());
                None
            }
        };
        registry::recycle(scope, listed);
        report
    }
}

/// Returns when all tasks have ended or the scope is judged.
fn wait(scope: &ScopeRecord) {
    let done = || scope.is_settled() || scope.progress.is_judged();
    while !done() {
        scope.progress.wait_with(Waiter::Thread(std::thread::current()));
        if done() {
            return;
        }
        std::thread::park();
    }
}

/// Whether the thread belongs to a runtime, so that the tasks it would wait for may need it.
fn must_not_block() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
        || context::with(|t| t.kind().is_polled()).unwrap_or(false)
}

impl Drop for CallGuard {
    fn drop(&mut self) {
        // A panic in a destructor is acceptable here: it happens at the return of the function, after all other locals
        // are dropped, and never while the thread unwinds. The alternative is a closure around the user's body, which
        // changes what it may borrow and return.
        if let Some(report) = self.end() {
            panic!("\n{report}");
        }
    }
}

/// Runs `body` in a scope on this thread. Returns its output and the report.
pub(crate) fn run<T>(
    site: &'static Site,
    options: &Options,
    rule: Rule,
    role: Role,
    body: impl FnOnce() -> T,
) -> (T, Option<Report>) {
    let mut guard = CallGuard::new(site, options, rule, role);
    let output = body();
    (output, guard.end())
}
