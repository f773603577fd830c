//! Tasks that are alike as one block with a count.

use super::Dump;
use super::block::{self, BlockContext};
use crate::fact::id::{ScopeId, TaskKind};
use crate::fact::task::{ProbeOutcome, TaskFacts};
use crate::report::{noun, state};
use crate::site::Site;
use crate::stack::Stack;
use crate::time::readable;
use std::collections::HashMap;
use std::fmt::{self, Formatter};
use std::hash::{Hash, Hasher};
use std::panic::Location;
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Maximum number of ids in a block.
const IDS: usize = 8;

/// What tasks have in common that are alike without a comparison of texts.
#[derive(PartialEq, Eq, Hash)]
struct Likeness<'a> {
    kind: TaskKind,
    name: *const str,
    scope: Option<ScopeId>,
    site: *const Site,
    through: Vec<*const Site>,
    background: bool,
    words: *const str,
    marks: *const str,
    has_waker: bool,
    missing: Option<*const str>,
    stacks: Stacks<'a>,
    wait_at: Option<*const Location<'static>>,
}

impl<'a> Likeness<'a> {
    fn of(view: &BlockContext<'_>, task: &'a TaskFacts) -> Self {
        Likeness {
            kind: task.kind,
            name: task.name,
            scope: task.scope.filter(|_| task.kind.is_call()),
            site: task.site,
            through: task.through.iter().copied().map(ptr::from_ref).collect(),
            background: task.background,
            words: state::plain(task, view.dump.now),
            marks: block::mark(task),
            has_waker: matches!(&task.answer, ProbeOutcome::Pending(waits) if waits.registered > 0),
            missing: state::missing(task).map(ptr::from_ref),
            stacks: Stacks(task.stacks()),
            wait_at: task.wait_at.map(ptr::from_ref),
        }
    }
}

/// Compared by their addresses.
struct Stacks<'a>(&'a [Arc<Stack>]);

impl PartialEq for Stacks<'_> {
    fn eq(&self, other: &Self) -> bool {
        let own = self.0.iter().map(Arc::as_ptr);
        own.eq(other.0.iter().map(Arc::as_ptr))
    }
}

impl Eq for Stacks<'_> {}

impl Hash for Stacks<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|stack| ptr::hash(&**stack, state));
    }
}

/// All that tasks of one block have in common.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct BlockKey {
    kind: TaskKind,
    name: String,
    words: String,
    marks: String,
    stacks: Rc<str>,
    start: String,
}

impl BlockKey {
    fn of(view: &BlockContext<'_>, task: &TaskFacts) -> Self {
        let verb = if task.kind.is_call() { "entered" } else { "spawned" };
        let through = block::through(task);
        BlockKey {
            kind: task.kind,
            name: view.name(task),
            words: state::words(task, view.dump.now),
            marks: view.marks(task),
            stacks: view.stacks(task),
            start: format!("{verb} at {}{through}", task.site),
        }
    }
}

/// The blocks, the largest first.
pub(super) fn write(f: &mut Formatter<'_>, dump: &Dump) -> fmt::Result {
    let mut groups = groups(&BlockContext::of(dump));
    groups.sort_by_key(|(_, tasks)| (std::cmp::Reverse(tasks.len()), tasks[0].id));
    groups.iter().try_for_each(|(key, tasks)| write_group(f, dump, key, tasks))
}

/// The tasks that are alike, those of each group by their ids.
pub(super) fn groups<'a>(view: &BlockContext<'a>) -> Vec<(BlockKey, Vec<&'a TaskFacts>)> {
    // Tasks that are alike are often neighbours.
    let is_alike =
        |one: &TaskFacts, other: &TaskFacts| Likeness::of(view, one) == Likeness::of(view, other);
    let mut alike: HashMap<Likeness<'_>, Vec<&TaskFacts>> = HashMap::new();
    for run in view.dump.tasks.chunk_by(is_alike) {
        let tasks = alike.entry(Likeness::of(view, &run[0])).or_default();
        tasks.extend(run);
    }
    let mut groups: HashMap<BlockKey, Vec<&TaskFacts>> = HashMap::new();
    for tasks in alike.into_values() {
        let key = BlockKey::of(view, tasks[0]);
        groups.entry(key).or_default().extend(tasks);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.iter_mut().for_each(|(_, tasks)| tasks.sort_by_key(|t| t.id));
    groups
}

pub(super) fn write_group(
    f: &mut Formatter<'_>,
    dump: &Dump,
    key: &BlockKey,
    tasks: &[&TaskFacts],
) -> fmt::Result {
    let BlockKey { kind, name, words, marks, stacks, start } = key;
    let count = tasks.len();
    let times = tasks.iter().map(|t| dump.now.since(t.since()));
    writeln!(f, "{count} {}{name} [{words}, {}]{marks}", noun::kind(*kind, count), span(times))?;
    write!(f, "{stacks}  {start}\n  ")?;
    write_ids(f, tasks)?;
    f.write_str("\n\n")
}

/// `1.0 s`, or `1.0 s to 2.1 s`.
fn span(times: impl Iterator<Item = Duration> + Clone) -> String {
    let (least, most) = (times.clone().min(), times.max());
    let (least, most) = (readable(least.unwrap_or_default()), readable(most.unwrap_or_default()));
    if least == most { most } else { format!("{least} to {most}") }
}

fn write_ids(f: &mut Formatter<'_>, tasks: &[&TaskFacts]) -> fmt::Result {
    f.write_str(if tasks.len() == 1 { "id" } else { "ids" })?;
    for (at, task) in tasks.iter().take(IDS).enumerate() {
        write!(f, "{} {}", if at == 0 { "" } else { "," }, task.id)?;
    }
    match tasks.len().checked_sub(IDS) {
        Some(more @ 1..) => write!(f, ", … and {more} more"),
        _ => Ok(()),
    }
}
