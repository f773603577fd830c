//! The time during which a thread is inside a task: one poll, or one call of a closure.

use crate::clock;
use crate::config;
use crate::context;
use crate::record::id::TaskKind;
use crate::record::scope::Scope;
use crate::record::task::{Birth, Task};
use crate::registry;
use crate::site::Site;
use std::sync::Arc;

/// What to restore when the thread leaves the task.
#[derive(Debug)]
struct Entered {
    outer: Option<Arc<Task>>,
    /// Whether the thread was unwinding before, as it is when a future is polled in a destructor.
    panicking: bool,
}

impl Entered {
    fn new(task: Option<Arc<Task>>) -> Self {
        if let Some(task) = &task {
            let look = |outer: &Arc<Task>| {
                meet(outer, task);
                // A sync call may hold its thread for long while it runs a whole runtime.
                outer.kind.is_polled()
            };
            let nested = context::with(look).unwrap_or(false);
            task.begin(context::poll_began(nested));
        }
        let outer = context::swap(task);
        Entered {
            outer,
            panicking: std::thread::panicking(),
        }
    }

    fn leave(&mut self) -> Option<Arc<Task>> {
        let task = context::swap(self.outer.take())?;
        task.pause(clock::now());
        if std::thread::panicking() && !self.panicking {
            task.mark_panicked();
        }
        Some(task)
    }
}

/// Inside the task of `home`, which is empty until this is dropped, unwinding included.
///
/// The record is moved, not cloned: a poll touches no reference count.
pub(crate) struct Inside<'a> {
    home: &'a mut Option<Arc<Task>>,
    entered: Entered,
}

impl<'a> Inside<'a> {
    pub(crate) fn enter(home: &'a mut Option<Arc<Task>>) -> Self {
        let entered = Entered::new(home.take());
        Inside { home, entered }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        *self.home = self.entered.leave();
    }
}

/// Inside a closure or a sync call, until this is dropped.
#[derive(Debug)]
pub struct Running(Entered);

impl Running {
    pub(crate) fn enter(task: Arc<Task>) -> Self {
        Running(Entered::new(Some(task)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// A future that is polled for the first time within the first poll of another task was wrapped
/// by the caller of a helper and again inside it: both records speak of one task.
fn meet(outer: &Arc<Task>, task: &Arc<Task>) {
    let both_async = outer.kind == TaskKind::Async && task.kind == TaskKind::Async;
    // What a task starts itself is younger than it.
    let wrapped_before = task.id < outer.id;
    if both_async && wrapped_before && task.polls() == 0 && outer.polls() == 1 {
        outer.cover(task);
    }
}

/// Registers something that is started here and now, as a child of the current task; not when
/// leakguard is off.
pub(crate) fn start(
    kind: TaskKind,
    site: &'static Site,
    name: fn() -> &'static str,
    detached: bool,
    background: bool,
) -> Option<Arc<Task>> {
    if config::is_off() {
        return None;
    }
    let (parent, scope, inherited) =
        context::with(|t| (Some(t.id), t.scope.clone(), t.is_background())).unwrap_or_default();
    let background = background || inherited;
    Some(registry::global().start(Birth {
        kind,
        site,
        name,
        parent,
        scope,
        background,
        detached,
    }))
}

/// Registers the body of a call that opened `scope`.
pub(crate) fn start_call(
    kind: TaskKind,
    site: &'static Site,
    name: fn() -> &'static str,
    scope: Arc<Scope>,
) -> Arc<Task> {
    let parent = context::with(|t| t.id);
    registry::global().start(Birth {
        kind,
        site,
        name,
        parent,
        scope: Some(scope),
        background: false,
        detached: false,
    })
}
