//! The task that runs on this thread, and the coarse time. Only here do the drop-ins read them.

use crate::fact::cause::TaskLabel;
use crate::fact::id::{ScopeId, TaskId};
use crate::record::resource::Creation;
use crate::record::resource::mark::{Poller, Writer};
use crate::record::scope::ScopeRecord;
use crate::site::CallSite;
use crate::{clock, context};
use std::cell::Cell;
use std::sync::Arc;

/// Locks nothing, and reads no clock while the coarse time is kept.
pub(super) fn here() -> Writer {
    Writer { task: task(), now: clock::coarse() }
}

pub(super) fn task() -> Option<TaskId> {
    context::id()
}

/// Same as [`here`], for a wait. Reads the record of the task.
pub(super) fn polling() -> Poller {
    let (polls, began) = context::with(|task| (task.polls(), task.stamped())).unwrap_or_default();
    Poller { here: here(), polls, began }
}

/// The current task as a report names it. Reads its record.
pub(super) fn named() -> Option<TaskLabel> {
    context::with(|task| task.named())
}

/// The scope of the current task. Reads its record.
pub(super) fn scope() -> Option<Arc<ScopeRecord>> {
    context::with(|task| task.scope().cloned()).flatten()
}

/// Something is created by the current task.
pub(super) fn origin(created: CallSite) -> Creation {
    let by = task();
    Creation { created, by, scope: by.and_then(scope_of_current) }
}

/// The scope of the current task, which is `id`. A task keeps its scope, so the last result is cached: a read of the
/// record takes a lock.
fn scope_of_current(id: TaskId) -> Option<ScopeId> {
    thread_local!(static LAST: Cell<Option<(TaskId, Option<ScopeId>)>> = const { Cell::new(None) });
    if let Some((_, scope)) = LAST.get().filter(|(last, _)| *last == id) {
        return scope;
    }
    let scope = context::with(|task| task.scope().map(|scope| scope.id())).flatten();
    LAST.set(Some((id, scope)));
    scope
}
