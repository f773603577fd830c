//! Every live task and scope; the one place that holds and locks them.

use crate::record::event::{Event, Noted};
use crate::record::scope::Scope;
use crate::record::task::{Birth, Task};
use slab::Slab;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Threads that start tasks at the same time rarely meet at the same lock.
const SHARDS: usize = 16;

#[derive(Default)]
struct Shard {
    tasks: Slab<Arc<Task>>,
    scopes: Slab<Arc<Scope>>,
}

/// All that lives. Tests make their own; the program has [`global`].
#[derive(Default)]
pub(crate) struct Registry {
    shards: [Mutex<Shard>; SHARDS],
    /// What happened once, until somebody speaks of it.
    events: Mutex<Vec<Noted>>,
    /// Rings when there is something new for the watchdog.
    bell: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// The registry of this process.
pub(crate) fn global() -> &'static Registry {
    static GLOBAL: OnceLock<Registry> = OnceLock::new();
    GLOBAL.get_or_init(Registry::default)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number for the current thread, to spread threads over the shards.
fn shard_of_thread() -> usize {
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

/// The scope that waits for `task`. A call counts by itself, and what is meant to go on does not.
fn counting(task: &Task) -> Option<&Arc<Scope>> {
    task.scope
        .as_ref()
        .filter(|_| !task.kind.is_call() && !task.is_background())
}

impl Registry {
    pub(crate) fn start(&self, birth: Birth) -> Arc<Task> {
        let task = Arc::new(Task::new(birth));
        if let Some(scope) = counting(&task) {
            scope.join();
        }
        let shard = shard_of_thread();
        let key = lock(&self.shards[shard]).tasks.insert(task.clone());
        task.key.store(key * SHARDS + shard, Relaxed);
        task
    }

    pub(crate) fn end(&self, task: &Arc<Task>) {
        task.end();
        let key = task.key.load(Relaxed);
        let removed = lock(&self.shards[key % SHARDS])
            .tasks
            .try_remove(key / SHARDS);
        drop(removed);
        if task.has_panicked() && task.is_detached() {
            self.note(task, Event::Panicked);
        }
        if let Some(scope) = counting(task) {
            self.leave(scope);
        }
    }

    /// The task turned out to be meant to go on: its scope no longer waits for it.
    pub(crate) fn let_go(&self, task: &Task) {
        if let (Some(scope), true) = (&task.scope, task.mark_background()) {
            self.leave(scope);
        }
    }

    pub(crate) fn open(&self, scope: Scope) -> Arc<Scope> {
        scope.site.count_start();
        let scope = Arc::new(scope);
        let shard = shard_of_thread();
        let key = lock(&self.shards[shard]).scopes.insert(scope.clone());
        scope.key.store(key * SHARDS + shard, Relaxed);
        scope
    }

    /// The call of this scope is over.
    pub(crate) fn close(&self, scope: &Arc<Scope>) {
        scope.site.count_end();
        self.leave(scope);
    }

    /// One thing of the scope has ended; the last settles it, and perhaps those around it.
    pub(crate) fn leave(&self, scope: &Arc<Scope>) {
        let mut at = Some(scope);
        while let Some(scope) = at {
            if !scope.leave() {
                return;
            }
            self.forget(scope);
            at = scope.parent.as_ref();
        }
    }

    fn forget(&self, scope: &Arc<Scope>) {
        let key = scope.key.load(Relaxed);
        let removed = lock(&self.shards[key % SHARDS])
            .scopes
            .try_remove(key / SHARDS);
        drop(removed);
    }

    pub(crate) fn tasks(&self) -> Vec<Arc<Task>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(lock(shard).tasks.iter().map(|(_, task)| task.clone()));
        }
        all.sort_by_key(|task| task.id);
        all
    }

    pub(crate) fn scopes(&self) -> Vec<Arc<Scope>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(lock(shard).scopes.iter().map(|(_, scope)| scope.clone()));
        }
        all.sort_by_key(|scope| scope.id);
        all
    }

    /// Something happened to `task` that is to be spoken of.
    pub(crate) fn note(&self, task: &Arc<Task>, event: Event) {
        lock(&self.events).push(Noted {
            task: task.clone(),
            event,
        });
        self.ring();
    }

    /// Takes the events of those tasks for which `wanted` holds.
    pub(crate) fn take_events(&self, wanted: impl Fn(&Task) -> bool) -> Vec<Noted> {
        let mut all = lock(&self.events);
        let (taken, kept) = all.drain(..).partition(|noted| wanted(&noted.task));
        *all = kept;
        taken
    }

    pub(crate) fn set_bell(&self, bell: impl Fn() + Send + Sync + 'static) {
        // The first watchdog stays: there is only one.
        let _ = self.bell.set(Box::new(bell));
    }

    pub(crate) fn ring(&self) {
        if let Some(bell) = self.bell.get() {
            bell();
        }
    }
}
