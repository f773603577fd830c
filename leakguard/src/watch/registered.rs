//! Passes the record that generated code creates for a call on to the twin that is called next.

use crate::fact::id::TaskId;
use crate::record::live::SpawnedTask;
use crate::record::task::TaskMeta;
use crate::site::{CallSite, Site};
use crate::watch::inside;
use crate::{context, registry};
use std::cell::Cell;
use std::sync::Arc;

/// Identifies the record of a task that a twin spawns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpawnRef {
    /// `None` if leakguard is off.
    pub(crate) task: Option<TaskId>,
    pub(crate) site: &'static Site,
}

#[derive(Clone, Copy)]
struct RegisteredTask {
    task: TaskId,
    key: u32,
    parent: Option<TaskId>,
    site: &'static Site,
}

thread_local! {
    /// The last task that an argument's wrapper registered on this thread.
    static LAST: Cell<Option<RegisteredTask>> = const { Cell::new(None) };
}

#[inline]
pub(crate) fn note(record: Option<&Arc<SpawnedTask>>) {
    LAST.set(record.map(|record| RegisteredTask {
        task: record.task.id,
        key: record.task.key,
        parent: context::id(),
        site: record.task.site,
    }));
}

/// Not public API. Used by generated code around a method whose result is discarded. If that is a handle, the task that was
/// spawned at `site` will never be joined. The methods of sets return other types.
pub fn mark_discarded<T>(value: T, site: &'static Site) -> T {
    let name = std::any::type_name::<T>();
    let path = name.split_once('<').map_or(name, |(path, _)| path);
    let is_own = |last: &RegisteredTask| std::ptr::eq(last.site, site);
    if path.ends_with("::JoinHandle")
        && let Some(last) = LAST.get().filter(is_own)
    {
        // A task that has ended is no longer found.
        registry::global().look(last.task, last.key, false, |task| task.mark_detached());
    }
    value
}

/// Registers the task that a twin is about to spawn at `at`, unless generated code has just created a record with the
/// same place and parent.
pub(crate) fn register(
    meta: &'static TaskMeta,
    name: &'static str,
    at: CallSite,
) -> (Option<Arc<SpawnedTask>>, SpawnRef) {
    let own = |last: &RegisteredTask| last.site.location() == at && last.parent == context::id();
    if let Some(RegisteredTask { task, site, .. }) = LAST.take().filter(own) {
        let task = Some(task);
        return (None, SpawnRef { task, site });
    }
    let site = Site::of_drop_in(name, at);
    let record = inside::register(meta, site, false, false);
    let task = record.as_ref().map(|record| record.task.id);
    (record, SpawnRef { task, site })
}
