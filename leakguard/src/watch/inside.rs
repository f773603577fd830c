//! Guards of the time that a thread is inside a task, for a poll, a closure or a destructor.

use crate::clock::{self, Instant};
use crate::context::{self, Heritage, OuterTask};
use crate::fact::id::TaskKind;
use crate::record::last_panic;
use crate::record::live::SpawnedTask;
use crate::record::record_arc::RecordArc;
use crate::record::scope::ScopeRecord;
use crate::record::task::{NewTask, Task, TaskMeta};
use crate::registry::home;
use crate::site::Site;
use crate::watch::singleton::FirstSpawn;
use crate::{config, registry};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

#[inline]
fn enter(task: &Task, now: Instant) -> OuterTask {
    if task.polls() == 0 && context::id().is_some() {
        look_around(task);
    }
    let (outer, thread) = context::enter(task);
    task.begin(now, thread);
    outer
}

/// Looks at the task around the first poll of `task`. Nearly always the executor polls it, and there is none.
#[cold]
#[inline(never)]
fn look_around(task: &Task) {
    if task.kind() != TaskKind::Async {
        return;
    }
    let wrapper = context::with(|outer| {
        let is_new = cover_duplicate(outer, task);
        (is_new && task.is_background()).then(|| outer.clone())
    });
    // Not while the record is looked at.
    wrapper.flatten().iter().for_each(|wrapper| registry::global().set_background(wrapper));
}

#[inline]
fn leave(task: &Task, outer: OuterTask) {
    let wait = context::leave(outer);
    task.pause(clock::coarse(), wait);
}

/// Guard of the time inside a task for one poll.
#[derive(Debug)]
pub(crate) struct Inside<'a> {
    task: &'a Task,
    outer: OuterTask,
}

impl<'a> Inside<'a> {
    #[inline]
    pub(crate) fn enter(task: &'a Task) -> Self {
        Self::enter_at(task, clock::coarse())
    }

    #[inline]
    pub(crate) fn enter_at(task: &'a Task, now: Instant) -> Self {
        let outer = enter(task, now);
        Inside { task, outer }
    }

    /// Ends the poll. The `Drop` is for polls that panic, so that none has to check whether it does.
    #[inline]
    pub(crate) fn leave(self) {
        leave(self.task, self.outer);
        std::mem::forget(self);
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        leave(self.task, self.outer);
        mark_panicked(self.task);
    }
}

/// A panic goes on through a call, and through a record that a helper's record wraps.
fn mark_panicked(task: &Task) {
    task.mark_panicked();
    if !task.is_detached() {
        last_panic::pass(task.id, context::id());
    }
}

/// A task that is entered while the destructor of its future runs.
struct Destruction {
    record: RecordArc<SpawnedTask>,
    inside: InsideCall,
    /// Number of destructors without a task under way around this one.
    idle: usize,
}

thread_local! {
    static DESTRUCTIONS: RefCell<Vec<Destruction>> = const { RefCell::new(Vec::new()) };
    /// Number of destructors without a task under way inside the last of `DESTRUCTIONS`.
    static IDLE: Cell<usize> = const { Cell::new(0) };
}

/// Enters a task for the destructor of its future, which the compiler calls next. Nearly always the task has ended
/// already. If the thread is being torn down, the task ends here.
#[inline]
pub(crate) fn enter_to_drop(record: Option<RecordArc<SpawnedTask>>) {
    match record {
        None => IDLE.set(IDLE.get() + 1),
        Some(record) => enter_destructor(record),
    }
}

#[cold]
fn enter_destructor(record: RecordArc<SpawnedTask>) {
    let mut destruction = Some(Destruction {
        inside: InsideCall::enter(&record.task),
        idle: IDLE.replace(0),
        record,
    });
    let _ = DESTRUCTIONS.try_with(|all| all.borrow_mut().extend(destruction.take()));
    if let Some(destruction) = destruction {
        let record = destruction.leave();
        registry::global().end(record.0);
        IDLE.set(IDLE.get() + 1);
    }
}

/// Leaves what [`enter_to_drop`] entered. Returns the task, if there is one to end.
#[inline]
pub(crate) fn leave_dropped() -> Option<RecordArc<SpawnedTask>> {
    match IDLE.get() {
        0 => leave_destructor(),
        idle => {
            IDLE.set(idle - 1);
            None
        }
    }
}

#[cold]
fn leave_destructor() -> Option<RecordArc<SpawnedTask>> {
    let last = DESTRUCTIONS.try_with(|all| all.borrow_mut().pop());
    last.ok().flatten().map(Destruction::leave)
}

impl Destruction {
    fn leave(self) -> RecordArc<SpawnedTask> {
        IDLE.set(self.idle);
        self.inside.leave(&self.record.task);
        self.record
    }
}

/// The time inside a closure, a destructor or a sync call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InsideCall {
    outer: OuterTask,
    /// Whether the thread was unwinding before, as in a destructor.
    panicking: bool,
}

impl InsideCall {
    #[inline]
    pub(crate) fn enter(task: &Task) -> Self {
        InsideCall { outer: enter(task, clock::coarse()), panicking: std::thread::panicking() }
    }

    /// Leaves the task that was entered. Returns whether the thread unwinds.
    #[inline]
    pub(crate) fn leave(self, task: &Task) -> bool {
        leave(task, self.outer);
        let panicking = std::thread::panicking();
        if panicking && !self.panicking {
            mark_panicked(task);
        }
        panicking
    }
}

/// Notes that two records stand for one task. If the first poll of an async `task` is within the first poll of another
/// one, a helper's caller has wrapped the future that the helper wrapped again. Returns whether it has.
fn cover_duplicate(outer: &Task, task: &Task) -> bool {
    let first = outer.polls() == 1;
    // A task that it spawned itself has a higher id.
    let wrapped_before = task.id < outer.id && task.parent() != Some(outer.id);
    let is_duplicate = first && outer.kind() == TaskKind::Async && wrapped_before;
    if is_duplicate {
        outer.cover(task);
    }
    is_duplicate
}

/// Registers a task that is spawned here and now, as a child of the current one. `None` if leakguard is off.
#[inline]
pub(crate) fn register(
    meta: &'static TaskMeta,
    site: &'static Site,
    detached: bool,
    background: bool,
) -> Option<Arc<SpawnedTask>> {
    if config::is_off() {
        return None;
    }
    let Heritage { parent, scope, background: inherited } = context::heritage();
    let background = background || inherited;
    let new = NewTask { meta, site, parent, background, detached };
    Some(match site.has_started() && !(parent.is_none() && home::is_any_open()) {
        true => registry::global().start(&new, scope),
        false => start_unusual(new, scope),
    })
}

/// The first task of its site, or one that a task of a library starts.
#[cold]
#[inline(never)]
fn start_unusual(mut new: NewTask, mut scope: Option<Arc<ScopeRecord>>) -> Arc<SpawnedTask> {
    let is_first = !new.site.has_started();
    let first = is_first.then(|| FirstSpawn::look(scope.as_deref(), new.site));
    new.background |= first.as_ref().is_some_and(|first| first.is_singleton);
    let resident = new.parent.is_none().then(home::of_unseen_task).flatten();
    if let Some(resident) = &resident {
        scope = Some(resident.scope().clone());
    }
    let spawned = registry::global().start(&new, scope);
    if let Some(first) = first {
        first.keep(spawned.task.id);
    }
    spawned
}
