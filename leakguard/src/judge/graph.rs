//! The wait-for graph: the tasks that only each other could wake, and the cycles among them.

use crate::fact::cause::{Edge, LaggedConsumer, TaskLabel, Trace, WaitTarget};
use crate::fact::id::{ResourceId, TaskId};
use crate::fact::kind::ResourceKind;
use crate::fact::resource::{Detail, EndpointFacts, OccurrenceFacts, ResourceFacts, WaitFacts};
use crate::fact::story::{SpinStory, TokenStory, UnheardStory};
use crate::fact::task::TaskFacts;
use crate::fact::task_map::{TaskMap, TaskSet};
use crate::judge::closure::{Closure, Need};
use crate::judge::counterpart::{Counterpart, Holder, counterpart, of_handles};
use crate::judge::crowd::{Crowd, Crowds};
use crate::judge::queued::Queues;
use crate::judge::ring::{CycleAt, Rings};
use crate::judge::spin::{EndedChannels, RefusedEndpoints};
use crate::judge::token::UnheardTokens;
use crate::judge::unheard::UnheardChannels;
use crate::judge::waiters::{Observation, OpenWait, Waiters};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A send that failed, with the number below which everything created before it lies.
pub(super) type FailedSend = (OccurrenceFacts, u64);

/// The edges from each task to those it waits for. A task is stuck only if every wait of it is, since a `select!` is
/// one of several waits.
pub(crate) struct Graph<'a> {
    pub(super) waiters: Waiters<'a>,
    /// Tasks that only each other could wake.
    stuck: TaskSet,
    /// Those of them for which that is certain, whatever unwatched code does.
    proven: TaskSet,
    /// Tasks that have spawned one that is not stuck, which may have got a guard from them.
    loose: TaskSet,
    asleep: bool,
    pub(super) crowds: Crowds,
    // What is not always needed is collected at its first use.
    resources: OnceCell<HashMap<ResourceId, &'a ResourceFacts>>,
    rings: OnceCell<Rings>,
    tokens: OnceCell<UnheardTokens>,
    unheard: OnceCell<UnheardChannels<'a>>,
    refused: OnceCell<RefusedEndpoints<'a>>,
    ended: OnceCell<EndedChannels<'a>>,
    queues: OnceCell<Queues<'a>>,
    going_on: OnceCell<TaskSet>,
    pub(super) lagged: OnceCell<Option<LaggedConsumer>>,
    failed_sends: OnceCell<TaskMap<Vec<FailedSend>>>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(seen: &'a Observation<'a>) -> Self {
        let waiters = Waiters::new(seen);
        let mut graph = Graph {
            asleep: false,
            stuck: TaskSet::default(),
            proven: TaskSet::default(),
            loose: waiters.parents().collect(),
            waiters,
            crowds: Crowds::default(),
            resources: OnceCell::new(),
            rings: OnceCell::new(),
            tokens: OnceCell::new(),
            unheard: OnceCell::new(),
            refused: OnceCell::new(),
            ended: OnceCell::new(),
            queues: OnceCell::new(),
            going_on: OnceCell::new(),
            lagged: OnceCell::new(),
            failed_sends: OnceCell::new(),
        };
        graph.proven = graph.closure();
        graph.asleep = graph.waiters.all_asleep();
        graph.stuck = match graph.asleep {
            true => graph.waiters.actors().chain(graph.proven.iter().copied()).collect(),
            false => graph.proven.clone(),
        };
        graph.loose = graph.waiters.parents().filter(|parent| !graph.keeps(*parent)).collect();
        graph
    }

    /// The tasks that can never be woken, for certain.
    fn closure(&self) -> TaskSet {
        let (mut needs, mut shared, mut awake) = (Vec::new(), HashMap::new(), Vec::new());
        for actor in self.waiters.exact() {
            for open in self.waiters.open(actor) {
                if !may_be_proven(open.resource) {
                    awake.push(actor);
                    break;
                }
                let key = self.crowd(open).as_ref().map(Rc::as_ptr);
                let known = key.and_then(|key| shared.get(&key)).copied();
                let at = known.unwrap_or(needs.len());
                if at == needs.len() {
                    needs.push(Need::new(self.counterpart(actor, open)));
                    shared.extend(key.map(|key| (key, at)));
                }
                needs[at].waiters.push(actor);
            }
        }
        Closure::new(&self.waiters, needs).stuck(awake)
    }

    /// Whether every task that `holder` has spawned, and that may have got a guard from it, is stuck.
    fn keeps(&self, holder: TaskId) -> bool {
        let is_stuck = |task: &TaskFacts| self.stuck.contains(&self.waiters.actor(task.id));
        self.waiters.children(holder).all(is_stuck)
    }

    /// The holders that could end a wait, and how certain it is that they hold what it is for.
    pub(super) fn counterpart(&self, actor: TaskId, open: &OpenWait<'a>) -> Counterpart {
        if let Some(crowd) = self.crowd(open) {
            return self.of_crowd(actor, open, crowd.end.clone());
        }
        let mut end = self.end(Some(actor), open);
        let queues = || Queues::new(&self.waiters);
        if let Some(holders) = self.queues.get_or_init(queues).holders(actor, open) {
            end.holders = holders;
        }
        self.seen_from(actor, end)
    }

    /// As [`Graph::counterpart`], with a few of the holders where many tasks wait for many.
    pub(super) fn nearest(&self, actor: TaskId, open: &OpenWait<'a>) -> Counterpart {
        match self.crowd(open) {
            Some(crowd) => self.of_crowd(actor, open, crowd.near(actor)),
            None => self.counterpart(actor, open),
        }
    }

    fn of_crowd(&self, actor: TaskId, open: &OpenWait<'a>, mut end: Counterpart) -> Counterpart {
        if open.resource.kind == ResourceKind::Token {
            let task = |holder: &Holder| holder.task.map(|task| self.waiters.actor(task));
            end.holders.retain(|holder| task(holder) != Some(actor));
        }
        self.seen_from(actor, end)
    }

    /// The holders that could end a wait, whichever task waits, if many tasks wait for them.
    pub(super) fn crowd(&self, open: &OpenWait<'a>) -> Option<Rc<Crowd>> {
        let task = |holder: &Holder| holder.task.map(|task| self.waiters.actor(task));
        let find = || Crowd::new(self.end(None, open), task);
        self.crowds.crowd(open.resource, open.wait, find)
    }

    fn end(&self, actor: Option<TaskId>, open: &OpenWait<'a>) -> Counterpart {
        let is_open = |wait: &WaitFacts| wait.task.is_none() || self.waiters.holds(wait);
        match &open.resource.detail {
            Detail::Token(token) if token.cancelled.is_none() => {
                of_handles(&self.handles(actor, open.resource))
            }
            _ => counterpart(open.resource, open.wait, is_open),
        }
    }

    fn seen_from(&self, actor: TaskId, mut end: Counterpart) -> Counterpart {
        // An endpoint that was only created there may have gone to a task that this one has spawned. If no such task
        // lives, only the waiting task can have it.
        let passed = |to: &TaskFacts| self.waiters.actor(to.id) != actor;
        let alone = !self.waiters.is_parent(actor);
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
                    asleep || holder.is_some_and(|t| !self.loose.contains(&t))
                }
                false => asleep,
            };
        }
        end
    }

    /// The live handles by which a token, or one above it, could be cancelled. Handles of `actor`, and those that only wait
    /// for the cancellation, are left out.
    fn handles(&self, actor: Option<TaskId>, token: &'a ResourceFacts) -> Vec<EndpointFacts> {
        let mut all = Vec::new();
        let mut at = Some(token);
        while let Some(resource) = at {
            let Detail::Token(facts) = &resource.detail else {
                break;
            };
            let signals = |h: &&EndpointFacts| {
                let task = h.last_task.map(|t| self.waiters.actor(t));
                task.is_none()
                    || task != actor && !task.is_some_and(|t| self.waits_on(t, resource.id))
            };
            all.extend(facts.handles.iter().filter(signals).copied());
            at = facts.parent.and_then(|id| self.resource(id));
        }
        all
    }

    fn resource(&self, id: ResourceId) -> Option<&'a ResourceFacts> {
        let collect = || self.waiters.observed.resources.iter().map(|r| (r.id, r)).collect();
        self.resources.get_or_init(collect).get(&id).copied()
    }

    fn waits_on(&self, actor: TaskId, resource: ResourceId) -> bool {
        let mut waits = self.waiters.open(actor).iter();
        waits.any(|o| o.resource.id == resource)
    }

    /// A cycle through a stuck task, with the place of the task in it.
    pub(super) fn cycle(&self, actor: TaskId) -> Option<CycleAt> {
        let rings = self.rings.get_or_init(|| {
            let mut stuck: Vec<_> = self.stuck.iter().copied().collect();
            stuck.sort_unstable();
            Rings::new(&stuck, |task| self.edges(task))
        });
        rings.cycle(actor)
    }

    fn edges(&self, at: TaskId) -> Vec<(TaskId, Edge)> {
        let Some(task) = self.waiters.task(at).filter(|_| self.stuck.contains(&at)) else {
            return Vec::new();
        };
        let mut edges = Vec::new();
        for open in self.waiters.open(at) {
            let end = self.nearest(at, open);
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
        let tokens = self.tokens.get_or_init(|| UnheardTokens::new(&self.waiters));
        tokens.ignored(task, &self.waiters)
    }

    /// The channel into which `task` would send though it has no receiver left.
    pub(crate) fn unheard(&self, task: &TaskFacts) -> Option<UnheardStory> {
        let channels = self.unheard.get_or_init(|| UnheardChannels::new(&self.waiters));
        channels.of(task, &self.waiters)
    }

    /// The closed channel on which `task` busy-loops.
    pub(crate) fn spin(&self, task: &TaskFacts) -> Option<SpinStory> {
        let refused = self.refused.get_or_init(|| RefusedEndpoints::new(&self.waiters));
        refused.spin(task, &self.waiters)
    }

    /// The sends of a task that failed, the last one on each channel.
    pub(super) fn failed_sends(&self, actor: TaskId) -> &[FailedSend] {
        let collect = || {
            let mut all: TaskMap<Vec<_>> = TaskMap::default();
            let resources = self.waiters.observed.resources.iter();
            let channels = resources.filter_map(ResourceFacts::channel);
            for (send, before) in channels.filter_map(|c| Some((c.failed?, c.failed_before))) {
                let task = send.task.map(|task| self.waiters.actor(task));
                task.into_iter().for_each(|t| all.entry(t).or_default().push((send, before)));
            }
            all
        };
        self.failed_sends.get_or_init(collect).get(&actor).map_or(&[], |sends| sends)
    }

    /// The closed channel that `task` read last.
    pub(crate) fn ended(&self, task: &TaskFacts) -> Option<SpinStory> {
        self.ended.get_or_init(|| EndedChannels::new(&self.waiters)).of(task, &self.waiters)
    }

    /// Whether every task of the scope waits on what the scope created, so that none can wake another.
    pub(crate) fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Whether all sleeps and the call of the scope, which still runs, is one of those that sleep.
    pub(crate) fn is_call_asleep(&self) -> bool {
        self.asleep && self.waiters.observed.scope.returned.is_none()
    }

    /// Whether it can never be woken, whatever unwatched code does.
    pub(super) fn is_proven_stuck(&self, actor: TaskId) -> bool {
        self.proven.contains(&actor)
    }

    /// The tasks that go on, or may do so.
    pub(super) fn going_on(&self) -> &TaskSet {
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

/// Whether only the known holders could end a wait on it.
fn may_be_proven(resource: &ResourceFacts) -> bool {
    let has_holders = matches!(resource.detail, Detail::Lock(_) | Detail::Join(_) | Detail::Set(_));
    has_holders && resource.kind != ResourceKind::Semaphore && !resource.outside
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
