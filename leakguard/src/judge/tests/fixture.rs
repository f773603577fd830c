//! Constructed facts on tasks, channels and locks at one instant.

use crate::clock::Instant;
use crate::fact::cause::Blockage;
use crate::fact::id::{Ending, ResourceId, Role, ScopeId, TaskId, TaskKind, WakerMark};
use crate::fact::kind::{Operation, Refusal, ResourceKind, Side};
use crate::fact::options::Rule;
use crate::fact::resource::{
    ChannelFacts, Detail, EndpointFacts, HoldFacts, LockFacts, ResourceFacts, WaitFacts,
};
use crate::fact::task::{
    NativeStack, PendingWaits, ProbeOutcome, ScopeFacts, TaskFacts, TaskState,
};
use crate::judge::closed::{ClosedChannels, RefusalCounts};
use crate::judge::graph::Graph;
use crate::judge::waiters::Observation;
use crate::site::Site;
use crate::stack::Stack;
use crate::vocabulary::{Action, SiteKind};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

static SITE: Site = Site::new(SiteKind::Spawn, "work", "tokio::spawn", "pool");

pub(super) fn at(millis: u64) -> Instant {
    Instant::from_nanos(millis * 1_000_000)
}

/// When all tasks were probed, in milliseconds.
const NOW: u64 = 1_000;
/// Number of polls of every task and wait.
const POLLS: u32 = 3;

/// A task of the scope that responded with this number of wakers. `World::new` sets `beside`.
pub(in crate::judge) fn task(id: u64, wakers: usize) -> TaskFacts {
    TaskFacts {
        id: TaskId::new(id).unwrap(),
        kind: TaskKind::Async,
        name: "worker",
        future: "pool::worker::{{closure}}",
        site: &SITE,
        inner: None,
        through: Vec::new(),
        parent: TaskId::new(1),
        scope: Some(ScopeId(TaskId::new(1).unwrap())),
        began: at(10),
        polls: u64::from(POLLS),
        state: TaskState::Idle { since: at(20) },
        wait_at: None,
        waker: WakerMark::UNKNOWN,
        background: false,
        detached: false,
        thread: None,
        native: NativeStack::NotProbed,
        answer: ProbeOutcome::Pending(PendingWaits {
            stacks: Vec::new(),
            registered: wakers,
            woke_itself: 0,
            began: at(NOW),
            beside: None,
        }),
    }
}

/// The call of the scope, which is still running.
pub(super) fn call(wakers: usize) -> TaskFacts {
    TaskFacts { kind: TaskKind::Call, parent: None, ..task(1, wakers) }
}

/// Adds a stack that ends in `leaf` to the response of `task`.
pub(in crate::judge) fn with_leaf(mut task: TaskFacts, leaf: &str) -> TaskFacts {
    if let ProbeOutcome::Pending(answer) = &mut task.answer {
        let frames = [(leaf, None), ("pool::work", Some(("src/pool.rs", 4, 1)))];
        answer.stacks.push(Arc::new(Stack::of_table(&frames)));
    }
    task
}

#[track_caller]
pub(in crate::judge) fn wait(task: u64, operation: Operation) -> WaitFacts {
    WaitFacts {
        number: task,
        task: TaskId::new(task),
        thread: None,
        thread_number: None,
        operation,
        at: Location::caller(),
        permits: 1,
        seen: 0,
        since: at(20),
        polls: POLLS,
        polled: at(NOW),
        waker: WakerMark::UNKNOWN,
    }
}

pub(super) fn thing(kind: ResourceKind, waits: Vec<WaitFacts>, detail: Detail) -> ResourceFacts {
    ResourceFacts {
        id: ResourceId(0),
        kind,
        capacity: Some(1),
        created: Location::caller(),
        created_by: TaskId::new(1),
        scope: Some(ScopeId(TaskId::new(1).unwrap())),
        began: at(5),
        outside: false,
        waits,
        detail,
    }
}

/// A lock with its permits, holders and waiters.
pub(super) fn lock(
    kind: ResourceKind,
    permits: usize,
    holds: Vec<HoldFacts>,
    waits: Vec<WaitFacts>,
) -> ResourceFacts {
    let lock = LockFacts { permits, is_static: false, released: None, forgotten: None, holds };
    thing(kind, waits, Detail::Lock(lock))
}

/// A mutex that `holder` holds and `waiters` wait for.
#[track_caller]
pub(super) fn mutex(holder: u64, waiters: &[u64]) -> ResourceFacts {
    let waits = waiters.iter().map(|w| wait(*w, Operation::Lock)).collect();
    lock(ResourceKind::Mutex, 1, vec![hold(holder, 1)], waits)
}

#[track_caller]
pub(super) fn hold(task: u64, permits: usize) -> HoldFacts {
    HoldFacts {
        task: TaskId::new(task),
        thread_number: None,
        at: Some(Location::caller()),
        since: at(15),
        permits,
        exclusive: false,
        movable: false,
    }
}

/// An endpoint that `task` has used.
#[track_caller]
pub(super) fn endpoint(side: Side, task: u64) -> EndpointFacts {
    EndpointFacts { last_at: Some(Location::caller()), ..unused(side, task) }
}

