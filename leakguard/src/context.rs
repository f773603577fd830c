//! Which task runs on this thread now; what is started inherits from it.

use crate::clock::{self, Moment};
use crate::record::id::TaskId;
use crate::record::task::Task;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What other threads can see of one thread: the task it is inside.
#[derive(Debug)]
struct Slot {
    task: AtomicU64,
    name: String,
}

static SLOTS: Mutex<Vec<Weak<Slot>>> = Mutex::new(Vec::new());

struct Local {
    current: RefCell<Option<Arc<Task>>>,
    began: Cell<Moment>,
    /// How many polls that take stacks this thread is inside of.
    capturing: Cell<usize>,
    slot: Arc<Slot>,
}

impl Local {
    fn new() -> Self {
        let thread = std::thread::current();
        let name = thread
            .name()
            .map_or_else(|| format!("{:?}", thread.id()), str::to_owned);
        let slot = Arc::new(Slot {
            task: AtomicU64::new(0),
            name,
        });
        let mut slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|slot| slot.strong_count() > 0);
        slots.push(Arc::downgrade(&slot));
        Local {
            current: RefCell::new(None),
            began: Cell::default(),
            capturing: Cell::new(0),
            slot,
        }
    }

    fn show(&self, task: Option<&Arc<Task>>) {
        self.slot.task.store(task.map_or(0, |t| t.id.0), Relaxed);
    }
}

thread_local!(static LOCAL: Local = Local::new());

/// Exchanges the current task; hands back the one that was. A thread that is being torn down has none.
pub(crate) fn swap(task: Option<Arc<Task>>) -> Option<Arc<Task>> {
    let mut task = task;
    let _ = LOCAL.try_with(|local| {
        local.show(task.as_ref());
        std::mem::swap(&mut *local.current.borrow_mut(), &mut task);
    });
    task
}

/// When the outermost poll on this thread began; reads the clock only where there is no outer one.
pub(crate) fn poll_began(nested: bool) -> Moment {
    LOCAL
        .try_with(|local| {
            if !nested {
                local.began.set(clock::now());
            }
            local.began.get()
        })
        .unwrap_or_else(|_| clock::now())
}

/// Whether this thread is inside a poll that takes stacks.
pub(crate) fn is_capturing() -> bool {
    LOCAL
        .try_with(|local| local.capturing.get() > 0)
        .unwrap_or(false)
}

/// Such a poll, until this is dropped.
pub(crate) struct Capturing(());

impl Capturing {
    pub(crate) fn begin() -> Self {
        let _ = LOCAL.try_with(|local| local.capturing.set(local.capturing.get() + 1));
        Capturing(())
    }
}

impl Drop for Capturing {
    fn drop(&mut self) {
        let _ =
            LOCAL.try_with(|local| local.capturing.set(local.capturing.get().saturating_sub(1)));
    }
}

/// Looks at the current task; `None` where there is none. `look` calls nothing of the user's.
pub(crate) fn with<R>(look: impl FnOnce(&Arc<Task>) -> R) -> Option<R> {
    LOCAL
        .try_with(|local| local.current.borrow().as_ref().map(look))
        .ok()
        .flatten()
}

/// The name of the thread that is inside `task` now.
pub(crate) fn thread_inside(task: TaskId) -> Option<String> {
    let slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut live = slots.iter().filter_map(Weak::upgrade);
    live.find(|slot| slot.task.load(Relaxed) == task.0)
        .map(|slot| slot.name.clone())
}
