//! The record that generated code makes for a call, handed to the twin that is called next.

use crate::context;
use crate::fact::id::TaskId;
use crate::record::live::SpawnedTask;
use crate::record::task::TaskMeta;
use crate::registry;
use crate::site::{Site, SiteKind};
use crate::watch::inside;
use std::cell::Cell;
use std::panic::Location;
use std::sync::Arc;

type At = &'static Location<'static>;

/// A task that a twin starts, by the record that speaks of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spawned {
    /// `None` where leakguard is off.
    pub(crate) task: Option<TaskId>,
    pub(crate) site: &'static Site,
}

#[derive(Clone, Copy)]
struct Last {
    task: TaskId,
    key: u32,
    parent: Option<TaskId>,
    site: &'static Site,
}

thread_local! {
    /// The last one that was registered on this thread, by whatever wraps arguments.
    static LAST: Cell<Option<Last>> = const { Cell::new(None) };
}

#[inline]
pub(crate) fn note(started: Option<&Arc<SpawnedTask>>) {
    LAST.set(started.map(|started| Last {
        task: started.task.id,
        key: started.task.key,
        parent: context::id(),
        site: started.task.site,
    }));
}

/// Not public API. Used by generated code around a method whose result is thrown away: if that is a handle, nobody will
/// ever join what was started at `site`. A set's method gives something else.
pub fn thrown_away<T>(value: T, site: &'static Site) -> T {
    let name = std::any::type_name::<T>();
    let path = name.split_once('<').map_or(name, |(path, _)| path);
    let own = |last: &Last| std::ptr::eq(last.site, site);
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
    at: At,
) -> (Option<Arc<SpawnedTask>>, Spawned) {
    let own = |last: &Last| last.site.location() == at && last.parent == context::id();
    if let Some(Last { task, site, .. }) = LAST.take().filter(own) {
        let task = Some(task);
        return (None, Spawned { task, site });
    }
    let site = Site::at(SiteKind::Spawn, name, "", at);
    let started = inside::start(meta, site, false, false);
    let task = started.as_ref().map(|started| started.task.id);
    (started, Spawned { task, site })
}