/// An unused endpoint that `task` created.
pub(super) fn unused(side: Side, task: u64) -> EndpointFacts {
    let created = Location::caller();
    EndpointFacts {
        id: 7,
        side,
        created,
        created_by: TaskId::new(task),
        last_task: TaskId::new(task),
        last_at: Some(created),
        handed: false,
        heard: false,
        refused: 0,
        refused_at: at(0),
        refusal: Refusal::None,
    }
}

/// An empty channel, on which a task receives.
pub(in crate::judge) fn channel(
    kind: ResourceKind,
    receiver: u64,
    senders: Vec<EndpointFacts>,
    wait: WaitFacts,
) -> ResourceFacts {
    let channel = ChannelFacts {
        sent: 0,
        received: 0,
        lost: 0,
        depth: 0,
        queued: Vec::new(),
        carries: false,
        high: 0,
        senders,
        receivers: vec![endpoint(Side::Receiver, receiver)],
        failed: None,
        lagged: None,
        failed_before: 0,
        gone: Vec::new(),
        ended: None,
    };
    thing(kind, vec![wait], Detail::Channel(channel))
}

/// All facts at one instant.
pub(super) struct World {
    pub(super) scope: ScopeFacts,
    pub(super) tasks: Vec<TaskFacts>,
    /// What else lives, which was not probed.
    around: Vec<TaskFacts>,
    threads: Vec<TaskFacts>,
    pub(super) resources: Vec<ResourceFacts>,
}

impl World {
    /// The ids of the resources follow their order in the list.
    pub(super) fn new(mut tasks: Vec<TaskFacts>, mut resources: Vec<ResourceFacts>) -> Self {
        let spawned = tasks.iter().filter(|t| t.kind == TaskKind::Async).count();
        for task in &mut tasks {
            if let ProbeOutcome::Pending(answer) = &mut task.answer {
                answer.beside = Some(spawned);
            }
        }
        for (id, resource) in resources.iter_mut().enumerate() {
            resource.id = ResourceId(id as u64 + 1);
        }
        let returned = !tasks.iter().any(|t| t.kind.is_call());
        World { scope: scope(returned), tasks, around: Vec::new(), threads: Vec::new(), resources }
    }

    /// Adds threads outside of every task.
    pub(super) fn with_threads(self, threads: Vec<TaskFacts>) -> Self {
        World { threads, ..self }
    }

    /// Adds a task to the runtime that leakguard did not see start.
    pub(super) fn with_unseen(mut self) -> Self {
        for task in &mut self.tasks {
            if let ProbeOutcome::Pending(answer) = &mut task.answer {
                answer.beside = answer.beside.map(|n| n + 1);
            }
        }
        self
    }

    /// Adds tasks and calls outside of the scope, which were not probed.
    pub(super) fn within(self, around: impl IntoIterator<Item = TaskFacts>) -> Self {
        let away = |t| TaskFacts { scope: None, answer: ProbeOutcome::NotProbed, ..t };
        World { around: around.into_iter().map(away).collect(), ..self }
    }

    pub(super) fn judge<R>(&self, judge: impl FnOnce(&Graph<'_>) -> R) -> R {
        judge(&Graph::new(&Observation {
            scope: &self.scope,
            probed: &self.tasks,
            alive: &[&self.tasks[..], &self.around].concat(),
            threads: &self.threads,
            resources: &self.resources,
            closed: &self.turning(),
        }))
    }

    /// Assumes one refusal since the probe for each endpoint that was refused after it.
    fn turning(&self) -> ClosedChannels {
        let mut before = self.resources.clone();
        for resource in &mut before {
            let Detail::Channel(channel) = &mut resource.detail else {
                continue;
            };
            let endpoints = channel.receivers.iter_mut().chain(&mut channel.senders);
            for endpoint in endpoints.filter(|endpoint| endpoint.refused_at >= at(NOW)) {
                endpoint.refused -= 1;
            }
        }
        ClosedChannels::new(RefusalCounts::new(&before, at(NOW)), &self.resources)
    }

    pub(super) fn blockage(&self, task: u64) -> Blockage {
        let facts = self.tasks.iter().find(|t| t.id.get() == task).unwrap();
        self.judge(|graph| graph.blockage(facts)).unwrap()
    }

    /// The tasks in the cycle of a task, empty without a cycle.
    pub(super) fn cycle(&self, task: u64) -> Vec<u64> {
        let cycle = self.blockage(task).cycle;
        cycle.iter().map(|edge| edge.waiter.id.get()).collect()
    }
}

fn scope(returned: bool) -> ScopeFacts {
    ScopeFacts {
        id: ScopeId(TaskId::new(1).unwrap()),
        site: &SITE,
        name: "work",
        rule: Rule {
            timeout: None,
            overrun: None,
            grace: Duration::from_millis(100),
            on_leak: Action::Log,
            on_overrun: Action::Log,
            allow: None,
        },
        entered: at(0),
        role: Role::Call,
        test: None,
        extended: Duration::ZERO,
        paused: false,
        ended_in: None,
        observed: Vec::new(),
        sleeps: Vec::new(),
        returned: returned.then(|| (at(30), Ending::Returned)),
    }
}
