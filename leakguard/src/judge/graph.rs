//! The wait-for graph: the tasks that only each other could wake, and the cycles among them.

use crate::fact::cause::{Edge, TaskLabel, Trace, WaitTarget};
use crate::fact::id::{ResourceId, TaskId};
use crate::fact::resource::{Detail, EndpointFacts, ResourceFacts, WaitFacts};
use crate::fact::story::{SpinStory, TokenStory, UnheardStory};
use crate::fact::task::TaskFacts;
use crate::judge::counterpart::{Counterpart, Holder, Needs, counterpart, of_handles};
use crate::judge::queued::Queues;
use crate::judge::waiters::{Observation, OpenWait, Waiters};
use crate::judge::{spin, token, unheard};
use std::cell::OnceCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};

/// The edges from each task to those it waits for. A task is stuck only if every wait of it is, since a `select!` is
/// one of several waits.
pub(crate) struct Graph<'a> {
    pub(super) waiters: Waiters<'a>,
    /// Tasks that only each other could wake.
    stuck: HashSet<TaskId>,
    /// Those of them for which that is certain, whatever unwatched code does.
    proven: HashSet<TaskId>,
    asleep: bool,
    going_on: OnceCell<HashSet<TaskId>>,
    queues: OnceCell<Queues<'a>>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(seen: &'a Observation<'a>) -> Self {
        let waiters = Waiters::new(seen);
        let mut graph = Graph {
            asleep: false,
            stuck: HashSet::new(),
            proven: HashSet::new(),
            going_on: OnceCell::new(),
            queues: OnceCell::new(),
            waiters,
        };
        graph.proven = graph.closure();
        graph.asleep = graph.waiters.all_asleep();
        graph.stuck = match graph.asleep {
            true => graph.waiters.actors().chain(graph.proven.iter().copied()).collect(),
            false => graph.proven.clone(),
        };
        graph
    }

    /// Starts from all waiting tasks and removes those that could still be woken, until none is left to remove.
    fn closure(&self) -> HashSet<TaskId> {
        let actors: HashSet<_> = self.waiters.actors().collect();
        let sees_all = self.waiters.sees_all();
        let exact = |a: &TaskId| self.waiters.is_exact(*a);
        let threads = self.waiters.observed.threads.iter().map(|thread| thread.id);
        let all = actors.iter().copied().chain(threads);
        let mut stuck: HashSet<_> = all.filter(exact).collect();
        loop {
            // Whichever task is joined, it is stuck if all others are.
            let joined = |a: &TaskId| {
                self.waiters.joins(*a) == 0
                    || sees_all && actors.len() > 1 && actors.is_subset(&stuck)
            };
            let keeps = |a: &TaskId| {
                let waits = self.waiters.open(*a);
                joined(a) && waits.iter().all(|o| self.is_proven(*a, o, &stuck))
            };
            let kept: HashSet<_> = stuck.iter().copied().filter(keeps).collect();
            if kept.len() == stuck.len() {
                return stuck;
            }
            stuck = kept;
        }
    }

    fn is_proven(&self, actor: TaskId, open: &OpenWait<'a>, stuck: &HashSet<TaskId>) -> bool {
        let end = self.counterpart(actor, open);
        if open.resource.outside || end.is_shared {
            return false;
        }
        let is_stuck = |h: &Holder| {
            let task = h.task.map(|t| self.waiters.actor(t));
            let is_sure = |t| h.sure || h.lent && self.keeps(t, stuck);
            task.is_some_and(|t| stuck.contains(&t) && is_sure(t))
        };
        match end.needs {
            Needs::All => end.holders.iter().any(is_stuck),
            Needs::Any => !end.holders.is_empty() && end.holders.iter().all(is_stuck),
        }
    }

    /// Whether every task that `holder` has spawned, and that may have got a guard from it, is stuck.
    fn keeps(&self, holder: TaskId, stuck: &HashSet<TaskId>) -> bool {
        let is_stuck = |task: &TaskFacts| stuck.contains(&self.waiters.actor(task.id));
        self.waiters.children(holder).all(is_stuck)
    }

    /// The holders that could end a wait, and how certain it is that they hold what it is for.
    pub(super) fn counterpart(&self, actor: TaskId, open: &OpenWait<'a>) -> Counterpart {
        let is_open = |wait: &WaitFacts| {
            let Some(task) = wait.task else { return true };
            let task = self.waiters.actor(task);
            let own = self.waiters.open(task).iter().chain(self.waiters.inside(task));
            own.into_iter().any(|o| std::ptr::eq(o.wait, wait))
        };
        let mut end = match &open.resource.detail {
            Detail::Token(token) if token.cancelled.is_none() => {
                of_handles(&self.handles(actor, open.resource))
            }
            _ => counterpart(open.resource, open.wait, is_open),
        };
        let queues = || Queues::new(&self.waiters);
        if let Some(holders) = self.queues.get_or_init(queues).holders(actor, open) {
            end.holders = holders;
        }
        // An endpoint that was only created there may have gone to a task that this one has spawned. If no such task
        // lives, only the waiting task can have it.
        let passed = |to: &TaskFacts| self.waiters.actor(to.id) != actor;
        let started = |t: &TaskFacts| t.parent == Some(actor);
        let alone = !self.waiters.observed.alive.iter().any(started);
        for holder in &mut end.holders {
            let task = self.waiters.living(holder.task);
            let own = task == Some(actor);
            let asleep = self.asleep && task.is_some();
            holder.sure |= match holder.unused {
                // The task that was given it may have passed it on, but not to itself.
                true if holder.handed => asleep && !own,
                true if holder.travels => false,
                true if asleep => !task.is_some_and(|t| self.waiters.children(t).any(passed)),
                true => own && alone,
                false if holder.lent => {
                    let holder = task.map(|t| self.waiters.actor(t));
                    asleep || holder.is_some_and(|t| self.keeps(t, &self.stuck))
                }
                false => asleep,
            };
        }
        end
    }

    /// The live handles by which a token, or one above it, could be cancelled. Handles that only wait for the
    /// cancellation are left out.
    fn handles(&self, actor: TaskId, token: &'a ResourceFacts) -> Vec<EndpointFacts> {
        let mut all = Vec::new();
        let mut at = Some(token);
        while let Some(resource) = at {
            let Detail::Token(facts) = &resource.detail else {
                break;
            };
            let signals = |h: &&EndpointFacts| {
                let task = h.last_task.map(|t| self.waiters.actor(t));
                task != Some(actor) && !task.is_some_and(|t| self.waits_on(t, resource.id))
            };
            all.extend(facts.handles.iter().filter(signals).copied());
            let resources = self.waiters.observed.resources.iter();
            at = facts.parent.and_then(|id| resources.into_iter().find(|r| r.id == id));
        }
        all
    }

    fn waits_on(&self, actor: TaskId, resource: ResourceId) -> bool {
        let mut waits = self.waiters.open(actor).iter();
        waits.any(|o| o.resource.id == resource)
    }

    /// The shortest cycle through a stuck task. Empty if there is none.
    pub(super) fn cycle(&self, actor: TaskId) -> Vec<Edge> {
        if !self.stuck.contains(&actor) {
            return Vec::new();
        }
        let mut from: HashMap<TaskId, (TaskId, Edge)> = HashMap::new();
        let mut next = VecDeque::from([actor]);
        while let Some(at) = next.pop_front() {
            for (to, edge) in self.edges(at) {
                if to == actor {
                    return way_back(&from, actor, at, edge);
                }
                if let Entry::Vacant(place) = from.entry(to) {
                    place.insert((at, edge));
                    next.push_back(to);
                }
            }
        }
        Vec::new()
    }

    fn edges(&self, at: TaskId) -> Vec<(TaskId, Edge)> {
        let Some(task) = self.waiters.task(at).filter(|_| self.stuck.contains(&at)) else {
            return Vec::new();
        };
        let mut edges = Vec::new();
        for open in self.waiters.open(at) {
            let end = self.counterpart(at, open);
            for holder in end.holders.iter().filter(|h| h.sure) {
                let to = holder.task.map(|t| self.waiters.actor(t));
                let Some(to) = to.filter(|t| self.stuck.contains(t)) else {
                    continue;
                };
                let edge = Edge {
                    waiter: named(task),
                    wait_at: Some(open.wait.at),
                    wants: WaitTarget::Thing(open.resource.kind),
                    operation: Some(open.wait.operation),
                    created: Some(open.resource.created),
                    held_at: holder.at,
                    trace: holder.trace(),
                };
                edges.push((to, edge));
            }
        }
        if self.waiters.joins(at) > 0 {
            let children = self.waiters.children(at);
            edges.extend(children.map(|child| (self.waiters.actor(child.id), join(task, child))));
        }
        edges
    }

    /// The cancelled token that `task` should have checked.
    pub(crate) fn ignored(&self, task: &TaskFacts) -> Option<TokenStory> {
        token::ignored(task, self.waiters.observed, |t| self.waiters.actor(t))
    }

    /// The channel into which `task` would send though it has no receiver left.
    pub(crate) fn unheard(&self, task: &TaskFacts) -> Option<UnheardStory> {
        unheard::unheard(task, &self.waiters)
    }

    /// The closed channel on which `task` busy-loops.
    pub(crate) fn spin(&self, task: &TaskFacts) -> Option<SpinStory> {
        spin::spin(task, &self.waiters)
    }

    /// The closed channel that `task` read last.
    pub(crate) fn ended(&self, task: &TaskFacts) -> Option<SpinStory> {
        spin::ended(task, &self.waiters)
    }

    /// Whether every task of the scope waits on what the scope created, so that none can wake another.
    pub(crate) fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Whether it can never be woken, whatever unwatched code does.
    pub(super) fn is_proven_stuck(&self, actor: TaskId) -> bool {
        self.proven.contains(&actor)
    }

    /// The tasks that go on, or may do so.
    pub(super) fn going_on(&self) -> &HashSet<TaskId> {
        self.going_on.get_or_init(|| self.find_going_on())
    }

    /// Whether nothing that lives in the scope can ever go on, whatever unwatched code does.
    pub(crate) fn is_dead(&self) -> bool {
        let mut actors = self.waiters.actors().peekable();
        actors.peek().is_some() && actors.all(|a| self.is_proven_stuck(a))
    }

    /// Whether only the task itself lives in the scope.
    pub(crate) fn is_alone(&self, task: &TaskFacts) -> bool {
        let actor = self.waiters.actor(task.id);
        self.waiters.actors().all(|a| a == actor)
    }
}

fn way_back(
    from: &HashMap<TaskId, (TaskId, Edge)>,
    actor: TaskId,
    last: TaskId,
    edge: Edge,
) -> Vec<Edge> {
    let mut path = vec![edge];
    let mut back = last;
    while back != actor {
        let (before, edge) = from[&back];
        path.push(edge);
        back = before;
    }
    path.reverse();
    path
}

fn join(task: &TaskFacts, child: &TaskFacts) -> Edge {
    Edge {
        waiter: named(task),
        wait_at: task.wait_at,
        wants: WaitTarget::End,
        operation: None,
        created: None,
        held_at: Some(child.site.location()),
        trace: Trace::Used,
    }
}

/// The task as a report names it.
pub(crate) fn named(task: &TaskFacts) -> TaskLabel {
    TaskLabel { id: task.id, kind: task.kind, site: task.site }
}
