//! The task that runs on this thread, and the coarse time. Only here do the drop-ins read them.

use crate::fact::cause::TaskLabel;
use crate::fact::id::{OutsideThread, ScopeId, TaskId};
use crate::record::resource::Creation;
use crate::record::resource::mark::{Poller, Writer};
use crate::record::scope::ScopeRecord;
use crate::record::task::mark_of;
use crate::site::CallSite;
use crate::watch::future;
use crate::{clock, context};
use std::cell::Cell;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::Waker;

/// Locks nothing, and reads no clock while the coarse time is kept.
pub(super) fn here() -> Writer {
    Writer { task: task(), now: clock::coarse() }
}

pub(super) fn task() -> Option<TaskId> {
    context::id()
}

/// The number of this thread, if it is outside of every task. `None` while the thread is torn down.
#[cold]
pub(super) fn thread_outside() -> Option<OutsideThread> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    thread_local!(static NUMBER: u64 = LAST.fetch_add(1, Relaxed) + 1);
    let number = NUMBER.try_with(|number| *number).ok().filter(|_| task().is_none())?;
    NonZeroU64::new(number).map(OutsideThread)
}

/// Same as [`here`], for a wait that is polled with `waker`. Reads the record of the task.
pub(super) fn polling(waker: Option<&Waker>) -> Poller {
    let (polls, began) = context::with(|task| (task.polls(), task.stamped())).unwrap_or_default();
    // While a poll captures stacks, the waker is the one that captures them.
    let known = waker.filter(|_| !context::is_capturing());
    Poller { here: here(), polls, began, waker: known.map(mark_of).unwrap_or_default() }
}

/// The place of a poll as the user knows it. Where leakguard itself polls a future as a whole task, that is where the task
/// was spawned. Reads the record of the task then.
#[cold]
pub(super) fn user_place(at: CallSite) -> CallSite {
    let spawned = || context::with(|task| task.site.location());
    let own = (at.file() == future::FILE).then(spawned).flatten();
    own.unwrap_or(at)
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
