//! What an initialiser starts once in a process, and which therefore belongs to no test.

use crate::record::scope::{Role, ScopeRecord};
use crate::site::Site;
use std::cell::Cell;

thread_local! {
    /// Number of polls under way on this thread that initialise a static cell of leakguard's.
    static INITIALISING: Cell<usize> = const { Cell::new(0) };
}

struct InitialiserEnd;

impl Drop for InitialiserEnd {
    fn drop(&mut self) {
        INITIALISING.set(INITIALISING.get() - 1);
    }
}

/// Runs `act`, which initialises what lives as long as the process.
pub(crate) fn initialise<R>(act: impl FnOnce() -> R) -> R {
    INITIALISING.set(INITIALISING.get() + 1);
    let _end = InitialiserEnd;
    act()
}

/// Whether an initialiser of std's or of a static cell is starting the first task of `site`. The test that comes first only happens to run it.
///
/// A function whose tasks must end may have been called by the initialiser, so what it starts is its own.
#[inline]
pub(super) fn begins(scope: Option<&ScopeRecord>, site: &'static Site) -> bool {
    scope.is_some_and(|scope| scope.role == Role::Collect && is_initialised(scope, site))
}

#[cfg(not(miri))]
#[cold]
fn is_initialised(scope: &ScopeRecord, site: &'static Site) -> bool {
    let is_singleton = INITIALISING.get() > 0 || crate::stack::initialiser::is_running();
    if let Some(collector) = scope.collector.as_ref().filter(|_| is_singleton) {
        collector.add_singleton(site);
    }
    is_singleton
}

/// Miri cannot unwind.
#[cfg(miri)]
fn is_initialised(_: &ScopeRecord, _: &'static Site) -> bool {
    false
}
