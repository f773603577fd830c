//! What the floors above read from the registry.

use crate::fact::id::{TaskId, TaskKind};
use crate::record::live::{Live, SpawnedTask};
use crate::record::scope::ScopeRecord;
use crate::record::task::Task;
use crate::registry::Registry;
use crate::registry::shard::{Records, address};
use crate::registry::table::Table;
use std::sync::Arc;

impl Registry {
    /// Calls `look` with the record under `key`, if it is still that of `id`.
    pub(crate) fn look<R>(
        &self,
        id: TaskId,
        key: u32,
        is_call: bool,
        look: impl FnOnce(&Live) -> R,
    ) -> Option<R> {
        let (shard, place) = address(key);
        let records = self.shards[shard].lock();
        let live = match is_call {
            true => records.scopes.get(place).cloned().map(Live::Call),
            false => records.tasks.get(place).cloned().map(Live::Spawned),
        };
        let live = live.filter(|live| live.id == id)?;
        let seen = look(&live);
        drop(records);
        Some(seen)
    }

    /// The scope that owns what the task or call under `key` spawns, and whether that is a background task; `None` if
    /// it has ended.
    #[inline]
    pub(crate) fn scope_of(
        &self,
        id: TaskId,
        key: u32,
        is_call: bool,
    ) -> Option<(Option<Arc<ScopeRecord>>, bool)> {
        let (shard, place) = address(key);
        let records = self.shards[shard].lock();
        let (task, scope) = if is_call {
            let scope = records.scopes.get(place)?;
            (&scope.call, Some(scope))
        } else {
            let spawned = records.tasks.get(place)?;
            (&spawned.task, spawned.scope.as_ref())
        };
        (task.id == id).then(|| (scope.cloned(), task.is_background()))
    }

    /// All tasks, and all calls that have not returned, the oldest first.
    pub(crate) fn tasks(&self) -> Vec<Live> {
        let mut all = Vec::new();
        self.for_each(|records| &records.tasks, |task| all.push(Live::Spawned(task.clone())));
        let mut call = |scope: &Arc<ScopeRecord>| {
            if !scope.is_over() {
                all.push(Live::Call(scope.clone()));
            }
        };
        self.for_each(|records| &records.scopes, &mut call);
        all.sort_by_key(|task| task.id);
        all
    }

    /// The tasks that an executor's thread is inside of, those aside that are meant to go on. Of the records of one future
    /// the first.
    pub(crate) fn polled_tasks(&self) -> Vec<Live> {
        let mut all = Vec::new();
        let is_first = |task: &Task| task.kind() == TaskKind::Async && !task.is_covered();
        let is_polled = |task: &Task| task.is_polling() && is_first(task);
        self.for_each(
            |records| &records.tasks,
            |spawned| {
                if is_polled(&spawned.task) && !spawned.task.is_background() {
                    all.push(Live::Spawned(spawned.clone()));
                }
            },
        );
        all
    }

    /// Number of spawned tasks for which `counts` holds.
    pub(crate) fn count(&self, counts: impl Fn(&SpawnedTask) -> bool) -> usize {
        let mut count = 0;
        self.for_each(|records| &records.tasks, |spawned| count += usize::from(counts(spawned)));
        count
    }

    /// All scopes, the oldest first.
    pub(crate) fn scopes(&self) -> Vec<Arc<ScopeRecord>> {
        let mut all = Vec::new();
        self.for_each(|records| &records.scopes, |scope| all.push(scope.clone()));
        all.sort_by_key(|scope| scope.id());
        all
    }

    /// Releases the lock after each page, so that no spawn waits until a hundred thousand records have been visited.
    fn for_each<T>(
        &self,
        table: impl Fn(&Records) -> &Table<Arc<T>>,
        mut visit: impl FnMut(&Arc<T>),
    ) {
        for shard in &self.shards {
            for page in 0.. {
                let records = shard.lock();
                let Some(page) = table(&records).page(page) else {
                    break;
                };
                page.for_each(&mut visit);
            }
        }
    }
}
