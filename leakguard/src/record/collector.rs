//! The findings of a test, collected from every scope inside it.

use crate::fact::finding::Finding;
use crate::lock::Lock;
use std::sync::MutexGuard;

/// `None` once the test has ended.
#[derive(Debug)]
pub(crate) struct Collector(Lock<Option<Vec<Finding>>>);

impl Default for Collector {
    fn default() -> Self {
        Collector(Lock::new(Some(Vec::new())))
    }
}

impl Collector {
    fn lock(&self) -> MutexGuard<'_, Option<Vec<Finding>>> {
        self.0.lock()
    }

    /// Returns the findings if the collector has closed.
    pub(crate) fn add(&self, findings: Vec<Finding>) -> Vec<Finding> {
        match &mut *self.lock() {
            Some(all) => {
                all.extend(findings);
                Vec::new()
            }
            None => findings,
        }
    }

    /// Takes all findings and closes.
    pub(crate) fn take(&self) -> Vec<Finding> {
        self.lock().take().unwrap_or_default()
    }

    /// What was found so far.
    pub(crate) fn peek(&self) -> Vec<Finding> {
        self.lock().clone().unwrap_or_default()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.lock().is_some()
    }
}
