//! Tasks that are alike as one block with a count.

use super::Dump;
use super::block::View;
use crate::record::facts::TaskFacts;
use crate::record::id::TaskKind;
use crate::report::state;
use crate::report::time::readable;
use std::collections::HashMap;
use std::fmt::{self, Formatter};
use std::time::Duration;

/// So many ids stand in a block.
const IDS: usize = 8;

/// All that tasks of one block have in common.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    kind: TaskKind,
    name: String,
    words: String,
    marks: String,
    stacks: String,
    start: String,
}

impl Key {
    fn of(view: &View<'_>, task: &TaskFacts) -> Self {
        let verb = if task.kind.is_call() {
            "entered"
        } else {
            "started"
        };
        let through = task
            .through
            .map_or_else(String::new, |t| format!(", through {t}"));
        Key {
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
    let view = View::of(dump);
    let mut groups: HashMap<Key, Vec<&TaskFacts>> = HashMap::new();
    for task in &dump.tasks {
        groups.entry(Key::of(&view, task)).or_default().push(task);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups
        .iter_mut()
        .for_each(|(_, tasks)| tasks.sort_by_key(|t| t.id));
    groups.sort_by_key(|(_, tasks)| (std::cmp::Reverse(tasks.len()), tasks[0].id));
    groups
        .iter()
        .try_for_each(|(key, tasks)| write_group(f, dump, key, tasks))
}

fn write_group(f: &mut Formatter<'_>, dump: &Dump, key: &Key, tasks: &[&TaskFacts]) -> fmt::Result {
    let Key {
        kind,
        name,
        words,
        marks,
        stacks,
        start,
    } = key;
    let count = tasks.len();
    let times = tasks.iter().map(|t| dump.now.since(t.since()));
    writeln!(
        f,
        "{count} {}{name} [{words}, {}]{marks}",
        state::kind(*kind, count),
        span(times)
    )?;
    write!(f, "{stacks}  {start}\n  ")?;
    write_ids(f, tasks)?;
    f.write_str("\n\n")
}

/// `1.0 s`, or `1.0 s to 2.1 s`.
fn span(times: impl Iterator<Item = Duration> + Clone) -> String {
    let (least, most) = (times.clone().min(), times.max());
    let (least, most) = (
        readable(least.unwrap_or_default()),
        readable(most.unwrap_or_default()),
    );
    if least == most {
        most
    } else {
        format!("{least} to {most}")
    }
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
