//! What each task waits on: the tasks of one instant, and the waits that their last polls left open.

use crate::fact::id::{ScopeId, TaskId, TaskKind};
use crate::fact::kind::ResourceKind;
use crate::fact::resource::{Detail, EndpointFacts, HoldFacts, ResourceFacts, WaitFacts};
use crate::fact::task::{ProbeOutcome, ScopeFacts, TaskFacts, TaskState};
use crate::fact::task_map::{TaskMap, TaskSet};
use crate::judge::closed::ClosedChannels;
use crate::stack::Class;
use crate::vocabulary::WaitKind;
use std::cell::OnceCell;
use std::collections::HashSet;

/// What was observed at the instant of the judgement.
pub(crate) struct Observation<'a> {
    pub(crate) scope: &'a ScopeFacts,
    /// The tasks of the scope, which were probed.
    pub(crate) probed: &'a [TaskFacts],
    /// All live tasks, probed or not.
    pub(crate) alive: &'a [TaskFacts],
    /// Threads outside of every task that hold a lock and wait.
    pub(crate) threads: &'a [TaskFacts],
    pub(crate) resources: &'a [ResourceFacts],
    pub(crate) closed: &'a ClosedChannels,
}

/// A wait that its task polled last.
#[derive(Clone, Copy)]
pub(super) struct OpenWait<'a> {
    pub(super) resource: &'a ResourceFacts,
    pub(super) wait: &'a WaitFacts,
}

#[derive(Clone, Copy)]
struct KnownTask<'a> {
    facts: &'a TaskFacts,
    is_probed: bool,
}

/// All live tasks and their waits. An actor is a task, or a call without a task around it: what a call waits for, its
/// task waits for.
pub(super) struct Waiters<'a> {
    pub(super) observed: &'a Observation<'a>,
    tasks: TaskMap<KnownTask<'a>>,
    scopes: HashSet<ScopeId>,
    open: TaskMap<Vec<OpenWait<'a>>>,
    /// Waits of futures in a set that the task polls. The set may have others, of which nothing is known.
    inside: TaskMap<Vec<OpenWait<'a>>>,
    /// Waits of tasks that go on, on something that they wait for again and again.
    renewed: TaskMap<OpenWait<'a>>,
    /// All of `open` and `inside`. Only some locks need it.
    holding: OnceCell<HashSet<*const WaitFacts>>,
    /// The live tasks of the scope by the actor that spawned them.
    children: TaskMap<Vec<&'a TaskFacts>>,
    /// What has spawned a live task, in the scope or not.
    parents: TaskSet,
    /// The tasks whose waits on channels, locks and tasks are all that could wake them.
    exact: TaskSet,
    /// The one actor of the scope that still lives, if there is only one.
    sole: Option<TaskId>,
}

impl<'a> Waiters<'a> {
    pub(super) fn new(seen: &'a Observation<'a>) -> Self {
        let others = seen.threads.iter().chain(seen.alive);
        let others = others.map(|facts| (facts.id, KnownTask { facts, is_probed: false }));
        let probed = seen.probed.iter();
        let probed = probed.map(|facts| (facts.id, KnownTask { facts, is_probed: true }));
        let mut waiters = Waiters {
            tasks: others.chain(probed).collect(),
            scopes: seen.probed.iter().filter_map(|t| t.scope).collect(),
            open: TaskMap::default(),
            inside: TaskMap::default(),
            renewed: TaskMap::default(),
            holding: OnceCell::new(),
            children: TaskMap::default(),
            parents: seen.alive.iter().filter_map(|t| t.parent).collect(),
            exact: TaskSet::default(),
            sole: None,
            observed: seen,
        };
        waiters.scopes.insert(seen.scope.id);
        waiters.collect();
        waiters.relate();
        let exact = waiters.tasks.keys().copied().filter(|actor| waiters.has_known_waits(*actor));
        waiters.exact = exact.collect();
        waiters
    }

