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
///
/// `P` panics with the report. It is a closure in the user's function, because the place of the panic is read there.
#[derive(Debug)]
pub struct CallGuard<P: Fn(Report)> {
    open: Option<OpenCall>,
    panic: P,
}

#[derive(Debug)]
struct OpenCall {
    scope: Arc<ScopeRecord>,
    inside: InsideCall,
}

/// Not public API. Used by generated code at the start of a sync function.
pub fn call_guard<P: Fn(Report)>(
    site: &'static Site,
    options: &'static Options,
    panic: P,
) -> CallGuard<P> {
    let rule = config::rule(options, Action::Log);
    CallGuard::new(site, options, rule, Role::Call, panic)
}

/// Not public API. Panics with the report of a sync function, at the caller's line.
pub use crate::call::failure::__rust_begin_short_backtrace::panic_with;

impl<P: Fn(Report)> CallGuard<P> {
    #[inline]
    fn new(site: &'static Site, options: &Options, rule: Rule, role: Role, panic: P) -> Self {
        let scope = call::open(&call::SYNC, site, options, &rule, role);
        CallGuard { open: scope.map(OpenCall::new), panic }
    }

    #[inline]
    fn end(&mut self) -> Option<Report> {
        self.open.take().and_then(OpenCall::end)
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
                wait(&scope);
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

/// Returns when what the return of the call waits for is over.
#[inline]
fn wait(scope: &ScopeRecord) {
    if !call::is_over(scope) {
        park_until_over(scope);
    }
}

#[cold]
fn park_until_over(scope: &ScopeRecord) {
    while !call::is_over(scope) {
        scope.progress.wait_with(Waiter::Thread(std::thread::current()));
        if call::is_over(scope) {
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

/// See `call/failure.rs`.
mod __rust_end_short_backtrace {
    use super::CallGuard;
    use crate::report::{Report, emit};

    impl<P: Fn(Report)> Drop for CallGuard<P> {
        fn drop(&mut self) {
            // A panic in a destructor is acceptable here: it happens at the return of the function, after all other locals
            // are dropped, and never while the thread unwinds. The alternative is a closure around the user's body, which
            // changes what it may borrow and return.
            if let Some(report) = self.end()
                && emit::raise(&report)
            {
                panic_by(&self.panic, report);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn panic_by(panic: &impl Fn(Report), report: Report) {
        panic(report);
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
    let mut guard = CallGuard::new(site, options, rule, role, drop);
    let output = body();
    (output, guard.end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::judge::leak;
    use crate::report::fixture::ENTRY;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;
    use std::time::Duration;

    const ENFORCED: Rule =
        Rule { overrun: Some(Duration::from_secs(3600)), on_overrun: Action::Panic, ..Rule::BLANK };

    /// A call that returns while the watchdog checks its overrun. Returns what `caught` makes of its return.
    fn returns_during_check(finds: bool) -> thread::Result<()> {
        let guard = CallGuard::new(&ENTRY, &Options::new(), ENFORCED, Role::Call, |report| {
            panic_with(report)
        });
        let scope = guard.open.as_ref().unwrap().scope.clone();
        assert!(scope.claim_overrun());
        let watchdog = thread::spawn(move || {
            while scope.returned().is_none() {
                thread::yield_now();
            }
            let late = leak::late(&scope.facts(), clock::now());
            scope.progress.set_overrun(if finds { vec![late] } else { Vec::new() });
        });
        let returned = catch_unwind(AssertUnwindSafe(|| drop(guard)));
        watchdog.join().unwrap();
        returned
    }

    #[test]
    fn return_waits_for_the_check_of_its_overrun() {
        let panic = returns_during_check(true).unwrap_err();
        assert!(panic.downcast_ref::<String>().unwrap().contains("LG001"));
        returns_during_check(false).unwrap();
    }
}
