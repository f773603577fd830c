//! What channels, locks and tasks are called.

use crate::fact::cause::TaskLabel;
use crate::fact::id::TaskKind;
use crate::fact::kind::{Operation, ResourceKind};

/// The name of a resource of this kind.
pub(crate) fn noun(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Mpsc => "mpsc",
        ResourceKind::UnboundedMpsc => "unbounded mpsc",
        ResourceKind::Oneshot => "oneshot",
        ResourceKind::Broadcast => "broadcast",
        ResourceKind::Watch => "watch",
        ResourceKind::Mutex => "mutex",
        ResourceKind::RwLock => "rwlock",
        ResourceKind::Semaphore => "semaphore",
        ResourceKind::Notify => "notify",
        ResourceKind::Barrier => "barrier",
        ResourceKind::OnceCell => "once cell",
        ResourceKind::SetOnce => "set-once cell",
        ResourceKind::Token => "cancellation token",
        ResourceKind::Value => "value",
        ResourceKind::StdMutex => "std mutex",
        ResourceKind::StdRwLock => "std rwlock",
        ResourceKind::ParkingMutex => "parking_lot mutex",
        ResourceKind::ParkingRwLock => "parking_lot rwlock",
        ResourceKind::Condvar => "condvar",
        ResourceKind::Join => "thread",
        ResourceKind::JoinTask => "task",
        ResourceKind::JoinSet => "join set",
    }
}

/// The half of a channel that could end such a wait.
pub(crate) fn half(operation: Operation) -> &'static str {
    match operation {
        Operation::Receive | Operation::Changed => "sender",
        _ => "receiver",
    }
}

/// One `task`, two `threads`.
pub(crate) fn kind(kind: TaskKind, count: usize) -> &'static str {
    match (kind, count) {
        (TaskKind::Async, 1) => "task",
        (TaskKind::Async, _) => "tasks",
        (TaskKind::Blocking, 1) => "blocking call",
        (TaskKind::Blocking, _) => "blocking calls",
        (TaskKind::Thread, 1) => "thread",
        (TaskKind::Thread, _) => "threads",
        (TaskKind::Call | TaskKind::SyncCall, 1) => "call",
        (TaskKind::Call | TaskKind::SyncCall, _) => "calls",
    }
}

/// `task 7`, by its number in dumps, or the name of the function.
pub(crate) fn short(task: &TaskLabel) -> String {
    match task.kind.is_call() {
        _ if task.id.is_thread() => format!("thread `{}`", task.site.function()),
        true => format!("`{}`", task.site.function()),
        false => format!("{} {}", kind(task.kind, 1), task.id),
    }
}

/// `task 7 of src/pool.rs:27`.
pub(crate) fn named(task: &TaskLabel) -> String {
    if task.kind.is_call() || task.id.is_thread() {
        return short(task);
    }
    let at = task.site.location();
    format!("{} of {}:{}", short(task), at.file(), at.line())
}
