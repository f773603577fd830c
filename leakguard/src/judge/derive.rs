//! Tasks that live only because another found task does. They become lines of its finding.

use crate::fact::finding::Finding;
use crate::fact::id::TaskId;
use crate::fact::kind::ResourceKind;
use crate::fact::subject::{Subject, TaskProblem};
use crate::fact::task::{ProbeOutcome, TaskFacts};
use crate::judge::counterpart::{Holder, Needs};
use crate::judge::graph::Graph;
use crate::judge::waiters::OpenWait;
use std::collections::{HashMap, HashSet};

/// Moves each finding that is derived into the finding that it is derived from, if that one is reported. Tasks that wait for
/// each other, without a certain deadlock, stay as they are.
pub(crate) fn derive(
    findings: Vec<Finding>,
    graph: &Graph<'_>,
    is_reported: impl Fn(&Finding) -> bool,
) -> Vec<Finding> {
    let actor = |finding: &Finding| finding.task().map(|task| graph.actor(task.id));
    let mut found: HashMap<TaskId, usize> = HashMap::new();
    for (at, finding) in findings.iter().enumerate() {
        actor(finding).into_iter().for_each(|task| _ = found.entry(task).or_insert(at));
    }
    let cause = |finding: &Finding| {
        let task = actor(finding).filter(|_| may_be_derived(finding))?;
        let causes = graph.lives_by(task)?;
        let is_mutual = causes.iter().any(|cause| graph.may_wait_for(*cause, task));
        let causes: Option<Vec<_>> = causes.iter().map(|cause| found.get(cause)).collect();
        causes?.first().map(|at| **at).filter(|_| !is_mutual)
    };
    let causes: Vec<_> = findings.iter().map(cause).collect();
    let is_kept = |root: &usize| is_reported(&findings[*root]);
    let roots = (0..findings.len()).map(|at| root(at, &causes).filter(is_kept));
    let roots: Vec<_> = roots.collect();
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

/// Lists the tasks that no finding names behind the first one. All else waits behind deadlocks.
pub(super) fn add_rest(deadlocks: &mut [Finding], tasks: &[TaskFacts]) {
    let shown: HashSet<_> = deadlocks.iter().flat_map(shown).collect();
    let alive = tasks.iter().filter(|t| !matches!(t.answer, ProbeOutcome::Ended));
    let rest = alive.filter(|t| !shown.contains(&t.id)).cloned();
    if let Some(behind) = deadlocks.first_mut().and_then(|first| first.subject.behind_mut()) {
        behind.extend(rest);
    }
}

/// The tasks that a deadlock names.
fn shown(finding: &Finding) -> Vec<TaskId> {
    let members = match &finding.subject {
        Subject::Deadlock(deadlock) => deadlock.members.iter().copied().collect(),
        _ => Vec::new(),
    };
    finding.tasks().map(|task| task.id).chain(members).collect()
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

    /// Whether one of its waits, known to be polled or inside of a set, may be for what `other` has.
    fn may_wait_for(&self, actor: TaskId, other: TaskId) -> bool {
        let waits = self.waiters.open(actor).iter().chain(self.waiters.inside(actor));
        let has = |holder: &Holder| self.waiters.living(holder.task) == Some(other);
        waits.into_iter().any(|open| self.counterpart(actor, open).holders.iter().any(has))
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
            let is_known = holder.sure || holder.handed;
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
