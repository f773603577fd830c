//! The tasks of a dump, by which other parts of it name them.

use crate::fact::id::{TaskId, TaskKind};
use crate::fact::task::TaskFacts;
use crate::report::noun;
use std::cell::OnceCell;
use std::collections::HashMap;

/// The tasks of a dump, by which others are named.
pub(super) struct TaskNames<'a> {
    tasks: &'a [TaskFacts],
    /// Rarely needed, and large.
    kinds: OnceCell<HashMap<TaskId, TaskKind>>,
}

impl<'a> TaskNames<'a> {
    pub(super) fn of_tasks(tasks: &'a [TaskFacts]) -> Self {
        TaskNames { tasks, kinds: OnceCell::new() }
    }

    /// What `task` is, if the dump has it.
    pub(super) fn kind(&self, task: TaskId) -> Option<TaskKind> {
        let kinds = || self.tasks.iter().map(|t| (t.id, t.kind)).collect();
        self.kinds.get_or_init(kinds).get(&task).copied()
    }

    pub(super) fn of(&self, task: Option<TaskId>) -> String {
        let Some(id) = task else {
            return "a thread outside every task".to_owned();
        };
        // A task that has ended is not in the dump. Most of these were no threads.
        match self.kind(id) {
            Some(kind) => format!("{} {id}", noun::kind(kind, 1)),
            None => format!("task {id}, which has ended"),
        }
    }
}
