//! What the last panic on this thread said and where, for the report on a task whose panic nothing receives. Only a hook
//! learns the place.

use crate::clock;
use crate::fact::id::TaskId;
use crate::fact::position::Position;
use crate::fact::story::PanicStory;
use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

thread_local! {
    /// With the task that panicked.
    static LAST: RefCell<Option<(TaskId, PanicStory)>> = const { RefCell::new(None) };
}

/// Installs the hook, which calls the one before it. `task` returns the current task.
pub(crate) fn install(task: fn() -> Option<TaskId>) {
    static INSTALLED: Once = Once::new();
    // A thread that panics cannot change the hook.
    if !INSTALLED.is_completed() && !std::thread::panicking() {
        INSTALLED.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                if let Some(task) = task() {
                    note(task, info);
                }
                before(info);
            }));
        });
    }
}

fn note(task: TaskId, info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("a value that is no text");
    let story = PanicStory {
        message: message.to_owned(),
        at: info.location().map(Position::of_location),
        when: clock::now(),
        after: None,
    };
    let _ = LAST.try_with(|last| last.replace(Some((task, story))));
}

/// The panic of `from` goes on through `to`.
pub(crate) fn pass(from: TaskId, to: Option<TaskId>) {
    let pass = |last: &RefCell<Option<(TaskId, PanicStory)>>| {
        if let (Some((task, _)), Some(to)) = (&mut *last.borrow_mut(), to)
            && *task == from
        {
            *task = to;
        }
    };
    let _ = LAST.try_with(pass);
}

/// Takes the last panic on this thread if it is that of `task`.
pub(crate) fn take(task: TaskId) -> Option<PanicStory> {
    let take = |last: &RefCell<Option<(TaskId, PanicStory)>>| {
        last.borrow_mut().take_if(|(own, _)| *own == task).map(|(_, story)| story)
    };
    LAST.try_with(take).ok().flatten()
}
