//! The scope of a runtime: all that runs on it must end when it is dropped. Its findings are only logged, so that a test
//! ends as it does without leakguard.

use crate::call::paused::PausedClock;
use crate::call::told;
use crate::check::{act, quiet};
use crate::clock::{self, Instant};
use crate::context::{self, OuterTask};
use crate::deadline::{self, Alarm};
use crate::fact::id::{Ending, Role};
use crate::fact::options::Options;
use crate::lock::Lock;
use crate::record::progress::Waiter;
use crate::record::scope::ScopeRecord;
use crate::report::emit;
use crate::site::{CallSite, Site};
use crate::vocabulary::SiteKind;
use crate::{call, config, registry};
use std::collections::BTreeSet;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;
use tokio::runtime::Handle;

/// How long the tasks of a runtime stand still before it is judged.
const QUIET: Duration = Duration::from_millis(20);
/// The shortest time between two looks at them.
const STEP: Duration = Duration::from_millis(5);

/// Opens the scope of a runtime that the test `name` created, and that was first used at `at`.
pub(crate) fn open(name: Option<&'static str>, at: CallSite) -> Option<Arc<ScopeRecord>> {
    let name = name.or_else(test_name).unwrap_or_else(|| interned(at.to_string()));
    let site = Site::at(SiteKind::Function, name, "", at);
    let scope = call::open(&call::SYNC, site, &Options::new(), &config::root_rule(), Role::Root)?;
    // No thread stays inside of it, so it is in no dump and is not probed.
    scope.call.end();
    Some(scope)
}

/// The name of the test that runs on this thread: libtest names its threads by tests, but a test that has the process to
/// itself runs on the main one.
pub(crate) fn test_name() -> Option<&'static str> {
    let thread = thread::current();
    let name = thread.name().filter(|name| !name.is_empty() && *name != "main");
    let name = name.map(str::to_owned).or_else(|| std::env::var("NEXTEST_TEST_NAME").ok());
    name.map(interned)
}

/// The same text for ever. There are as many as tests.
fn interned(name: String) -> &'static str {
    static NAMES: Lock<BTreeSet<&'static str>> = Lock::new(BTreeSet::new());
    let mut names = NAMES.lock();
    if let Some(known) = names.get(&*name) {
        return known;
    }
    let name: &'static str = Box::leak(name.into_boxed_str());
    names.insert(name);
    name
}

/// What is spawned by this thread belongs to a runtime until this is dropped.
#[derive(Debug)]
pub(crate) struct EnteredRuntime(OuterTask);

impl EnteredRuntime {
    pub(crate) fn new(scope: &ScopeRecord) -> Self {
        EnteredRuntime(context::enter(&scope.call).0)
    }
}

impl Drop for EnteredRuntime {
    fn drop(&mut self) {
        context::leave(self.0);
    }
}

/// Ends the scope of a runtime that is about to be dropped. `run` runs that runtime until its tasks have ended or are
/// judged, if it has run before.
pub(crate) fn end(scope: Arc<ScopeRecord>, run: Option<impl FnOnce(RuntimeEnd)>) {
    let how = match &run {
        _ if thread::panicking() => Ending::Panicked,
        Some(_) if may_run() => Ending::Returned,
        _ => Ending::Left,
    };
    let listed = call::close(&scope, how);
    if how == Ending::Returned {
        if !call::is_over(&scope) && told::is_told(&scope) {
            scope.progress.set_judged(Vec::new());
        }
        if let Some(run) = run.filter(|_| !call::is_over(&scope)) {
            let end = RuntimeEnd { scope: scope.clone(), clock: None, alarm: None };
            // A runtime that shuts down at the first panic of a task panics when it is run again.
            let _ = catch_unwind(AssertUnwindSafe(|| run(end)));
            told::note(&scope);
        }
        if let Some(report) = call::report(&scope) {
            act::tell(&report);
            emit::settle();
        }
    }
    registry::recycle(scope, listed);
}

/// Whether this thread may run a runtime: it is not inside of one, which may need the thread, and is not being torn down.
fn may_run() -> bool {
    Handle::try_current().is_err_and(|error| error.is_missing_context())
}

/// Ready when the tasks of a runtime have ended or are judged.
#[derive(Debug)]
pub(crate) struct RuntimeEnd {
    scope: Arc<ScopeRecord>,
    clock: Option<PausedClock>,
    /// Wakes this for the next look at the tasks.
    alarm: Option<Alarm>,
}

impl Future for RuntimeEnd {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        this.scope.progress.wait_with(Waiter::Task(cx.waker().clone()));
        if call::is_over(&this.scope) {
            return Poll::Ready(());
        }
        let scope = &this.scope;
        this.clock.get_or_insert_with(|| PausedClock::of(scope)).poll(scope, cx);
        this.alarm = this.next_look().map(|at| {
            let waker = cx.waker().clone();
            Alarm::set(at, move || waker.wake())
        });
        Poll::Pending
    }
}

impl RuntimeEnd {
    /// Has the tasks judged at once if they stand still. Otherwise returns when to look again.
    fn next_look(&self) -> Option<Instant> {
        if self.scope.progress.is_hastened() {
            return None;
        }
        let now = clock::now();
        let still = quiet::quiet_since(&self.scope).map(|since| since.plus(QUIET));
        if still.is_some_and(|at| at <= now) {
            self.scope.progress.hasten();
            deadline::arm(now);
            return None;
        }
        Some(still.unwrap_or(now).max(now.plus(STEP)))
    }
}
