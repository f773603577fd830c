//! Who runs on this thread, and about when; the one place where the twins ask.

use crate::clock;
use crate::context;
use crate::fact::cause::Named;
use crate::fact::id::{ScopeId, TaskId};
use crate::record::resource::Origin;
use crate::record::resource::mark::{Here, Polling};
use crate::record::scope::Scope;
use std::cell::Cell;
use std::panic::Location;
use std::sync::Arc;

/// Locks nothing, and reads no clock while the coarse time is kept.
pub(super) fn here() -> Here {
    Here {
        task: task(),
        now: clock::coarse(),
    }
}

pub(super) fn task() -> Option<TaskId> {
    context::id()
}

/// As [`here`] for one that has to wait; looks into the record of its task.
pub(super) fn polling() -> Polling {
    let (polls, began) = context::with(|task| (task.polls(), task.stamped())).unwrap_or_default();
    Polling {
        here: here(),
        polls,
        began,
    }
}

/// The current task as a report names it; looks into its record.
pub(super) fn named() -> Option<Named> {
    context::with(|task| task.named())
}

/// The scope of the current task; looks into its record.
pub(super) fn scope() -> Option<Arc<Scope>> {
    context::with(|task| task.scope().cloned()).flatten()
}

/// Something is made here and now.
pub(super) fn origin(made: &'static Location<'static>) -> Origin {
    let by = task();
    Origin::new(made, by, by.and_then(scope_of_current))
}

/// The scope of the current task, which is `id`. A task keeps its scope, so that the one asked for
/// last is known: to look into its record takes a lock.
fn scope_of_current(id: TaskId) -> Option<ScopeId> {
    thread_local!(static LAST: Cell<(u64, Option<ScopeId>)> = const { Cell::new((0, None)) });
    let (last, scope) = LAST.get();
    if last == id.0 {
        return scope;
    }
    let scope = context::with(|task| task.scope().map(|scope| scope.id())).flatten();
    LAST.set((id.0, scope));
    scope
}
