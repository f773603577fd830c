//! The record that generated code makes for a call, handed to the twin that is called next.

use crate::context;
use crate::fact::id::TaskId;
use crate::record::live::SpawnedTask;
use crate::record::task::TaskMeta;
use crate::registry;
use crate::site::CallSite;
use crate::site::{Site, SiteKind};
use crate::watch::inside;
use std::cell::Cell;
use std::sync::Arc;

/// A task that a twin starts, by the record that speaks of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpawnRef {
    /// `None` where leakguard is off.
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
    /// The last one that was registered on this thread, by whatever wraps arguments.
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

/// Not public API. Used by generated code around a method whose result is thrown away: if that is a handle, nobody will
/// ever join what was record at `site`. A set's method gives something else.
pub fn mark_discarded<T>(value: T, site: &'static Site) -> T {
    let name = std::any::type_name::<T>();
    let path = name.split_once('<').map_or(name, |(path, _)| path);
    let own = |last: &RegisteredTask| std::ptr::eq(last.site, site);
    if let Some(last) = LAST
        .get()
        .filter(own)
        .filter(|_| path.ends_with("::JoinHandle"))
    {
        // One that has ended by now is not there any more.
        registry::global().look(last.task, last.key, false, |task| task.mark_detached());
    }
    value
}

/// The record of what a twin is about to start at `at`. None is made where generated code has just made one: then that one
/// stands at the same place and has the same parent.
pub(crate) fn start(
    meta: &'static TaskMeta,
    name: &'static str,
    at: CallSite,
) -> (Option<Arc<SpawnedTask>>, SpawnRef) {
    let own = |last: &RegisteredTask| last.site.location() == at && last.parent == context::id();
    if let Some(RegisteredTask { task, site, .. }) = LAST.take().filter(own) {
        let task = Some(task);
        return (None, SpawnRef { task, site });
    }
    let site = Site::at(SiteKind::Spawn, name, "", at);
    let record = inside::register(meta, site, false, false);
    let task = record.as_ref().map(|record| record.task.id);
    (record, SpawnRef { task, site })
}
