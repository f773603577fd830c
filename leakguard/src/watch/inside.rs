//! The time during which a thread is inside a task: one poll, or one call of a closure.

use crate::clock::{self, Instant};
use crate::config;
use crate::context::{self, Heritage, OuterTask};
use crate::fact::id::TaskKind;
use crate::record::live::SpawnedTask;
use crate::record::record_arc::RecordArc;
use crate::record::task::{NewTask, Task, TaskMeta};
use crate::registry;
use crate::site::Site;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

#[inline]
fn enter(task: &Task, now: Instant) -> OuterTask {
    if task.polls() == 0 && task.kind() == TaskKind::Async {
        context::with(|outer| cover_duplicate(outer, task));
    }
    let (outer, thread) = context::enter(task);
    task.begin(now, thread);
    outer
}

#[inline]
fn leave(task: &Task, outer: OuterTask) {
    let wait = context::leave(outer);
    task.pause(clock::coarse(), wait);
}

/// Inside a task for one poll.
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

    /// The poll is over. Not a `Drop`, which runs for a poll that panics: so nobody need ask.
    #[inline]
    pub(crate) fn leave(self) {
        leave(self.task, self.outer);
        std::mem::forget(self);
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        leave(self.task, self.outer);
        self.task.mark_panicked();
    }
}

/// A task that was entered for the length of its future's destructor.
struct Destruction {
    record: RecordArc<SpawnedTask>,
    outer: OuterTask,
    /// Whether the thread was unwinding before.
    panicking: bool,
    /// How many destructors without a task were under way around this one.
    idle: usize,
}

thread_local! {
    static DESTRUCTIONS: RefCell<Vec<Destruction>> = const { RefCell::new(Vec::new()) };
    /// How many destructors without a task are under way inside the last of `DESTRUCTIONS`.
    static IDLE: Cell<usize> = const { Cell::new(0) };
}

/// Enters a task for the length of its future's destructor, which the compiler calls next; nearly
/// always there is none any more. Where the thread is being torn down, the task ends here.
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
        outer: enter(&record.task, clock::coarse()),
        panicking: std::thread::panicking(),
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

/// After [`enter_to_drop`], whatever came between: gives the task, if there is one to end.
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
        leave(&self.record.task, self.outer);
        if std::thread::panicking() && !self.panicking {
            self.record.task.mark_panicked();
        }
        self.record
    }
}

/// The time in a closure or a sync call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InsideCall {
    outer: OuterTask,
    /// Whether the thread was unwinding before, as in a destructor.
    panicking: bool,
}

impl InsideCall {
    #[inline]
    pub(crate) fn enter(task: &Task) -> Self {
        InsideCall {
            outer: enter(task, clock::coarse()),
            panicking: std::thread::panicking(),
        }
    }

    /// Leaves the task that was entered. Whether the thread unwinds.
    #[inline]
    pub(crate) fn leave(self, task: &Task) -> bool {
        leave(task, self.outer);
        let panicking = std::thread::panicking();
        if panicking && !self.panicking {
            task.mark_panicked();
        }
        panicking
    }
}

/// An async `task` is polled for the first time. One for which that is within the first poll of another task
/// was wrapped by the caller of a helper and again inside it: both records speak of one task.
fn cover_duplicate(outer: &Task, task: &Task) {
    let first = outer.polls() == 1;
    // What a task starts itself is younger than it.
    let wrapped_before = task.id < outer.id && task.parent() != Some(outer.id);
    if first && outer.kind() == TaskKind::Async && wrapped_before {
        outer.cover(task);
    }
}

/// Registers something that is record here and now, as a child of the current task; not when
/// leakguard is off.
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
    let Heritage {
        parent,
        scope,
        background: inherited,
    } = context::heritage();
    let new = NewTask {
        meta,
        site,
        parent,
        background: background || inherited,
        detached,
    };
    Some(registry::global().start(&new, scope))
}
