//! Tasks that live only because another found task does, and threads that run a found task. They become lines of its
//! finding.

use crate::fact::cause::Edge;
use crate::fact::finding::Finding;
use crate::fact::id::TaskId;
use crate::fact::kind::ResourceKind;
use crate::fact::subject::{Subject, TaskProblem};
use crate::fact::task::{ProbeOutcome, TaskFacts};
use crate::fact::task_map::{TaskMap, TaskSet};
use crate::judge::counterpart::{Counterpart, Holder, Needs};
use crate::judge::crowd::{self, Crowd};
use crate::judge::graph::Graph;
use crate::judge::waiters::OpenWait;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Moves each finding that is derived into the finding that it is derived from, if that one is reported. Tasks that wait for
/// each other, without a certain deadlock, stay as they are.
pub(crate) fn derive(
    findings: Vec<Finding>,
    graph: &Graph<'_>,
    is_reported: impl Fn(&Finding) -> bool,
) -> Vec<Finding> {
    let actor = |finding: &Finding| finding.task().map(|task| graph.actor(task.id));
    let mut found: TaskMap<usize> = TaskMap::default();
    for (at, finding) in findings.iter().enumerate() {
        actor(finding).into_iter().for_each(|task| _ = found.entry(task).or_insert(at));
    }
    let wanted = RefCell::new(TaskMap::default());
    let may_wait_for = |actor, other| {
        let mut wanted = wanted.borrow_mut();
        let own = wanted.entry(actor).or_insert_with(|| Wanted::new(graph, actor));
        own.contains(other)
    };
    let cause = |finding: &Finding| {
        let task = actor(finding).filter(|_| may_be_derived(finding))?;
        let causes = graph.lives_by(task)?;
        // A join ends with its task, wherever an endpoint is that nothing has used.
        let is_join = graph.only_joins(task);
        let is_mutual = !is_join && causes.iter().any(|cause| may_wait_for(*cause, task));
        let causes: Option<Vec<_>> = causes.iter().map(|cause| found.get(cause)).collect();
        causes?.first().map(|at| **at).filter(|_| !is_mutual)
    };
    let local = local_tasks(&findings);
    let driven = |finding: &Finding| local.get(&driver(finding)?.id).copied();
    let closers = RefCell::new(HashMap::new());
    let closed = |finding: &Finding| {
        let cycle = cycle(finding)?;
        // The findings of one long cycle share its edges.
        *closers.borrow_mut().entry(cycle.as_ptr()).or_insert_with(|| {
            let member = |edge: &Edge| found.get(&graph.actor(edge.waiter.id)).copied();
            let closes =
                |edge: &Edge| member(edge).filter(|at| waits_for_itself(&findings[*at], edge));
            cycle.iter().find_map(closes)
        })
    };
    let causes = findings.iter().map(|f| driven(f).or_else(|| closed(f)).or_else(|| cause(f)));
    let causes: Vec<_> = causes.collect();
    let is_kept = |root: &usize| is_reported(&findings[*root]);
    let roots: Vec<_> = roots(&causes).into_iter().map(|root| root.filter(is_kept)).collect();
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

/// For each thread the first finding of a local task that was spawned on it. Such a task never moves to another thread.
fn local_tasks(findings: &[Finding]) -> TaskMap<usize> {
    let mut local = TaskMap::default();
    for (at, finding) in findings.iter().enumerate() {
        let task = finding.task().filter(|task| task.is_local());
        let thread = task.and_then(|task| task.parent);
        thread.into_iter().for_each(|thread| _ = local.entry(thread).or_insert(at));
    }
    local
}

/// The cycle of a deadlock.
fn cycle(finding: &Finding) -> Option<&[Edge]> {
    match &finding.subject {
        Subject::Deadlock(deadlock) => Some(&deadlock.blockage.cycle),
        _ => None,
    }
}

/// Whether `edge` is of the wait that a finding of its own is about. The task has the other half of its channel itself, so
/// that it would wait without the cycle too.
fn waits_for_itself(finding: &Finding, edge: &Edge) -> bool {
    match &finding.subject {
        Subject::Task(task) => {
            let is_channel = matches!(task.problem, TaskProblem::Receives | TaskProblem::Sends);
            let wait = task.blockage.as_ref().map(|blockage| blockage.wait.at);
            is_channel && wait.is_some() && wait == edge.wait_at
        }
        _ => false,
    }
}

/// The thread of a finding that is only about its being inside of `block_on`: it is found once more with what runs there.
fn driver(finding: &Finding) -> Option<&TaskFacts> {
    let is_thread = matches!(
        &finding.subject,
        Subject::Task(task) if matches!(task.problem, TaskProblem::Thread)
    );
    finding.task().filter(|thread| is_thread && thread.drives())
}

/// For each finding the first one of the chain of causes that begins there. `None` if it has no cause, or the chain never
/// ends. Each chain is followed once.
fn roots(causes: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut roots = vec![None; causes.len()];
    let mut is_known: Vec<bool> = causes.iter().map(Option::is_none).collect();
    for start in 0..causes.len() {
        let (mut chain, mut at) = (Vec::new(), start);
        while let Some(next) = causes[at].filter(|_| !is_known[at]) {
            // A chain that comes back here finds that nothing is known of it.
            is_known[at] = true;
            chain.push(at);
            at = next;
        }
        let root = match causes[at] {
            None => Some(at),
            Some(_) => roots[at],
        };
        chain.into_iter().for_each(|one| roots[one] = root);
    }
    roots
}

/// The tasks that have what one task waits for.
struct Wanted {
    tasks: TaskSet,
    /// Those of waits that many tasks have in common.
    crowds: Vec<Rc<Crowd>>,
}

impl Wanted {
    /// Of all waits that are known to be polled or inside of a set.
    fn new(graph: &Graph<'_>, actor: TaskId) -> Self {
        let mut wanted = Wanted { tasks: TaskSet::default(), crowds: Vec::new() };
        for open in graph.waiters.open(actor).iter().chain(graph.waiters.inside(actor)) {
            if let Some(crowd) = graph.crowd(open) {
                wanted.crowds.push(crowd);
                continue;
            }
            let holders = graph.counterpart(actor, open).holders;
            let tasks = holders.iter().filter_map(|holder| graph.waiters.living(holder.task));
            wanted.tasks.extend(tasks);
        }
        wanted
    }

    fn contains(&self, task: TaskId) -> bool {
        self.tasks.contains(&task) || self.crowds.iter().any(|crowd| crowd.has_holder(task))
    }
}

/// Lists the tasks that no finding names behind the first one. All else waits behind deadlocks.
pub(super) fn add_rest(deadlocks: &mut [Finding], tasks: &[TaskFacts]) {
    let shown = shown(deadlocks);
    let alive = tasks.iter().filter(|t| !matches!(t.answer, ProbeOutcome::Ended));
    let rest = alive.filter(|t| !shown.contains(&t.id)).cloned();
    if let Some(behind) = deadlocks.first_mut().and_then(|first| first.subject.behind_mut()) {
        behind.extend(rest);
    }
}

/// The tasks that deadlocks name. The findings of one long cycle share its edges.
fn shown(deadlocks: &[Finding]) -> TaskSet {
    let mut shown: TaskSet = deadlocks.iter().flat_map(Finding::tasks).map(|t| t.id).collect();
    let mut seen = HashSet::new();
    let cycles = deadlocks.iter().flat_map(|finding| match &finding.subject {
        Subject::Deadlock(deadlock) => &deadlock.cycles[..],
        _ => &[],
    });
    for cycle in cycles.filter(|cycle| seen.insert(cycle.as_ptr())) {
        shown.extend(cycle.iter().map(|edge| edge.waiter.id));
    }
    shown
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

    /// Whether it waits for nothing but the ends of tasks whose handles are drop-ins.
    fn only_joins(&self, actor: TaskId) -> bool {
        let open = self.waiters.open(actor);
        !open.is_empty() && open.iter().all(|open| open.resource.kind == ResourceKind::JoinTask)
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
        match self.crowd(open).filter(|crowd| crowd.is_large()) {
            None => self.owner_in(actor, &self.counterpart(actor, open)),
            Some(crowd) if crowd.end.needs == Needs::All => {
                self.owner_in(actor, &self.nearest(actor, open))
            }
            Some(crowd) if crowd.has_holder(actor) => None,
            Some(_) => {
                let find = || self.owner_in(actor, &self.counterpart(actor, open));
                self.crowds.owner(crowd::shared(open.resource, open.wait), find)
            }
        }
    }

    fn owner_in(&self, actor: TaskId, end: &Counterpart) -> Option<TaskId> {
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
        assert_eq!(roots(&causes), [Some(2), Some(2), None, None, None, None]);
    }
}