    /// Collects once what would take a pass over all tasks for each of them.
    fn relate(&mut self) {
        let mut children: TaskMap<Vec<&'a TaskFacts>> = TaskMap::default();
        let spawned = self.observed.probed.iter().filter(|t| !t.kind.is_call());
        for task in spawned.filter(|t| self.is_alive(t.id)) {
            let parent = task.parent.map(|parent| self.actor(parent));
            parent.into_iter().for_each(|p| children.entry(p).or_default().push(task));
        }
        let first = self.actors().next();
        self.sole = first.filter(|first| self.actors().all(|actor| actor == *first));
        self.children = children;
    }

    /// The waits that still hold, by actor, in the order of their lines.
    fn collect(&mut self) {
        let mut last = TaskMap::default();
        let of_task = |w: &WaitFacts| w.task.map(|t| (t, w.polled));
        let waits = || self.observed.resources.iter().flat_map(|r| &r.waits);
        for (task, polled) in waits().filter_map(of_task) {
            let latest = last.entry(task).or_insert(polled);
            *latest = polled.max(*latest);
        }
        let mut open: TaskMap<Vec<OpenWait<'a>>> = TaskMap::default();
        for resource in self.observed.resources {
            for wait in &resource.waits {
                let Some(task) = wait.task else { continue };
                let (actor, one) = (self.actor(task), OpenWait { resource, wait });
                if self.is_inside_set(actor, wait) {
                    self.inside.entry(actor).or_default().push(one);
                } else if wait.thread.is_some()
                    || last[&task] == wait.polled && self.is_true(task, wait)
                {
                    open.entry(actor).or_default().push(one);
                } else if resource.kind == ResourceKind::Token {
                    self.renewed.insert(actor, one);
                }
            }
        }
        for waits in open.values_mut() {
            // While its thread waits as a whole, no waker reaches the task.
            if waits.iter().any(|o| o.wait.thread.is_some()) {
                waits.retain(|o| o.wait.thread.is_some());
            }
            // Not by their age: a `select!` polls its branches in another order each time.
            waits.sort_by_key(|o| o.wait.at);
        }
        self.inside.values_mut().for_each(|waits| waits.sort_by_key(|o| o.wait.since));
        self.open = open;
    }

    /// Whether it is the wait of a future in a set that the task polls. Such a set has wakers of its own, and polls only
    /// those futures that were woken.
    fn is_inside_set(&self, actor: TaskId, wait: &WaitFacts) -> bool {
        let waker = self.task(actor).map(|task| task.waker);
        waker.is_some_and(|waker| wait.waker.differs(waker)) && self.polls_set(actor)
    }

    /// Whether the last poll of the task reached a set with wakers of its own.
    fn polls_set(&self, actor: TaskId) -> bool {
        let is_set = |kind| matches!(kind, WaitKind::FuturesUnordered | WaitKind::SharedFuture);
        let stacks = self.task(actor).map_or(&[][..], |task| task.stacks());
        stacks.iter().any(|stack| is_set(stack.wait()))
    }

    /// Whether the last poll of its task saw the wait. A future that is polled with a waker of its own, as in a
    /// `FuturesUnordered`, is not polled by the probe.
    fn is_true(&self, task: TaskId, wait: &WaitFacts) -> bool {
        self.task(task).is_some_and(|facts| {
            let answered = match &facts.answer {
                ProbeOutcome::Pending(answer) => wait.polled >= answer.began,
                _ => true,
            };
            answered && u64::from(wait.polls) >= facts.polls
        })
    }

    /// The task that a record stands for. What is around the scope was not probed, so the outermost call of the scope
    /// stands for itself.
    pub(super) fn actor(&self, task: TaskId) -> TaskId {
        let mut at = task;
        while let Some(known) = self.tasks.get(&at) {
            let KnownTask { facts, is_probed } = *known;
            if !facts.kind.is_call() {
                if is_probed {
                    return at;
                }
                break;
            }
            let inside = |p: &TaskId| !is_probed || self.probed_record(*p).is_some();
            let known = facts.parent.filter(|p| self.tasks.contains_key(p) && inside(p));
            match known {
                Some(parent) if parent < at => at = parent,
                _ => break,
            }
        }
        self.probed_record(at).unwrap_or(at)
    }

