//! Every live task and scope; the one place that holds and locks them.

mod spare;
mod table;

use crate::clock::pulse;
use crate::fact::id::TaskId;
use crate::lock::Lock;
use crate::record::event::{Event, Noted};
use crate::record::live::{Live, SpawnedTask};
use crate::record::scope::{Opening, ScopeRecord};
use crate::record::task::{NewTask, Task};
use crate::registry::table::Table;
use crate::site::STRIPES;
use spin::RelaxStrategy;
use spin::mutex::{SpinMutex, SpinMutexGuard};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Threads that start tasks at the same time rarely meet at the same lock.
const SHARDS: usize = STRIPES;
/// So many numbers a shard takes at once, so that threads do not meet at the last one either.
const BLOCK: u64 = 64;

/// Who finds a shard taken looks again some times, and then sleeps: only so a thread of higher priority lets the one go
/// on that has it.
struct Patience;

impl RelaxStrategy for Patience {
    fn relax() {
        const LOOKS: u32 = 64;
        const SLEEP: Duration = Duration::from_micros(50);
        thread_local!(static LOOKED: Cell<u32> = const { Cell::new(0) });
        LOOKED.set(LOOKED.get().wrapping_add(1));
        if LOOKED.get().is_multiple_of(LOOKS) {
            std::thread::sleep(SLEEP);
        } else {
            std::hint::spin_loop();
        }
    }
}

// Two shards never share a cache line, nor the pair of lines that is fetched together.
#[derive(Default)]
#[repr(align(128))]
struct Shard(SpinMutex<Held, Patience>);

#[derive(Default)]
struct Held {
    tasks: Table<Arc<SpawnedTask>>,
    scopes: Table<Arc<ScopeRecord>>,
    /// The numbers that this shard may still give.
    ids: std::ops::Range<u64>,
}

/// All that lives. Tests make their own; the program has [`global`].
#[derive(Default)]
pub(crate) struct Registry {
    shards: [Shard; SHARDS],
    /// What happened once, until somebody speaks of it.
    events: Lock<Vec<Noted>>,
}

/// The registry of this process.
#[inline]
pub(crate) fn global() -> &'static Registry {
    static GLOBAL: OnceLock<Registry> = OnceLock::new();
    GLOBAL.get_or_init(Registry::default)
}

/// Nobody needs the record of a scope any more that [`Registry::settle`] has given what the list had of.
#[inline]
pub(crate) fn done_with(scope: Arc<ScopeRecord>, listed: Option<Arc<ScopeRecord>>) {
    if let Some(listed) = listed {
        spare::keep(listed, scope);
    }
}

/// A number for the current thread, to spread threads over the shards.
#[inline]
pub(crate) fn shard_of_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static SHARD: Cell<usize> = const { Cell::new(usize::MAX) });
    // A thread that is being torn down still ends and even starts tasks.
    SHARD
        .try_with(|shard| {
            if shard.get() == usize::MAX {
                shard.set(NEXT.fetch_add(1, Relaxed) % SHARDS);
            }
            shard.get()
        })
        .unwrap_or(0)
}

impl Held {
    #[inline]
    fn next_id(&mut self) -> TaskId {
        static LAST: AtomicU64 = AtomicU64::new(1);
        let id = self.ids.next().unwrap_or_else(|| {
            let first = LAST.fetch_add(BLOCK, Relaxed);
            self.ids = first + 1..first + BLOCK;
            first
        });
        TaskId::new(id).expect("numbers begin at 1")
    }
}

/// A shard and the place of something in it, as one number.
#[inline]
fn key(place: usize, shard: usize) -> u32 {
    u32::try_from(place * SHARDS + shard).expect("268 million tasks live in one shard")
}

/// What [`key`] was made of.
#[inline]
fn address(key: u32) -> (usize, usize) {
    (key as usize % SHARDS, key as usize / SHARDS)
}

