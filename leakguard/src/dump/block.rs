//! One block for each task, or for very many that are alike.

use super::Dump;
use super::fold;
use super::name::TaskNames;
use crate::config;
use crate::fact::id::{ScopeId, TaskKind};
use crate::fact::position::Position;
use crate::fact::task::{ProbeOutcome, ScopeFacts, TaskFacts, TaskState};
use crate::report::noun;
use crate::report::state::{self, shown};
use crate::stack::Stack;
use crate::time::readable;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{self, Formatter, Write};
use std::rc::Rc;
use std::sync::Arc;

/// What a block needs to know beyond its task.
pub(super) struct BlockContext<'a> {
    pub(super) dump: &'a Dump,
    scopes: HashMap<ScopeId, &'a ScopeFacts>,
    names: TaskNames<'a>,
    all_frames: bool,
    /// The text of each stack, by its address: many tasks share one.
    texts: RefCell<HashMap<*const Stack, Rc<str>>>,
}

impl<'a> BlockContext<'a> {
    pub(super) fn of(dump: &'a Dump) -> Self {
        BlockContext {
            dump,
            scopes: dump.scopes.iter().map(|s| (s.id, s)).collect(),
            names: TaskNames::of_tasks(&dump.tasks),
            all_frames: config::all_frames(),
            texts: RefCell::default(),
        }
    }

    fn scope(&self, task: &TaskFacts) -> Option<&'a ScopeFacts> {
        let id = task.scope.filter(|_| task.kind.is_call())?;
        self.scopes.get(&id).copied()
    }

    /// The name in quotes: that of the annotated function for a call.
    pub(super) fn name(&self, task: &TaskFacts) -> String {
        match self.scope(task).map(|s| s.name).filter(|n| !n.is_empty()) {
            Some(name) => format!(" \"{name}\""),
            None if task.name.is_empty() => String::new(),
            None => format!(" \"{}\"", task.name),
        }
    }

    /// What stands behind the brackets.
    pub(super) fn marks(&self, task: &TaskFacts) -> String {
        let mut marks = mark(task).to_owned();
        if let Some(timeout) = self.scope(task).and_then(|s| s.rule.overrun) {
            marks += &format!(", timeout {}", readable(timeout));
        }
        if task.background {
            marks += ", background";
        }
        marks
    }

    fn parent(&self, task: &TaskFacts) -> String {
        let Some(parent) = task.parent else {
            return String::new();
        };
        // A parent that has ended is not in the dump. Most of these were tasks.
        let kind = self.names.kind(parent).unwrap_or(TaskKind::Async);
        format!(" by {} {parent}", noun::kind(kind, 1))
    }

    /// The stacks, or the last annotated await where there is none.
    pub(super) fn stacks(&self, task: &TaskFacts) -> Rc<str> {
        let mut out = String::new();
        match (task.stacks(), task.wait_at) {
            ([], at) => {
                if let Some(why) = state::missing(task) {
                    _ = writeln!(out, "    ({why})");
                }
                if let Some(at) = at {
                    _ = writeln!(out, "    awaits at {at}");
                }
            }
            ([one], _) => return self.text(one),
            (many, _) => many.iter().for_each(|stack| {
                _ = writeln!(out, "    {}:", stack.wait());
                out += &frames(stack, self.all_frames, "        ");
            }),
        }
        out.into()
    }

    fn text(&self, stack: &Arc<Stack>) -> Rc<str> {
        let mut texts = self.texts.borrow_mut();
        let text = || frames(stack, self.all_frames, "    ").into();
        texts.entry(Arc::as_ptr(stack)).or_insert_with(text).clone()
    }
}

/// What its response shows.
pub(super) fn mark(task: &TaskFacts) -> &'static str {
    let (ProbeOutcome::Pending(waits), TaskState::Idle { .. }) = (&task.answer, task.state) else {
        return "";
    };
    match (waits.woke_itself, waits.registered) {
        (0, 0) => ", stuck",
        (0, _) => ", blocked",
        _ => ", making progress",
    }
}

/// One line a frame, the places in one column.
fn frames(stack: &Stack, all: bool, indent: &str) -> String {
    let frames = shown(stack, all);
    let width = frames.iter().map(|f| f.function().chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for frame in frames {
        let line = match Position::of_frame(frame) {
            Some(point) => format!("{:<width$}  {point}", frame.function()),
            None => frame.function().to_owned(),
        };
        _ = writeln!(out, "{indent}{line}");
    }
    out
}

/// Up to this many tasks that are alike have a block each.
const FEW: usize = 8;

/// Alike tasks are one block where they are many, because hundreds of equal blocks hide the others.
pub(super) fn write(f: &mut Formatter<'_>, dump: &Dump) -> fmt::Result {
    let view = BlockContext::of(dump);
    let groups = fold::groups(&view).into_iter();
    let (mut many, few): (Vec<_>, Vec<_>) = groups.partition(|(_, tasks)| tasks.len() > FEW);
    let mut tasks: Vec<_> = few.into_iter().flat_map(|(_, tasks)| tasks).collect();
    tasks.sort_by_key(|task| task.id);
    many.sort_by_key(|(_, tasks)| tasks[0].id);
    let mut many = many.iter().peekable();
    for task in tasks {
        while let Some((key, alike)) = many.next_if(|(_, alike)| alike[0].id < task.id) {
            fold::write_group(f, dump, key, alike)?;
        }
        write_head(f, &view, task)?;
        f.write_str(&view.stacks(task))?;
        write_start(f, &view, task)?;
        f.write_char('\n')?;
    }
    many.try_for_each(|(key, alike)| fold::write_group(f, dump, key, alike))
}

fn write_head(f: &mut Formatter<'_>, view: &BlockContext<'_>, task: &TaskFacts) -> fmt::Result {
    let now = view.dump.now;
    let (kind, name) = (noun::kind(task.kind, 1), view.name(task));
    let time = readable(now.since(task.since()));
    write!(f, "{kind} {}{name} [{}, {time}", task.id, state::words(task, now))?;
    if let (TaskState::Polling { .. }, Some(thread)) = (task.state, &task.thread) {
        write!(f, " on thread \"{thread}\"")?;
    }
    write!(f, "]{}", view.marks(task))?;
    match (task.kind.is_polled(), task.polls) {
        (true, 1) => writeln!(f, ", 1 poll"),
        (true, polls) => writeln!(f, ", {polls} polls"),
        (false, _) => writeln!(f),
    }
}

/// The helpers that wrapped its future again.
pub(super) fn through(task: &TaskFacts) -> String {
    task.through.iter().map(|site| format!(", through {site}")).collect()
}

fn write_start(f: &mut Formatter<'_>, view: &BlockContext<'_>, task: &TaskFacts) -> fmt::Result {
    let verb = if task.kind.is_call() { "entered" } else { "spawned" };
    let (at, function) = (task.site.location(), task.site.function());
    write!(f, "  {verb} at {at}{} in `{function}`", view.parent(task))?;
    writeln!(f, "{}", through(task))
}
