//! Which task runs on this thread now. What it spawns inherits from it.

use crate::fact::id::{TaskId, TaskKind};
use crate::lock::Lock;
use crate::record::last_panic;
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use crate::record::task::{Task, TaskShape};
use crate::registry;
use crate::site::CallSite;
use crate::stack::thread::ThreadRef;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;

/// A thread that was inside a task, and how a signal reaches it.
struct EnteredThread {
    name: String,
    target: Option<ThreadRef>,
}

/// The threads that were inside a task, by number less one. `None` if the number is free.
static THREADS: Lock<Vec<Option<EnteredThread>>> = Lock::new(Vec::new());

/// Frees the number at the end of the thread.
struct ThreadNumber(u16);

impl Drop for ThreadNumber {
    fn drop(&mut self) {
        let thread = THREADS.lock()[usize::from(self.0) - 1].take();
        drop(thread);
        STATE.with(|state| state.number.set(0));
    }
}

/// Assigns a number to this thread, or 0 if there are too many threads.
#[cold]
fn assign_number() -> u16 {
    thread_local!(static NUMBER: OnceCell<ThreadNumber> = const { OnceCell::new() });
    last_panic::install(id);
    let thread = std::thread::current();
    let name = thread.name().filter(|name| !name.is_empty());
    let name = name.map_or_else(|| format!("{:?}", thread.id()), str::to_owned);
    // A thread that is being torn down never frees its number, so it must not be sent a signal later.
    let is_freed = NUMBER.try_with(|_| ()).is_ok();
    let target = is_freed.then(ThreadRef::current).flatten();
    let mut threads = THREADS.lock();
    let free = threads.iter().position(Option::is_none);
    let index = free.unwrap_or(threads.len());
    let Ok(number) = u16::try_from(index + 1) else {
        return 0;
    };
    if free.is_none() {
        threads.push(None);
    }
    threads[index] = Some(EnteredThread { name, target });
    drop(threads);
    let _ = NUMBER.try_with(|held| held.set(ThreadNumber(number)));
    number
}

/// Where the registry keeps the current task. It is copied on every poll, and a pointer would have to be counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CurrentTask {
    id: Option<TaskId>,
    key: u32,
    shape: TaskShape,
}

impl CurrentTask {
    #[inline]
    fn of(task: &Task) -> Self {
        CurrentTask { id: Some(task.id), key: task.key, shape: task.shape() }
    }
}

struct ThreadState {
    current: Cell<CurrentTask>,
    /// Where the innermost annotated await of this poll waits.
    wait: Cell<Option<CallSite>>,
    /// Number of polls under way on this thread that capture stacks.
    capturing: Cell<usize>,
    number: Cell<u16>,
}

// It has no destructor, so that it is available while a thread is torn down.
thread_local! {
    static STATE: ThreadState = const {
        ThreadState {
            current: Cell::new(CurrentTask { id: None, key: 0, shape: TaskShape::EMPTY }),
            wait: Cell::new(None),
            capturing: Cell::new(0),
            number: Cell::new(0),
        }
    };
}

/// What is restored when the thread leaves a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OuterTask {
    current: CurrentTask,
    wait: Option<CallSite>,
}

/// Makes `task` the current one. Returns what it replaced, and the number of this thread.
#[inline]
pub(crate) fn enter(task: &Task) -> (OuterTask, u16) {
    STATE.with(|state| {
        let outer = OuterTask {
            current: state.current.replace(CurrentTask::of(task)),
            wait: state.wait.take(),
        };
        let number = match state.number.get() {
            0 => {
                state.number.set(assign_number());
                state.number.get()
            }
            number => number,
        };
        (outer, number)
    })
}

/// Restores the outer task. Returns where the task that is left waits.
#[inline]
pub(crate) fn leave(outer: OuterTask) -> Option<CallSite> {
    STATE.with(|state| {
        state.current.set(outer.current);
        state.wait.replace(outer.wait)
    })
}

/// Notes that the current poll waits at `at`. The innermost await is the first to call this, and the first call counts.
#[inline]
pub(crate) fn note_wait(at: CallSite) {
    STATE.with(|state| {
        if state.wait.get().is_none() {
            state.wait.set(Some(at));
        }
    });
}

/// The name of a thread.
pub(crate) fn thread(number: u16) -> Option<String> {
    with_thread(number, |thread| thread.name.clone())
}

/// Calls `act` with what reaches a thread, which does not end meanwhile.
pub(crate) fn reach<R>(number: u16, act: impl FnOnce(&ThreadRef) -> R) -> Option<R> {
    with_thread(number, |thread| thread.target.as_ref().map(act)).flatten()
}

fn with_thread<R>(number: u16, look: impl FnOnce(&EnteredThread) -> R) -> Option<R> {
    let threads = THREADS.lock();
    let thread = threads.get(usize::from(number).checked_sub(1)?)?;
    thread.as_ref().map(look)
}

/// Whether this thread is inside a poll that captures stacks.
#[inline]
pub(crate) fn is_capturing() -> bool {
    STATE.with(|state| state.capturing.get() > 0)
}

/// Guard of a poll that captures stacks.
pub(crate) struct Capturing(());

impl Capturing {
    pub(crate) fn begin() -> Self {
        STATE.with(|state| state.capturing.set(state.capturing.get() + 1));
        Capturing(())
    }
}

impl Drop for Capturing {
    fn drop(&mut self) {
        STATE.with(|state| state.capturing.set(state.capturing.get().saturating_sub(1)));
    }
}

/// The id of the current task.
#[inline]
pub(crate) fn id() -> Option<TaskId> {
    STATE.with(|state| state.current.get().id)
}

/// Calls `look` with the current task, if there is one, while a lock of the registry is held.
pub(crate) fn with<R>(look: impl FnOnce(&Live) -> R) -> Option<R> {
    let current = STATE.with(|state| state.current.get());
    registry::global().look(current.id?, current.key, current.shape.is_call(), look)
}

/// What a task that is spawned now inherits.
#[derive(Debug, Default)]
pub(crate) struct Heritage {
    pub(crate) parent: Option<TaskId>,
    pub(crate) scope: Option<Arc<ScopeRecord>>,
    pub(crate) background: bool,
}

#[inline]
pub(crate) fn heritage() -> Heritage {
    let CurrentTask { id, key, shape } = STATE.with(|state| state.current.get());
    match id {
        Some(id) if shape.is_scoped() => heritage_in_scope(id, key, shape),
        _ => Heritage { parent: id, scope: None, background: shape.is_background() },
    }
}

/// Apart, so that what has no scope around it is spared the lock and its code.
#[inline(never)]
fn heritage_in_scope(id: TaskId, key: u32, shape: TaskShape) -> Heritage {
    let found = registry::global().scope_of(id, key, shape.is_call());
    let (scope, background) = found.unwrap_or_default();
    Heritage { parent: Some(id), scope, background }
}

/// Marks the current task as meant to outlive its scope.
pub(crate) fn mark_background() {
    let task = with(|task| (task.kind() == TaskKind::Async).then(|| task.clone()));
    if let Some(task) = task.flatten() {
        registry::global().set_background(&task);
        STATE.with(|state| state.current.set(CurrentTask::of(&task)));
    }
}
