//! A closure that runs on another thread, with its record.

use crate::fact::id::{TaskId, TaskKind};
use crate::record::live::{Live, SpawnedTask};
use crate::record::task::TaskMeta;
use crate::site::{CallSite, Site};
use crate::watch::inside::{self, InsideCall};
use crate::watch::registered::{self, SpawnRef};
use crate::{context, registry};
use std::cell::Cell;
use std::sync::Arc;

/// Not public API. Used by generated code: the record of one closure, which may be called several times or never. It ends
/// with the last clone.
#[derive(Clone, Debug)]
pub struct WatchedClosure(Option<Arc<EndOnDrop>>);

#[derive(Debug)]
struct EndOnDrop(Arc<SpawnedTask>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        registry::global().end(self.0.clone());
    }
}

thread_local! {
    /// The last closure that generated code has registered on this thread.
    static REGISTERED: Cell<Option<TaskId>> = const { Cell::new(None) };
    /// The registered closure that this thread was spawned for.
    static EXPECTED: Cell<Option<TaskId>> = const { Cell::new(None) };
}

const BLOCKING: TaskMeta = meta(TaskKind::Blocking);
const THREAD: TaskMeta = meta(TaskKind::Thread);

const fn meta(kind: TaskKind) -> TaskMeta {
    TaskMeta { kind, type_name: || "" }
}

impl WatchedClosure {
    /// Registers a closure that is spawned at `site`.
    pub fn new(site: &'static Site, detached: bool) -> Self {
        let blocking = site.callee().contains("blocking");
        let meta = if blocking { &BLOCKING } else { &THREAD };
        let closure = WatchedClosure::register(meta, site, detached);
        REGISTERED.set(closure.id());
        registered::note(closure.0.as_ref().map(|closure| &closure.0));
        closure
    }

    fn register(meta: &'static TaskMeta, site: &'static Site, detached: bool) -> Self {
        let record = inside::register(meta, site, detached, false);
        WatchedClosure(record.map(|record| Arc::new(EndOnDrop(record))))
    }

    /// Its record, or `None` if leakguard is off.
    pub(crate) fn live(&self) -> Option<Live> {
        let record = &self.0.as_ref()?.0;
        Some(Live::Spawned(record.clone()))
    }

    /// Its id, or `None` if leakguard is off.
    pub(crate) fn id(&self) -> Option<TaskId> {
        self.0.as_ref().map(|closure| closure.0.task.id)
    }

    /// Enters the task of the closure until the guard is dropped.
    pub fn begin(&self) -> Option<ClosureGuard> {
        let record = self.0.as_ref()?.0.clone();
        if EXPECTED.take() == Some(record.task.id) {
            context::with(|outer| outer.cover(&record.task));
        }
        let inside = InsideCall::enter(&record.task);
        Some(ClosureGuard { record, inside })
    }
}

/// Guard of the time inside a closure.
#[derive(Debug)]
pub struct ClosureGuard {
    record: Arc<SpawnedTask>,
    inside: InsideCall,
}

impl Drop for ClosureGuard {
    fn drop(&mut self) {
        self.inside.leave(&self.record.task);
    }
}

/// The watched body of a thread that is spawned at `site`, and the id of its record.
///
/// The body may be a closure that generated code has just registered. Then both records stand for one thread, and the
/// older one is kept.
pub(crate) fn thread<T>(
    site: &'static Site,
    body: impl FnOnce() -> T,
) -> (Option<TaskId>, impl FnOnce() -> T) {
    let closure = WatchedClosure::register(&THREAD, site, false);
    let registered = REGISTERED.take();
    (closure.id(), move || {
        let _running = closure.begin();
        EXPECTED.set(registered);
        body()
    })
}

/// The watched body of a blocking call that a twin spawns at `at`.
pub(crate) fn blocking<T>(
    name: &'static str,
    at: CallSite,
    body: impl FnOnce() -> T,
) -> (SpawnRef, impl FnOnce() -> T) {
    let (record, spawned) = registered::register(&BLOCKING, name, at);
    let closure = WatchedClosure(record.map(|record| Arc::new(EndOnDrop(record))));
    (spawned, move || {
        let _running = closure.begin();
        body()
    })
}

// As for a watched future, a panic cannot leave the record half written.
impl std::panic::UnwindSafe for WatchedClosure {}
impl std::panic::RefUnwindSafe for WatchedClosure {}
