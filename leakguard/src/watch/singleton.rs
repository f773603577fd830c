//! What an initialiser starts once in a process, and which therefore belongs to no test.

use crate::fact::id::TaskId;
#[cfg(not(miri))]
use crate::record::collector::Collector;
use crate::record::scope::{Role, ScopeRecord};
use crate::site::Site;
#[cfg(not(miri))]
use crate::stack::SpawnStack;
use std::cell::Cell;
#[cfg(not(miri))]
use std::sync::Arc;

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

/// The first spawn of a site.
#[derive(Default)]
pub(super) struct FirstSpawn {
    /// It is inside an initialiser of std's or of a static cell. The test that comes first only happens to run that.
    pub(super) is_singleton: bool,
    /// Where it is not, the stack, from which a report may see another initialiser.
    #[cfg(not(miri))]
    stack: Option<(Arc<Collector>, SpawnStack)>,
}

impl FirstSpawn {
    /// A function whose tasks must end may have been called by the initialiser, so what it starts is its own.
    #[inline]
    pub(super) fn look(scope: Option<&ScopeRecord>, site: &'static Site) -> Self {
        match scope.filter(|scope| matches!(scope.role, Role::Collect | Role::Root)) {
            Some(scope) => Self::inside(scope, site),
            None => Self::default(),
        }
    }

    #[cfg(not(miri))]
    #[cold]
    fn inside(scope: &ScopeRecord, site: &'static Site) -> Self {
        let stack = SpawnStack::here();
        let is_singleton = INITIALISING.get() > 0 || stack.is_in_std();
        let collector = scope.collector.clone();
        match collector {
            Some(collector) if is_singleton => {
                collector.add_singleton(site);
                FirstSpawn { is_singleton, stack: None }
            }
            collector => FirstSpawn { is_singleton, stack: collector.map(|it| (it, stack)) },
        }
    }

    /// Miri cannot unwind.
    #[cfg(miri)]
    fn inside(_: &ScopeRecord, _: &'static Site) -> Self {
        Self::default()
    }

    /// Keeps the stack for the task.
    #[inline]
    pub(super) fn keep(self, task: TaskId) {
        #[cfg(not(miri))]
        if let Some((collector, stack)) = self.stack {
            collector.keep_spawn(task, stack);
        }
        #[cfg(miri)]
        let _ = (self, task);
    }
}