    /// Of several records of one future, the one that was probed.
    fn probed_record(&self, at: TaskId) -> Option<TaskId> {
        let mut record = at;
        loop {
            let known = self.tasks.get(&record)?;
            if known.is_probed {
                return Some(record);
            }
            record = known.facts.inner?;
        }
    }

    /// Whether `task` is `outer`, or a call inside it.
    pub(super) fn is_within(&self, task: TaskId, outer: TaskId) -> bool {
        let around = |at: &TaskId| {
            let call = self.task(*at).filter(|t| t.kind.is_call())?;
            call.parent.filter(|parent| parent < at)
        };
        std::iter::successors(Some(task), around).any(|at| at == outer)
    }

    pub(super) fn task(&self, actor: TaskId) -> Option<&'a TaskFacts> {
        self.tasks.get(&actor).map(|known| known.facts)
    }

    pub(super) fn is_alive(&self, task: TaskId) -> bool {
        let returned = self.observed.scope.returned.is_some() && task == self.observed.scope.id.0;
        let known = self.task(task);
        !returned && known.is_some_and(|t| !matches!(t.answer, ProbeOutcome::Ended))
    }

    /// The actor of a live task.
    pub(super) fn living(&self, task: Option<TaskId>) -> Option<TaskId> {
        task.filter(|t| self.is_alive(*t)).map(|t| self.actor(t))
    }

    /// Whether the judged tasks belong to that scope.
    pub(super) fn has_scope(&self, scope: ScopeId) -> bool {
        self.scopes.contains(&scope)
    }

    pub(super) fn is_inside(&self, task: TaskId) -> bool {
        let scope = self.task(task).and_then(|t| t.scope);
        scope.is_some_and(|s| self.scopes.contains(&s))
    }

    pub(super) fn open(&self, actor: TaskId) -> &[OpenWait<'a>] {
        self.open.get(&actor).map_or(&[], |waits| waits)
    }

    /// Whether the wait still holds.
    pub(super) fn holds(&self, wait: &WaitFacts) -> bool {
        let collect = || {
            let all = self.open.values().chain(self.inside.values()).flatten();
            all.map(|open| std::ptr::from_ref(open.wait)).collect()
        };
        self.holding.get_or_init(collect).contains(&std::ptr::from_ref(wait))
    }

    /// The waits of the futures in a set that it polls, the oldest first.
    pub(super) fn inside(&self, actor: TaskId) -> &[OpenWait<'a>] {
        self.inside.get(&actor).map_or(&[], |waits| waits)
    }

    /// The token by which a task that goes on could be stopped.
    pub(super) fn renewed(&self, actor: TaskId) -> Option<&OpenWait<'a>> {
        self.renewed.get(&actor)
    }

    /// The actors of the scope that still live.
    pub(super) fn actors(&self) -> impl Iterator<Item = TaskId> + '_ {
        let alive = self.observed.probed.iter().filter(|t| self.is_alive(t.id));
        alive.map(|t| self.actor(t.id))
    }

    /// The actors of the scope, and the threads outside of every task, that only known waits could wake.
    pub(super) fn exact(&self) -> TaskSet {
        let threads = self.observed.threads.iter().map(|thread| thread.id);
        self.actors().chain(threads).filter(|actor| self.is_exact(*actor)).collect()
    }

    /// How many of its wakers wait for the end of an unknown task. A join through a drop-in knows its task.
    pub(super) fn joins(&self, actor: TaskId) -> usize {
        let stacks = self.task(actor).map_or(&[][..], |t| t.stacks());
        let joining = stacks.iter().filter(|s| {
            matches!(s.wait(), WaitKind::Join | WaitKind::JoinSet | WaitKind::TaskTracker)
        });
        let known = |o: &&OpenWait| {
            matches!(o.resource.kind, ResourceKind::JoinTask | ResourceKind::JoinSet)
        };
        let known = self.open(actor).iter().filter(known).count();
        joining.count().saturating_sub(known)
    }

    /// The tasks that it has spawned, one of which it may wait for.
    pub(super) fn children(&self, actor: TaskId) -> impl Iterator<Item = &'a TaskFacts> + '_ {
        let all = self.children.get(&actor).into_iter().flatten().copied();
        all.filter(move |task| task.id != actor)
    }

    /// The tasks that have spawned a live task of the scope.
    pub(super) fn parents(&self) -> impl Iterator<Item = TaskId> + '_ {
        self.children.keys().copied()
    }

    /// Whether a live task has it as its parent.
    pub(super) fn is_parent(&self, task: TaskId) -> bool {
        self.parents.contains(&task)
    }

    /// The only actor of the scope that still lives.
    pub(super) fn sole(&self) -> Option<TaskId> {
        self.sole
    }

    /// Whether its waits on channels, locks and tasks are all that could wake it.
    pub(super) fn is_exact(&self, actor: TaskId) -> bool {
        self.exact.contains(&actor)
    }

    fn has_known_waits(&self, actor: TaskId) -> bool {
        let waits = self.open(actor);
        let Some(task) = self.task(actor) else {
            return false;
        };
        match (&task.answer, task.state) {
            (ProbeOutcome::Pending(answer), TaskState::Idle { .. }) => {
                let timed = |class| matches!(class, Class::Timer | Class::Io);
                let known = waits.len() + self.joins(actor);
                answer.woke_itself == 0
                    && (1..=known).contains(&answer.registered)
                    && !answer.stacks.iter().any(|s| timed(s.wait().class()))
                    && !self.polls_set(actor)
            }
            (_, TaskState::Polling { .. }) => {
                matches!(waits, [one] if one.wait.thread.is_some())
            }
            _ => false,
        }
    }

    /// Whether every task of their runtime was probed.
    pub(super) fn sees_all(&self) -> bool {
        let alive = || self.observed.probed.iter().filter(|t| self.is_alive(t.id));
        let tasks = alive().filter(|t| t.kind == TaskKind::Async).count();
        alive().all(|t| match &t.answer {
            ProbeOutcome::Pending(answer) => answer.beside == Some(tasks),
            _ => !t.kind.is_polled(),
        })
    }

    /// Whether every task of the scope only waits on what the scope created, and no other task is known that could end
    /// one of the waits.
    pub(super) fn all_asleep(&self) -> bool {
        let made_here = |r: &ResourceFacts| r.scope.is_some_and(|s| self.scopes.contains(&s));
        let own = |o: &OpenWait| {
            !o.resource.outside && (made_here(o.resource) || self.is_held_inside(o.resource))
        };
        let background =
            |t: &TaskFacts| t.background && t.scope.is_some_and(|s| self.scopes.contains(&s));
        !self.observed.alive.iter().any(background)
            && self.sees_all()
            && !self.reaches_outside()
            && self.actors().all(|a| self.is_exact(a) && self.open(a).iter().all(own))
    }

    /// Whether tasks of the scope hold a lock, and only they can release it. A lock of std's is known only since its first
    /// use, so that it may be older than the scope.
    fn is_held_inside(&self, resource: &ResourceFacts) -> bool {
        let Detail::Lock(lock) = &resource.detail else {
            return false;
        };
        let holder = |hold: &HoldFacts| self.living(hold.task).filter(|_| !hold.movable);
        let is_inside = |hold: &HoldFacts| holder(hold).is_some_and(|task| self.is_inside(task));
        let is_lock = resource.kind.blocks() && lock.unheld() == 0;
        is_lock && lock.holds.iter().all(is_inside)
    }

    /// Whether a task of the scope has a channel whose other side is used outside of the scope, so that its messages
    /// are unknown.
    fn reaches_outside(&self) -> bool {
        let channels = self.observed.resources.iter().filter_map(|r| r.channel());
        channels.into_iter().any(|channel| {
            let ends = || channel.senders.iter().chain(&channel.receivers);
            let is_ours = |e: &EndpointFacts| {
                let actor = self.living(e.last_task);
                actor.is_some_and(|a| self.is_inside(a))
            };
            let is_foreign = |e: &EndpointFacts| match self.living(e.last_task) {
                Some(actor) => !self.is_inside(actor),
                None => e.last_task.is_none() && !e.is_unused(),
            };
            ends().any(is_ours) && ends().any(is_foreign)
        })
    }
}
