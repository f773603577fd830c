//! The threads or tasks for whose end a thread or task waits.

use crate::fact::id::TaskId;
use crate::fact::resource::JoinedFacts;
use crate::lock::Lock;
use crate::site::CallSite;
use std::sync::MutexGuard;

/// Those that have not ended.
#[derive(Debug, Default)]
pub(crate) struct JoinState(Lock<Vec<JoinedFacts>>);

impl JoinState {
    fn lock(&self) -> MutexGuard<'_, Vec<JoinedFacts>> {
        self.0.lock()
    }

    pub(crate) fn add(&self, task: TaskId, started: CallSite) {
        self.lock().push(JoinedFacts { task, started });
    }

    pub(crate) fn remove(&self, task: TaskId) {
        self.lock().retain(|joined| joined.task != task);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(crate) fn facts(&self) -> Vec<JoinedFacts> {
        self.lock().clone()
    }
}
