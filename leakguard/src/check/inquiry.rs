//! Probes tasks for where they wait, and puts their responses together as facts.

use crate::check::disturbance::Disturbance;
use crate::check::native;
use crate::clock::{self, Instant};
use crate::context;
use crate::fact::id::TaskId;
use crate::fact::task::{PendingWaits, ProbeOutcome, TaskFacts, TaskState};
use crate::fact::task_map::TaskMap;
use crate::judge::verdict::BUSY_POLL;
use crate::record::live::Live;
use crate::record::probe::{PollResponse, Probe, ProbeReply};
use crate::record::task::Task;
use crate::site::Site;
use crate::stack::{self, Resolver};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How long an inquiry waits for the next response. After that the missing tasks or their executor are busy.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long an inquiry lasts at most while responses come.
const LONGEST: Duration = Duration::from_millis(2_500);

/// A probe of several tasks that is under way.
pub(crate) struct Inquiry {
    probe: Arc<Probe>,
    tasks: Vec<Live>,
    /// When the first task was about to be woken, and when each was.
    began: Instant,
    woken: TaskMap<Instant>,
    _disturbance: Disturbance,
}

impl Inquiry {
    /// Probes those of `tasks` that can respond, and calls `on_complete` when the last one has.
    pub(crate) fn begin(
        tasks: Vec<Live>,
        is_judge: bool,
        on_complete: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        // Not in the polls that respond.
        stack::prepare();
        let now = clock::now();
        let able: Vec<_> = tasks.iter().filter(|t| can_respond(t, now)).collect();
        let probe = Arc::new(Probe::new(now, is_judge, able.len(), on_complete));
        // Before the first is woken: what wakes one task may poll another, as a call inside it or a set around it.
        let disturbance = Disturbance::begin(able.iter().map(|task| (**task).clone()));
        for task in &able {
            if !task.send_probe(&probe) {
                probe.reply(ProbeReply { task: task.id, poll: None });
            }
        }
        let (began, woken) = (clock::now(), wake(&able));
        Inquiry { probe, tasks, began, woken, _disturbance: disturbance }
    }

    /// When it is over, unless more responses come.
    pub(crate) fn until(&self) -> Instant {
        let patient = self.probe.last_reply().max(self.began).plus(PATIENCE);
        patient.min(self.began.plus(LONGEST))
    }

    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.probe.is_complete() || now >= self.until()
    }

    /// The longest delay of an executor before a poll that responded.
    pub(crate) fn slowest_response(&self) -> Duration {
        self.probe.slowest(|task| self.woken.get(&task).copied().unwrap_or(self.began))
    }

    /// The probed tasks as they are now, with their responses.
    pub(crate) fn facts(self) -> Vec<TaskFacts> {
        let replies = Replies::new(self.probe.take());
        let Inquiry { tasks, _disturbance: disturbance, .. } = self;
        let mut all = facts_of(&tasks);
        drop(disturbance);
        for facts in &mut all {
            if facts.kind.is_polled() && replies.of(facts.id).is_none() {
                facts.answer = ProbeOutcome::NoResponse;
            }
        }
        // Before resolving stacks, while the threads are still where they were at the end of the inquiry.
        native::add_stacks(&mut all, &tasks);
        let mut resolver = Resolver::default();
        for facts in &mut all {
            match replies.of(facts.id).map(|reply| &reply.poll) {
                None => {}
                Some(None) => facts.answer = ProbeOutcome::Ended,
                Some(Some(poll)) => {
                    undo_extra_poll(facts, poll);
                    facts.answer = outcome(poll, &mut resolver);
                }
            }
        }
        all
    }
}

