//! Whether the tasks of a scope stand still, so that it need not be waited for them any longer.

use crate::check::surroundings::resources;
use crate::clock::Instant;
use crate::fact::id::{TaskId, TaskKind};
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use crate::registry;
use std::collections::HashSet;

/// Since when no task of `scope` was polled. `None` while one of them may go on by itself: it runs, has not begun, or waits
/// for something that is not known, such as a timer or a socket.
pub(crate) fn quiet_since(scope: &ScopeRecord) -> Option<Instant> {
    let inside = |task: &Live| task.scope().is_some_and(|s| s.is_inside(scope.id()));
    let tasks = registry::global().tasks().into_iter();
    let tasks: Vec<_> = tasks.filter(|t| inside(t) && !t.is_background()).collect();
    let known = waiting();
    let waits = |task: &Live| {
        let is_idle = task.kind() == TaskKind::Async && !task.is_polling() && task.polls() > 0;
        is_idle && known.contains(&task.id)
    };
    let spawned = || tasks.iter().filter(|task| !task.kind().is_call());
    match spawned().all(waits) {
        true => spawned().map(|task| task.since()).max(),
        false => None,
    }
}

/// The tasks that wait on a channel, a lock or a task that is known.
fn waiting() -> HashSet<TaskId> {
    let waits = resources().into_iter().flat_map(|resource| resource.waits);
    waits.filter_map(|wait| wait.task).collect()
}
