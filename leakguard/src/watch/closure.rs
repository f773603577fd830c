//! A closure that runs on another thread, with its record.

use crate::context;
use crate::fact::id::{TaskId, TaskKind};
use crate::record::live::{Live, SpawnedTask};
use crate::record::task::TaskMeta;
use crate::registry;
use crate::site::Site;
use crate::watch::inside::{self, Stay};
use crate::watch::registered::{self, Spawned};
use std::cell::Cell;
use std::panic::Location;
use std::sync::Arc;

/// The record of one closure, which may be called more than once, or never; it ends with the last
/// clone. Not public API; used by generated code.
#[derive(Clone, Debug)]
pub struct Call(Option<Arc<EndOnDrop>>);

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

impl Call {
    /// Registers a closure that is started at `site`.
    pub fn new(site: &'static Site, detached: bool) -> Self {
        let blocking = site.callee().contains("blocking");
        let meta = if blocking { &BLOCKING } else { &THREAD };
        let call = Call::start(meta, site, detached);
        REGISTERED.set(call.id());
        registered::note(call.0.as_ref().map(|call| &call.0));
        call
    }

    fn start(meta: &'static TaskMeta, site: &'static Site, detached: bool) -> Self {
        let record = inside::start(meta, site, detached, false);
        Call(record.map(|record| Arc::new(EndOnDrop(record))))
    }

    /// The record; none when leakguard is off.
    pub(crate) fn live(&self) -> Option<Live> {
        self.0.as_ref().map(|call| Live::Spawned(call.0.clone()))
    }

    /// Its number; `None` where leakguard is off.
    pub(crate) fn id(&self) -> Option<TaskId> {
        self.0.as_ref().map(|call| call.0.task.id)
    }

    /// The closure's body runs while the guard lives.
    pub fn begin(&self) -> Option<Running> {
        let record = &self.0.as_ref()?.0;
        if EXPECTED.take() == Some(record.task.id) {
            context::with(|outer| outer.cover(&record.task));
        }
        Some(Running::enter(record.clone()))
    }
}

/// Inside a closure, until this is dropped.
#[derive(Debug)]
pub struct Running {
    record: Arc<SpawnedTask>,
    stay: Stay,
}

impl Running {
    fn enter(record: Arc<SpawnedTask>) -> Self {
        Running {
            stay: Stay::enter(&record.task),
            record,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stay.leave(&self.record.task);
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
    let call = Call::start(&THREAD, site, false);
    let registered = REGISTERED.take();
    (call.id(), move || {
        let _running = call.begin();
        EXPECTED.set(registered);
        body()
    })
}

/// The body of a blocking call that a twin starts at `at`.
pub(crate) fn blocking<T>(
    name: &'static str,
    at: &'static Location<'static>,
    body: impl FnOnce() -> T,
) -> (Spawned, impl FnOnce() -> T) {
    let (record, spawned) = registered::start(&BLOCKING, name, at);
    let call = Call(record.map(|record| Arc::new(EndOnDrop(record))));
    (spawned, move || {
        let _running = call.begin();
        body()
    })
}

// As for a watched future: the record cannot be left half done.
impl std::panic::UnwindSafe for Call {}
impl std::panic::RefUnwindSafe for Call {}