/// Has each task polled once, and returns when it was woken. A call is polled with what is around it, and a second poll
/// would not respond to anything and count as progress.
fn wake(tasks: &[&Live]) -> TaskMap<Instant> {
    let (mut marks, mut woken) = (HashSet::new(), TaskMap::default());
    let (calls, spawned): (Vec<&Live>, Vec<&Live>) =
        tasks.iter().partition(|task| task.kind().is_call());
    let mut now = clock::now();
    for (at, task) in spawned.into_iter().enumerate() {
        // A wake takes a microsecond, so that not each one needs the exact time.
        if at % 16 == 0 {
            now = clock::now();
        }
        // Without a call they are not needed.
        calls.first().into_iter().for_each(|_| _ = marks.insert(task.waker_mark()));
        woken.insert(task.id, now);
        task.wake_to_respond();
    }
    for call in calls {
        if marks.insert(call.waker_mark()) {
            woken.insert(call.id, clock::now());
            call.wake_to_respond();
        }
    }
    woken
}

/// The replies by task.
struct Replies {
    all: Vec<ProbeReply>,
    /// The likely place of the next wanted reply, because tasks are visited in the order of their numbers.
    next: Cell<usize>,
}

impl Replies {
    fn new(mut all: Vec<ProbeReply>) -> Self {
        all.sort_by_key(|reply| reply.task);
        Replies { all, next: Cell::new(0) }
    }

    fn of(&self, task: TaskId) -> Option<&ProbeReply> {
        let guess = self.next.get();
        let at = match self.all.get(guess) {
            Some(reply) if reply.task == task => guess,
            _ => self.all.binary_search_by_key(&task, |reply| reply.task).ok()?,
        };
        self.next.set(at + 1);
        self.all.get(at)
    }
}

/// A task that was never polled has no waker yet, and a task that is stuck in a poll cannot respond.
fn can_respond(task: &Task, now: Instant) -> bool {
    let has_waker = task.kind().is_polled() && task.polls() > 0;
    has_waker && !(task.is_polling() && now.since(task.since()) > BUSY_POLL)
}

/// A task that has responded and is polled right now may be in another poll that the probe has caused.
fn undo_extra_poll(facts: &mut TaskFacts, poll: &PollResponse) {
    let is_short = |since| clock::now().since(since) < BUSY_POLL;
    let extra = matches!(facts.state, TaskState::Polling { since } if is_short(since));
    if extra && poll.wait_before == poll.wait_after {
        facts.state = TaskState::Idle { since: poll.idle_since };
        facts.wait_at = poll.wait_after;
        facts.polls = facts.polls.saturating_sub(1);
    }
}

fn outcome(poll: &PollResponse, resolver: &mut Resolver) -> ProbeOutcome {
    if poll.ready {
        return ProbeOutcome::Ended;
    }
    ProbeOutcome::Pending(PendingWaits {
        stacks: stack::in_order(resolver.resolve(&poll.capture.stacks)),
        registered: poll.capture.clones,
        woke_itself: poll.capture.wakes,
        began: poll.began,
        beside: poll.beside,
    })
}

/// Where helpers wrapped the future of `task` again, the first one first.
fn through(task: &Task, wrappers: &HashMap<TaskId, &Live>) -> Vec<&'static Site> {
    let first = wrappers.get(&task.id);
    let later = std::iter::successors(first, |wrapper| wrappers.get(&wrapper.id));
    // If `leakguard::thread` starts a closure of generated code, both records have the same site.
    let sites = later.map(|wrapper| wrapper.site);
    sites.filter(|site| site.location() != task.site.location()).collect()
}

/// The facts of `tasks` without a probe. A helper's later record of the same future is left out.
pub(crate) fn facts_of(tasks: &[Live]) -> Vec<TaskFacts> {
    let wrapped: HashSet<TaskId> = tasks.iter().filter(|t| t.is_wrapped()).map(|t| t.id).collect();
    // By the record that each one wraps.
    let wrappers: HashMap<TaskId, &Live> =
        tasks.iter().filter_map(|t| Some((t.inner()?, t))).collect();
    let mut all = Vec::with_capacity(tasks.len());
    for task in tasks {
        let mut facts = task.facts();
        if facts.inner.is_some_and(|inner| wrapped.contains(&inner)) {
            continue;
        }
        if task.is_wrapped() {
            facts.through = through(task, &wrappers);
        }
        if let TaskState::Polling { .. } = facts.state {
            facts.thread = context::thread(task.thread());
        }
        all.push(facts);
    }
    all
}
