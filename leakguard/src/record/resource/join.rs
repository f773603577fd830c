//! The threads whose end somebody waits for.

use crate::record::id::TaskId;
use crate::record::resource::facts::JoinedFacts;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Those that have not ended yet.
#[derive(Debug, Default)]
pub(crate) struct Joined(Mutex<Vec<JoinedFacts>>);

impl Joined {
    fn lock(&self) -> MutexGuard<'_, Vec<JoinedFacts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, task: TaskId, started: &'static Location<'static>) {
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
