//! Which test a runtime belongs to. What annotated code does there in a task that leakguard did not see start, such as a
//! handler in a task of a library, belongs to that test.

use crate::lock::Lock;
use crate::older::{RuntimeId, runtime_id, tokio_task_id};
use crate::record::scope::ScopeRecord;
use crate::registry;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::runtime::Handle;

static HOMES: Lock<Vec<(RuntimeId, Arc<ScopeRecord>)>> = Lock::new(Vec::new());
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Open while the body of a test runs on a runtime.
#[derive(Debug)]
pub(crate) struct Home(Arc<ScopeRecord>);

impl Home {
    /// Makes the runtime of this thread the home of `scope`, whose call runs.
    pub(crate) fn open(scope: Arc<ScopeRecord>) -> Option<Self> {
        let runtime = runtime_id(&Handle::try_current().ok()?)?;
        HOMES.lock().push((runtime, scope.clone()));
        COUNT.fetch_add(1, Relaxed);
        Some(Home(scope))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let mut homes = HOMES.lock();
        let index = homes.iter().position(|(_, scope)| Arc::ptr_eq(scope, &self.0));
        let removed = index.map(|index| homes.swap_remove(index));
        drop(homes);
        COUNT.fetch_sub(1, Relaxed);
        drop(removed);
    }
}

/// A scope that does not settle before this is dropped.
#[derive(Debug)]
pub(crate) struct Resident(Arc<ScopeRecord>);

impl Resident {
    pub(crate) fn scope(&self) -> &Arc<ScopeRecord> {
        &self.0
    }
}

impl Drop for Resident {
    #[inline]
    fn drop(&mut self) {
        leave(&self.0);
    }
}

/// Apart from the drop, which nearly always finds that there is no resident.
#[cold]
fn leave(scope: &Arc<ScopeRecord>) {
    registry::global().leave(scope);
}

/// Counts as an open home while an unseen task has a record, which may outlast the body of the test.
#[derive(Debug)]
pub(crate) struct HomeHold(());

impl HomeHold {
    pub(crate) fn new() -> Self {
        COUNT.fetch_add(1, Relaxed);
        HomeHold(())
    }
}

impl Drop for HomeHold {
    fn drop(&mut self) {
        COUNT.fetch_sub(1, Relaxed);
    }
}

/// Whether the body of any test runs, or an unseen task has a record.
#[inline]
pub(crate) fn is_any_open() -> bool {
    COUNT.load(Relaxed) != 0
}

/// The test to which the current task of tokio belongs by its runtime. Its caller has found no task of leakguard's.
#[inline]
pub(crate) fn of_unseen_task() -> Option<Resident> {
    if is_any_open() { find() } else { None }
}

#[cold]
fn find() -> Option<Resident> {
    tokio_task_id()?;
    let runtime = runtime_id(&Handle::try_current().ok()?)?;
    let homes = HOMES.lock();
    let mut own = homes.iter().filter(|(id, _)| *id == runtime).map(|(_, scope)| scope);
    let (first, None) = (own.next()?, own.next()) else {
        return None;
    };
    // While its home is open, its call has not ended.
    first.join();
    Some(Resident(first.clone()))
}
