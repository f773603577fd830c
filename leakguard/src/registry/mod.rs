//! Every live task and scope. This is the one place that holds and locks them.

pub(crate) mod home;
mod query;
mod recycle;
mod shard;
mod table;

use crate::clock::pulse;
use crate::fact::story::PanicStory;
use crate::lock::Lock;
use crate::record::event::{Event, Noted};
use crate::record::last_panic;
use crate::record::live::{Live, SpawnedTask};
use crate::record::scope::{Opening, ScopeRecord};
use crate::record::task::NewTask;
use crate::registry::shard::{Shard, address, key};
use crate::stripe::{self, STRIPES};
use std::sync::Arc;

/// All live tasks and scopes. Tests create their own; the program has [`global`].
pub(crate) struct Registry {
    shards: [Shard; STRIPES],
    /// Events that were not reported yet.
    events: Lock<Vec<Noted>>,
}

/// The registry of this process.
#[inline]
pub(crate) fn global() -> &'static Registry {
    static GLOBAL: Registry = Registry::new();
    &GLOBAL
}

/// Lets the allocation of a scope's record be used again. `listed` is what [`Registry::settle`] returned.
#[inline]
pub(crate) fn recycle(scope: Arc<ScopeRecord>, listed: Option<Arc<ScopeRecord>>) {
    if let Some(listed) = listed {
        recycle::keep(listed, scope);
    }
}

impl Registry {
    const fn new() -> Self {
        Registry { shards: [const { Shard::new() }; STRIPES], events: Lock::new(Vec::new()) }
    }

    #[inline]
    pub(crate) fn start(&self, new: &NewTask, scope: Option<Arc<ScopeRecord>>) -> Arc<SpawnedTask> {
        if let (Some(scope), false) = (&scope, new.background) {
            scope.join();
        }
        let shard = stripe::of_thread();
        let mut records = self.shards[shard].lock();
        new.site.count_start(shard);
        let id = records.next_id();
        records.tasks.add(|place| {
            recycle::create(|spawned: &mut SpawnedTask| {
                spawned.task.fill(id, key(place, shard), new, scope.is_some());
                spawned.scope = scope;
            })
        })
    }

    #[inline]
    pub(crate) fn end(&self, spawned: Arc<SpawnedTask>) {
        let task = &spawned.task;
        task.end();
        let listed = {
            let (shard, place) = address(task.key);
            let mut records = self.shards[shard].lock();
            task.site.count_end(shard);
            records.tasks.remove(place)
        };
        if task.has_panicked() && task.is_detached() {
            let panic = last_panic::take(task.id);
            let panic = panic.map(|panic| Box::new(after_return(panic, spawned.scope.as_ref())));
            self.note(Live::Spawned(spawned.clone()), Event::Panicked(panic));
        }
        if let Some(scope) = spawned.scope.as_ref().filter(|_| !task.is_background()) {
            self.leave(scope);
        }
        if let Some(listed) = listed {
            recycle::keep(listed, spawned);
        }
    }

    /// Makes the task a background task, for which its scope does not wait.
    pub(crate) fn set_background(&self, task: &Live) {
        if let (Live::Spawned(spawned), true) = (task, task.mark_background())
            && let Some(scope) = &spawned.scope
        {
            self.leave(scope);
        }
    }

    #[inline]
    pub(crate) fn open(&self, opening: &mut Opening<'_>) -> Arc<ScopeRecord> {
        if let Some(parent) = &opening.parent {
            parent.join();
        }
        let shard = stripe::of_thread();
        let mut records = self.shards[shard].lock();
        opening.call.site.count_start(shard);
        let id = records.next_id();
        records.scopes.add(|place| {
            recycle::create(|scope: &mut ScopeRecord| scope.fill(id, key(place, shard), opening))
        })
    }

    /// One task or call of the scope has ended. The last one settles the scope, and may settle the scopes around it.
    pub(crate) fn leave(&self, scope: &Arc<ScopeRecord>) {
        drop(self.settle(scope));
    }

    /// As [`Registry::leave`]. Returns the registry's own handle of the scope if this has settled it.
    #[inline]
    pub(crate) fn settle(&self, scope: &Arc<ScopeRecord>) -> Option<Arc<ScopeRecord>> {
        let listed = scope.leave().then(|| self.remove(scope))?;
        let mut around = scope.parent.as_ref();
        while let Some(scope) = around.filter(|scope| scope.leave()) {
            self.remove(scope);
            around = scope.parent.as_ref();
        }
        listed
    }

    #[inline]
    fn remove(&self, scope: &ScopeRecord) -> Option<Arc<ScopeRecord>> {
        let (shard, place) = address(scope.call.key);
        let mut records = self.shards[shard].lock();
        scope.site().count_end(shard);
        records.scopes.remove(place)
    }

    /// Keeps an event of `task` until it is reported.
    pub(crate) fn note(&self, task: Live, event: Event) {
        self.events.lock().push(Noted { task, event });
        pulse::wake();
    }

    /// Removes the events of those tasks for which `wanted` holds, and returns them.
    pub(crate) fn take_events(&self, wanted: impl Fn(&Live) -> bool) -> Vec<Noted> {
        let mut all = self.events.lock();
        let (removed, kept) = all.drain(..).partition(|noted| wanted(&noted.task));
        *all = kept;
        removed
    }
}

/// `panic` with how long after the return of the test's function it happened, if it was after that. The task still counts
/// in its scope, so the time of that return is exact.
#[cold]
fn after_return(mut panic: PanicStory, scope: Option<&Arc<ScopeRecord>>) -> PanicStory {
    let test = scope.cloned().and_then(ScopeRecord::collecting);
    if let Some(test) = test
        && let Some((at, _)) = test.returned().filter(|(at, _)| panic.when > *at)
    {
        panic.after = Some((panic.when.since(at), test.name));
    }
    panic
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::id::{TaskId, TaskKind};
    use crate::record::task::TaskMeta;
    use crate::site::Site;
    use crate::vocabulary::SiteKind;
    use std::thread;

    #[test]
    fn concurrent_reader_sees_whole_records() {
        static SITE: Site = Site::new(SiteKind::Spawn, "test", "spawn", "");
        static META: TaskMeta = TaskMeta { kind: TaskKind::Async, type_name: || "" };
        const TIMES: u64 = if cfg!(miri) { 100 } else { 10_000 };
        let registry = Registry::new();
        let start = |parent| {
            let new = NewTask {
                meta: &META,
                site: &SITE,
                parent: Some(parent),
                background: false,
                detached: false,
            };
            registry.start(&new, None)
        };
        let child_and_parent = |task: &Live| (task.id, task.parent());
        thread::scope(|threads| {
            let churn = || {
                for n in 1..=TIMES {
                    let child = start(TaskId::new(n).unwrap());
                    let grandchild = start(child.task.id);
                    assert_eq!(grandchild.task.parent(), Some(child.task.id));
                    registry.end(child);
                    registry.end(grandchild);
                }
            };
            let churners = [threads.spawn(churn), threads.spawn(churn)];
            while !churners.iter().all(|thread| thread.is_finished()) {
                let seen = registry.tasks();
                let before: Vec<_> = seen.iter().map(child_and_parent).collect();
                assert!(before.is_sorted_by(|one, other| one.0 < other.0));
                thread::yield_now();
                // A record that has a reader is not reused.
                let after: Vec<_> = seen.iter().map(child_and_parent).collect();
                assert_eq!(before, after);
            }
        });
        assert!(registry.tasks().is_empty());
        assert_eq!((SITE.started(), SITE.alive()), (4 * TIMES, 0));
    }
}
