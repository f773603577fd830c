//! Finds out which of the tasks found were started by an initialiser, which happens to run in the first test.

use crate::fact::finding::Finding;
use crate::fact::id::TaskId;
use crate::fact::subject::Subject;
use crate::record::collector::Collector;
use crate::stack::Initialiser;
use std::collections::HashMap;

/// Takes out what the initialiser of a static has started, and notes on the others which initialiser has. `parent` is the
/// task that has spawned a task.
pub(super) fn sort_out(
    findings: Vec<Finding>,
    collector: &Collector,
    parent: impl Fn(TaskId) -> Option<TaskId>,
) -> Vec<Finding> {
    let mut known = HashMap::new();
    let mut of_static = |task: TaskId| {
        let mut path = Vec::new();
        let mut at = Some(task);
        let is_of_static = loop {
            let Some(task) = at else { break false };
            if let Some(known) = known.get(&task) {
                break *known;
            }
            path.push(task);
            if started(collector, task) == Some(Initialiser::OfStatic) {
                break true;
            }
            at = parent(task);
        };
        known.extend(path.into_iter().map(|task| (task, is_of_static)));
        is_of_static
    };
    let mut kept = Vec::with_capacity(findings.len());
    for mut finding in findings {
        let site = finding.site();
        if let Subject::Task(subject) = &mut finding.subject {
            let task = subject.tasks.first.id;
            if of_static(task) {
                collector.add_singleton(site);
                continue;
            }
            if let Some(Initialiser::OfCell(name)) = started(collector, task) {
                subject.cell = Some(name);
            }
        }
        kept.push(finding);
    }
    kept
}

fn started(collector: &Collector, task: TaskId) -> Option<Initialiser> {
    collector.spawn(task)?.initialiser()
}
