//! What the registry keeps: a spawned task, or a scope with the call that opened it.

use crate::fact::cause::TaskLabel;
use crate::fact::id::ScopeId;
use crate::fact::task::TaskFacts;
use crate::record::scope::ScopeRecord;
use crate::record::task::Task;
use std::ops::Deref;
use std::sync::Arc;

/// A task and the scope that owns it.
#[derive(Debug)]
pub(crate) struct SpawnedTask {
    pub(crate) task: Task,
    pub(crate) scope: Option<Arc<ScopeRecord>>,
}

impl SpawnedTask {
    pub(crate) fn blank() -> Self {
        SpawnedTask { task: Task::blank(), scope: None }
    }

    /// Drops all that it holds, for reuse.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.task.clear();
        self.scope = None;
    }
}

/// Anything that a thread can be inside of.
#[derive(Clone, Debug)]
pub(crate) enum Live {
    Spawned(Arc<SpawnedTask>),
    Call(Arc<ScopeRecord>),
}

impl Live {
    /// Whether no thread will be inside it any more.
    pub(crate) fn has_ended(&self) -> bool {
        match self {
            Live::Spawned(started) => started.task.has_ended(),
            Live::Call(scope) => scope.is_over(),
        }
    }

    /// The scope that owns what it spawns.
    pub(crate) fn scope(&self) -> Option<&Arc<ScopeRecord>> {
        match self {
            Live::Spawned(started) => started.scope.as_ref(),
            Live::Call(scope) => Some(scope),
        }
    }

    /// The task as a report names it.
    pub(crate) fn named(&self) -> TaskLabel {
        TaskLabel { id: self.id, kind: self.kind(), site: self.site }
    }

    pub(crate) fn facts(&self) -> TaskFacts {
        let scope: Option<ScopeId> = self.scope().map(|s| s.id());
        Task::facts(self, scope)
    }
}

impl Deref for Live {
    type Target = Task;

    #[inline]
    fn deref(&self) -> &Task {
        match self {
            Live::Spawned(started) => &started.task,
            Live::Call(scope) => &scope.call,
        }
    }
}

/// The handle that a watched future or an open call has on its record.
pub(crate) trait RecordHandle {
    fn task(&self) -> &Task;
    fn live(&self) -> Live;
}

impl RecordHandle for Arc<SpawnedTask> {
    #[inline]
    fn task(&self) -> &Task {
        &self.task
    }

    fn live(&self) -> Live {
        Live::Spawned(self.clone())
    }
}

impl RecordHandle for Arc<ScopeRecord> {
    #[inline]
    fn task(&self) -> &Task {
        &self.call
    }

    fn live(&self) -> Live {
        Live::Call(self.clone())
    }
}
