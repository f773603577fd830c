//! The findings of a test, collected from every scope inside it.

use crate::fact::finding::Finding;
#[cfg(not(miri))]
use crate::fact::id::TaskId;
use crate::journal::TestName;
use crate::lock::Lock;
use crate::older::{RuntimeId, runtime_id};
use crate::site::Site;
#[cfg(not(miri))]
use crate::stack::SpawnStack;
#[cfg(not(miri))]
use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, OnceLock};
use std::thread::{self, Thread};
use tokio::runtime::Handle;

#[derive(Debug)]
pub(crate) struct Collector {
    /// `None` once the test has ended.
    findings: Lock<Option<Vec<Finding>>>,
    /// Where initialisers started what lives as long as the process.
    singletons: Lock<Vec<&'static Site>>,
    /// The first spawn of each site that has begun in the test.
    #[cfg(not(miri))]
    spawns: Lock<HashMap<TaskId, Arc<SpawnStack>>>,
    /// On which the test runs.
    pub(crate) runtime: Option<RuntimeId>,
    /// Where the outermost test or scope by hand opened, from which its name follows.
    thread: Thread,
    site: &'static Site,
    test: OnceLock<Option<Arc<TestName>>>,
}

impl Collector {
    /// The collector of a test that begins on this thread at `site`, inside of what `outer` collects.
    pub(crate) fn new(site: &'static Site, outer: Option<&Collector>) -> Self {
        let runtime = Handle::try_current().ok().and_then(|handle| runtime_id(&handle));
        let (thread, site) = match outer {
            Some(outer) => (outer.thread.clone(), outer.site),
            None => (thread::current(), site),
        };
        Collector {
            findings: Lock::new(Some(Vec::new())),
            singletons: Lock::new(Vec::new()),
            #[cfg(not(miri))]
            spawns: Lock::new(HashMap::new()),
            runtime,
            thread,
            site,
            test: OnceLock::new(),
        }
    }

    /// The test that collects, if it is one.
    pub(crate) fn test(&self) -> Option<&Arc<TestName>> {
        self.test.get_or_init(|| TestName::new(&self.thread, self.site)).as_ref()
    }

    #[cfg(not(miri))]
    pub(crate) fn keep_spawn(&self, task: TaskId, stack: SpawnStack) {
        self.spawns.lock().insert(task, Arc::new(stack));
    }

    /// The stack of the spawn of `task`, if that was the first one of its site.
    #[cfg(not(miri))]
    pub(crate) fn spawn(&self, task: TaskId) -> Option<Arc<SpawnStack>> {
        self.spawns.lock().get(&task).cloned()
    }

    pub(crate) fn add_singleton(&self, site: &'static Site) {
        self.singletons.lock().push(site);
    }

    pub(crate) fn take_singletons(&self) -> Vec<&'static Site> {
        std::mem::take(&mut *self.singletons.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Finding>>> {
        self.findings.lock()
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
