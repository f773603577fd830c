//! A closure that runs on another thread, with its record.

use crate::context;
use crate::fact::id::{TaskId, TaskKind};
use crate::record::live::{Live, SpawnedTask};
use crate::record::task::TaskMeta;
use crate::registry;
use crate::site::CallSite;
use crate::site::Site;
use crate::watch::inside::{self, InsideCall};
use crate::watch::registered::{self, SpawnRef};
use std::cell::Cell;
use std::sync::Arc;

/// The record of one closure, which may be called more than once, or never; it ends with the last
/// clone. Not public API; used by generated code.
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
    /// The closure that is known to be what this thread was started for.
    static EXPECTED: Cell<Option<TaskId>> = const { Cell::new(None) };
}

const BLOCKING: TaskMeta = meta(TaskKind::Blocking);
const THREAD: TaskMeta = meta(TaskKind::Thread);

const fn meta(kind: TaskKind) -> TaskMeta {
    TaskMeta {
        kind,
        type_name: || "",
    }
}

impl WatchedClosure {
    /// Registers a closure that is started at `site`.
    pub fn new(site: &'static Site, detached: bool) -> Self {
        let blocking = site.callee().contains("blocking");
        let meta = if blocking { &BLOCKING } else { &THREAD };
        let closure = WatchedClosure::start(meta, site, detached);
        REGISTERED.set(closure.id());
        registered::note(closure.0.as_ref().map(|closure| &closure.0));
        closure
    }

    fn start(meta: &'static TaskMeta, site: &'static Site, detached: bool) -> Self {
        let record = inside::register(meta, site, detached, false);
        WatchedClosure(record.map(|record| Arc::new(EndOnDrop(record))))
    }

    /// The record; none when leakguard is off.
    pub(crate) fn live(&self) -> Option<Live> {
        self.0
            .as_ref()
            .map(|closure| Live::Spawned(closure.0.clone()))
    }

    /// Its number; `None` where leakguard is off.
    pub(crate) fn id(&self) -> Option<TaskId> {
        self.0.as_ref().map(|closure| closure.0.task.id)
    }

    /// The closure's body runs while the guard lives.
    pub fn begin(&self) -> Option<ClosureGuard> {
        let record = &self.0.as_ref()?.0;
        if EXPECTED.take() == Some(record.task.id) {
            context::with(|outer| outer.cover(&record.task));
        }
        Some(ClosureGuard::enter(record.clone()))
    }
}

/// Inside a closure, until this is dropped.
#[derive(Debug)]
pub struct ClosureGuard {
    record: Arc<SpawnedTask>,
    inside: InsideCall,
}

impl ClosureGuard {
    fn enter(record: Arc<SpawnedTask>) -> Self {
        ClosureGuard {
            inside: InsideCall::enter(&record.task),
            record,
        }
    }
}

impl Drop for ClosureGuard {
    fn drop(&mut self) {
        self.inside.leave(&self.record.task);
    }
}

/// The body of a thread that is started at `site`, watched, and the number of its record.
///
/// The body may be a closure that generated code has registered a moment ago. Then both records
/// speak of one thread, and the older one goes on to.
pub(crate) fn thread<T>(
    site: &'static Site,
    body: impl FnOnce() -> T,
) -> (Option<TaskId>, impl FnOnce() -> T) {
    let closure = WatchedClosure::start(&THREAD, site, false);
    let registered = REGISTERED.take();
    (closure.id(), move || {
        let _running = closure.begin();
        EXPECTED.set(registered);
        body()
    })
}

/// The body of a blocking closure that a twin starts at `at`.
pub(crate) fn blocking<T>(
    name: &'static str,
    at: CallSite,
    body: impl FnOnce() -> T,
) -> (SpawnRef, impl FnOnce() -> T) {
    let (record, spawned) = registered::start(&BLOCKING, name, at);
    let closure = WatchedClosure(record.map(|record| Arc::new(EndOnDrop(record))));
    (spawned, move || {
        let _running = closure.begin();
        body()
    })
}

// As for a watched future: the record cannot be left half done.
impl std::panic::UnwindSafe for WatchedClosure {}
impl std::panic::RefUnwindSafe for WatchedClosure {}
