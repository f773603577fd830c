//! Tasks that live only because another found task does. They become lines of its finding.

use crate::fact::finding::Finding;
use crate::fact::id::TaskId;
use crate::fact::kind::ResourceKind;
use crate::fact::subject::{Subject, TaskProblem};
use crate::fact::task::TaskFacts;
use crate::judge::counterpart::{Holder, Needs};
use crate::judge::graph::Graph;
use crate::judge::waiters::OpenWait;
use std::collections::HashMap;

/// Moves each finding that is derived into the finding that it is derived from. Tasks that wait for each other, without a
/// certain deadlock, stay as they are.
pub(crate) fn derive(findings: Vec<Finding>, graph: &Graph<'_>) -> Vec<Finding> {
    let actor = |finding: &Finding| finding.task().map(|task| graph.actor(task.id));
    let mut found: HashMap<TaskId, usize> = HashMap::new();
    for (at, finding) in findings.iter().enumerate() {
        actor(finding).into_iter().for_each(|task| _ = found.entry(task).or_insert(at));
    }
    let cause = |finding: &Finding| {
        let task = actor(finding).filter(|_| may_be_derived(finding))?;
        let causes: Option<Vec<_>> = graph.lives_by(task)?.iter().map(|c| found.get(c)).collect();
        causes?.first().map(|at| **at)
    };
    let causes: Vec<_> = findings.iter().map(cause).collect();
    let roots: Vec<_> = (0..findings.len()).map(|at| root(at, &causes)).collect();
    let (mut kept, mut behind) = (Vec::new(), Vec::new());
    for (finding, root) in findings.into_iter().zip(roots) {
        match root {
            Some(root) => {
                behind.extend(finding.tasks().map(|task| (root, task.clone())));
                kept.push(None);
            }
            None => kept.push(Some(finding)),
        }
    }
    for (root, task) in behind {
        let root = kept[root].as_mut().and_then(|root| root.subject.behind_mut());
        root.into_iter().for_each(|all| all.push(task.clone()));
    }
    kept.into_iter().flatten().collect()
}

/// The first finding of the chain of causes that begins at `at`. `None` if it has no cause, or the chain never ends.
fn root(at: usize, causes: &[Option<usize>]) -> Option<usize> {
    let mut last = causes[at]?;
    for _ in causes {
        match causes[last] {
            Some(next) => last = next,
            None => return Some(last),
        }
    }
    None
}

/// Whether no more is known of it than that it waits.
fn may_be_derived(finding: &Finding) -> bool {
    match &finding.subject {
        Subject::Task(task) => matches!(
            task.problem,
            TaskProblem::Alive { .. }
                | TaskProblem::Thread
                | TaskProblem::Receives
                | TaskProblem::Sends
        ),
        _ => false,
    }
}

impl<'a> Graph<'a> {
    pub(crate) fn actor(&self, task: TaskId) -> TaskId {
        self.waiters.actor(task)
    }

    /// The tasks without which `actor` would not wait any more: they own what its waits are for, or are joined. `None` if
    /// something else could end a wait.
    fn lives_by(&self, actor: TaskId) -> Option<Vec<TaskId>> {
        let open = self.waiters.open(actor);
        if !self.waiters.is_exact(actor) {
            return None;
        }
        let joined = match self.waiters.joins(actor) {
            0 => None,
            1 => Some(self.joined_child(actor)?),
            _ => return None,
        };
        let owners: Option<Vec<_>> = open.iter().map(|open| self.owner(actor, open)).collect();
        Some(owners?.into_iter().chain(joined).collect())
    }

    /// The one task that a join can be for: the only child whose handle was kept.
    fn joined_child(&self, actor: TaskId) -> Option<TaskId> {
        let kept = |child: &&TaskFacts| !child.detached;
        let mut children = self.waiters.children(actor).filter(kept);
        let child = children.next().filter(|_| self.waiters.sees_all())?;
        children.next().is_none().then(|| self.waiters.actor(child.id))
    }

    /// Another task that certainly owns what the wait is for.
    fn owner(&self, actor: TaskId, open: &OpenWait<'a>) -> Option<TaskId> {
        if open.resource.outside || open.resource.kind == ResourceKind::Token {
            return None;
        }
        let end = self.counterpart(actor, open);
        let owner = |holder: &Holder| {
            let is_known = holder.sure || !holder.unused || holder.handed;
            let task = self.waiters.living(holder.task).filter(|_| is_known);
            task.filter(|task| *task != actor)
        };
        let mut owners = end.holders.iter().map(owner);
        match end.needs {
            Needs::All => owners.flatten().next(),
            Needs::Any => {
                let first = owners.next()??;
                owners.all(|owner| owner.is_some()).then_some(first)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_of_causes_ends_at_its_root_or_nowhere() {
        let causes = [Some(1), Some(2), None, Some(4), Some(3), Some(3)];
        let roots: Vec<_> = (0..causes.len()).map(|at| root(at, &causes)).collect();
        assert_eq!(roots, [Some(2), Some(2), None, None, None, None]);
    }
}