impl Registry {
    /// Held for some nanoseconds, or microseconds by who looks at all. To give it back takes no atomic read-modify-write, unlike
    /// std's `Mutex`; those were a third of all that is done for a task.
    #[inline]
    fn shard(&self, shard: usize) -> SpinMutexGuard<'_, Held, Patience> {
        self.shards[shard].0.lock()
    }

    #[inline]
    pub(crate) fn start(&self, new: &NewTask, scope: Option<Arc<ScopeRecord>>) -> Arc<SpawnedTask> {
        if let (Some(scope), false) = (&scope, new.background) {
            scope.join();
        }
        let number = shard_of_thread();
        let mut shard = self.shard(number);
        new.site.count_start(number);
        let id = shard.next_id();
        shard.tasks.add(|place| {
            spare::for_two(|started: &mut SpawnedTask| {
                started
                    .task
                    .fill(id, key(place, number), new, scope.is_some());
                started.scope = scope;
            })
        })
    }

    #[inline]
    pub(crate) fn end(&self, started: Arc<SpawnedTask>) {
        let task = &started.task;
        task.end();
        let listed = {
            let (shard, place) = address(task.key);
            let mut held = self.shard(shard);
            task.site.count_end(shard);
            held.tasks.take(place)
        };
        if task.has_panicked() && task.is_detached() {
            self.note(Live::Spawned(started.clone()), Event::Panicked);
        }
        if let Some(scope) = started.scope.as_ref().filter(|_| !task.is_background()) {
            self.leave(scope);
        }
        if let Some(listed) = listed {
            spare::keep(listed, started);
        }
    }

    /// The task turned out to be meant to go on: its scope no longer waits for it.
    pub(crate) fn let_go(&self, task: &Live) {
        if let (Live::Spawned(started), true) = (task, task.mark_background())
            && let Some(scope) = &started.scope
        {
            self.leave(scope);
        }
    }

    #[inline]
    pub(crate) fn open(&self, opening: &mut Opening<'_>) -> Arc<ScopeRecord> {
        if let Some(parent) = &opening.parent {
            parent.join();
        }
        let number = shard_of_thread();
        let mut shard = self.shard(number);
        opening.call.site.count_start(number);
        let id = shard.next_id();
        shard.scopes.add(|place| {
            spare::for_two(|scope: &mut ScopeRecord| scope.fill(id, key(place, number), opening))
        })
    }

    /// One thing of the scope has ended; the last settles it, and perhaps those around it.
    pub(crate) fn leave(&self, scope: &Arc<ScopeRecord>) {
        drop(self.settle(scope));
    }

    /// As [`Registry::leave`]; gives what the list had of the scope, if this has settled it.
    #[inline]
    pub(crate) fn settle(&self, scope: &Arc<ScopeRecord>) -> Option<Arc<ScopeRecord>> {
        let listed = scope.leave().then(|| self.forget(scope))?;
        let mut around = scope.parent.as_ref();
        while let Some(scope) = around.filter(|scope| scope.leave()) {
            self.forget(scope);
            around = scope.parent.as_ref();
        }
        listed
    }

    #[inline]
    fn forget(&self, scope: &ScopeRecord) -> Option<Arc<ScopeRecord>> {
        let (shard, place) = address(scope.call.key);
        let mut held = self.shard(shard);
        scope.site().count_end(shard);
        held.scopes.take(place)
    }

    /// Looks at what is kept under `key`, if it still is what it was.
    pub(crate) fn look<R>(
        &self,
        id: TaskId,
        key: u32,
        is_call: bool,
        look: impl FnOnce(&Live) -> R,
    ) -> Option<R> {
        let (shard, place) = address(key);
        let shard = self.shard(shard);
        let live = match is_call {
            true => shard.scopes.get(place).cloned().map(Live::Call),
            false => shard.tasks.get(place).cloned().map(Live::Spawned),
        };
        let live = live.filter(|live| live.id == id)?;
        let seen = look(&live);
        drop(shard);
        Some(seen)
    }

    /// The scope that owns what is started in what is kept under `key`, and whether that is meant to go on; `None` if it
    /// is gone.
    #[inline]
    pub(crate) fn scope_of(
        &self,
        id: TaskId,
        key: u32,
        is_call: bool,
    ) -> Option<(Option<Arc<ScopeRecord>>, bool)> {
        let (shard, place) = address(key);
        let shard = self.shard(shard);
        let (task, scope) = if is_call {
            let scope = shard.scopes.get(place)?;
            (&scope.call, Some(scope))
        } else {
            let started = shard.tasks.get(place)?;
            (&started.task, started.scope.as_ref())
        };
        (task.id == id).then(|| (scope.cloned(), task.is_background()))
    }

    /// All that somebody is inside of, or may be.
    pub(crate) fn tasks(&self) -> Vec<Live> {
        let mut all = Vec::new();
        self.each(
            |held| &held.tasks,
            |task| all.push(Live::Spawned(task.clone())),
        );
        let mut call = |scope: &Arc<ScopeRecord>| {
            if !scope.is_over() {
                all.push(Live::Call(scope.clone()));
            }
        };
        self.each(|held| &held.scopes, &mut call);
        all.sort_by_key(|task| task.id);
        all
    }

    /// How many started tasks there are of a kind.
    pub(crate) fn count(&self, of_kind: impl Fn(&Task) -> bool) -> usize {
        let mut count = 0;
        self.each(
            |held| &held.tasks,
            |started| count += usize::from(of_kind(&started.task)),
        );
        count
    }

    pub(crate) fn scopes(&self) -> Vec<Arc<ScopeRecord>> {
        let mut all = Vec::new();
        self.each(|held| &held.scopes, |scope| all.push(scope.clone()));
        all.sort_by_key(|scope| scope.id());
        all
    }

    /// Looks at all of a kind, a page at a time: nobody is to wait until a hundred thousand have been looked at.
    fn each<T>(&self, of: impl Fn(&Held) -> &Table<Arc<T>>, mut look: impl FnMut(&Arc<T>)) {
        for shard in 0..SHARDS {
            for page in 0.. {
                let held = self.shard(shard);
                let Some(page) = of(&held).page(page) else {
                    break;
                };
                page.for_each(&mut look);
            }
        }
    }

    /// Something happened to `task` that is to be spoken of.
    pub(crate) fn note(&self, task: Live, event: Event) {
        self.events.lock().push(Noted { task, event });
        pulse::wake();
    }

    /// Takes the events of those tasks for which `wanted` holds.
    pub(crate) fn take_events(&self, wanted: impl Fn(&Live) -> bool) -> Vec<Noted> {
        let mut all = self.events.lock();
        let (taken, kept) = all.drain(..).partition(|noted| wanted(&noted.task));
        *all = kept;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::id::TaskKind;
    use crate::record::task::TaskMeta;
    use crate::site::Site;
    use crate::vocabulary::SiteKind;
    use std::thread;

    #[test]
    fn who_looks_meanwhile_sees_whole_records() {
        static SITE: Site = Site::new(SiteKind::Spawn, "test", "spawn", "");
        static META: TaskMeta = TaskMeta {
            kind: TaskKind::Async,
            type_name: || "",
        };
        const TIMES: u64 = if cfg!(miri) { 100 } else { 10_000 };
        let registry = Registry::default();
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
                // Nobody else is given a record that somebody looks at.
                let after: Vec<_> = seen.iter().map(child_and_parent).collect();
                assert_eq!(before, after);
            }
        });
        assert!(registry.tasks().is_empty());
        assert_eq!((SITE.started(), SITE.alive()), (4 * TIMES, 0));
    }

    #[test]
    fn numbers_are_given_once() {
        let mut held = [Held::default(), Held::default()];
        let mut all: Vec<u64> = (0..300).map(|n| held[n % 2].next_id().get()).collect();
        // Each shard counts up.
        assert!(all.chunks(2).map(|pair| pair[0]).is_sorted());
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 300);
        assert!(!all.contains(&0));
    }
}
