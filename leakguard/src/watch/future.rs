//! A watched future, which keeps the record of its task up to date.

use crate::fact::id::TaskKind;
use crate::older::alive_tasks;
use crate::record::event;
use crate::record::live::{Live, RecordHandle, SpawnedTask};
use crate::record::probe::{PollResponse, ProbeReply};
use crate::record::record_arc::RecordArc;
use crate::record::task::{Task, TaskMeta};
use crate::site::{CallSite, Site};
use crate::watch::budget::Budget;
use crate::watch::inside::{self, Inside};
use crate::watch::registered::{self, SpawnRef};
use crate::{clock, context, registry, stack};
use pin_project_lite::pin_project;
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// The file of the places from which leakguard polls the future of a task.
pub(crate) const FILE: &str = file!();

pin_project! {
    /// A watched future. Its output and its polls are those of the inner one. It is only one pointer larger, because
    /// a program may have a hundred thousand idle tprobes.
    ///
    /// It has no destructor of its own. A destructor that knows `F` would extend what `F` borrows to the end of its
    /// block, and break programs that build without it. Instead, the fields before and after the future run its
    /// destructor inside the task, because that may spawn.
    pub struct Watched<F> {
        record: EnterBeforeDrop,
        #[pin]
        future: F,
        _end: EndAfterDrop,
    }
}

/// Dropped before the future. `None` once the future was ready, and if leakguard is off.
struct EnterBeforeDrop(Option<RecordArc<SpawnedTask>>);

impl Drop for EnterBeforeDrop {
    fn drop(&mut self) {
        inside::enter_to_drop(self.0.take());
    }
}

/// Dropped after the future, even if its destructor panics.
struct EndAfterDrop;

impl Drop for EndAfterDrop {
    fn drop(&mut self) {
        if let Some(RecordArc(record)) = inside::leave_dropped() {
            registry::global().end(record);
        }
    }
}

impl<F: Future> Watched<F> {
    const META: TaskMeta = TaskMeta { kind: TaskKind::Async, type_name: std::any::type_name::<F> };

    /// Registers `future` as a task that is spawned at `site`.
    pub fn new(future: F, site: &'static Site, detached: bool) -> Self {
        Self::register(future, site, detached, false)
    }

    fn register(future: F, site: &'static Site, detached: bool, background: bool) -> Self {
        let record = inside::register(&Self::META, site, detached, background);
        registered::note(record.as_ref());
        Self::around(future, record)
    }

    /// Registers `future` as a task that a twin spawns at `at`.
    pub(crate) fn spawned(future: F, name: &'static str, at: CallSite) -> (Self, SpawnRef) {
        let (record, spawned) = registered::register(&Self::META, name, at);
        (Self::around(future, record), spawned)
    }

    /// Registers `future` as the body of a runtime with a scope, which the drop-in `name` runs.
    pub(crate) fn body(future: F, name: &'static str, at: CallSite) -> Self {
        Self::around(future, inside::register(&Self::META, Site::of_body(name, at), false, false))
    }

    fn around(future: F, record: Option<Arc<SpawnedTask>>) -> Self {
        Watched { record: EnterBeforeDrop(record.map(RecordArc)), future, _end: EndAfterDrop }
    }
}

impl<F> Watched<F> {
    /// Its record, or `None` if leakguard is off.
    pub(crate) fn live(&self) -> Option<Live> {
        self.record.0.as_ref().map(|record| record.live())
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(record) = &this.record.0 else {
            // It was ready before. The future decides what another poll does.
            return this.future.poll(cx);
        };
        let poll = poll_inside(&**record, this.future, cx);
        if poll.is_ready()
            && let Some(RecordArc(record)) = this.record.0.take()
        {
            registry::global().end(record);
        }
        poll
    }
}

/// A future that a spawn does not wrap, because it watches itself.
pub trait SelfWatched {
    /// The watched future.
    type Future: Future;
    /// Registers it as a task that is spawned at `site`, unless it is registered already.
    fn watched(self, site: &'static Site, detached: bool) -> Watched<Self::Future>;
}

impl<F: Future> SelfWatched for Watched<F> {
    type Future = F;

    fn watched(self, _: &'static Site, _: bool) -> Watched<F> {
        self
    }
}

impl<F: Future> SelfWatched for Background<F> {
    type Future = F;

    fn watched(self, site: &'static Site, detached: bool) -> Watched<F> {
        Watched::register(self.future, site, detached, true)
    }
}

/// Polls `future` inside the task of `handle`.
#[inline]
pub(crate) fn poll_inside<F: Future>(
    handle: &impl RecordHandle,
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<F::Output> {
    let task = handle.task();
    if task.is_disturbed() {
        return poll_disturbed(handle, future, cx);
    }
    let inside = Inside::enter(task);
    let poll = future.poll(cx);
    inside.leave();
    if poll.is_pending() {
        keep_waker(task, cx.waker());
    }
    poll
}

#[inline]
pub(super) fn keep_waker(task: &Task, waker: &Waker) {
    // While a poll captures stacks, `waker` is the one that captures them.
    if !task.has_kept(waker) && !context::is_capturing() {
        task.keep_waker(waker);
    }
}

thread_local! {
    /// Number of polls by the waker of a set, in which this thread polled a disturbed task.
    static IN_SETS: Cell<u32> = const { Cell::new(0) };
}

/// Polls while a probe is under way. A poll that changes nothing may be the probe's doing, so the record ignores it.
#[cold]
fn poll_disturbed<F: Future>(
    handle: &impl RecordHandle,
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<F::Output> {
    let task = handle.task();
    // A future in a set is polled by the waker of that set, and any other by that of the poll around it.
    if context::is_capturing() && task.has_kept(cx.waker()) {
        IN_SETS.set(IN_SETS.get().wrapping_add(1));
    }
    if task.is_probed() {
        return respond(handle.live(), future, cx);
    }
    let (idle_since, wait_before) = (task.stamped(), task.wait.get());
    let inside = Inside::enter(task);
    let poll = future.poll(cx);
    inside.leave();
    if poll.is_pending() {
        keep_waker(task, cx.waker());
        if wait_before == task.wait.get() {
            task.undo_poll(idle_since);
        }
    }
    poll
}

/// Polls so that the stack of each leaf is captured, and replies to the open probes.
#[cold]
fn respond<F: Future>(task: Live, future: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
    let (idle_since, wait_before) = (task.stamped(), task.wait.get());
    let began = clock::now();
    // A look at the budget takes longer than most polls, so only where the end of this one would be reported.
    let may_be_lost =
        wait_before.is_some() && event::is_prompt(task.probed_at(), idle_since, began);
    let budget = may_be_lost.then(Budget::left);
    let inside = Inside::enter_at(&task, began);
    let capturing = context::Capturing::begin();
    let in_sets = IN_SETS.get();
    let (poll, mut capture) = stack::capture(cx.waker(), |cx| future.poll(cx));
    drop(capturing);
    let by_tokio = poll.is_ready() && budget.is_some_and(Budget::is_used);
    if in_sets != IN_SETS.get() {
        // The probe woke a future in a set, and a set that has polled all its futures wakes its task.
        capture.wakes = 0;
    }
    inside.leave();
    // If the poll panics, the probes stay open until the record ends.
    let probes = task.take_probes();
    let reply = Arc::new(PollResponse {
        capture,
        ready: poll.is_ready(),
        probed: probes.first().map_or(began, |probe| probe.sent),
        idle_since: clock::settled(idle_since),
        began,
        thread: task.thread(),
        beside: beside(),
        by_tokio,
        wait_before,
        wait_after: task.wait.get(),
    });
    if probes.iter().any(|probe| probe.is_judge)
        && let Some(event) = event::lost_wakeup(&reply)
    {
        registry::global().note(task.clone(), event);
    }
    if !reply.ready {
        keep_waker(&task, cx.waker());
        if reply.wait_before == reply.wait_after {
            // It still waits at the same place, so the record ignores this poll.
            task.undo_poll(idle_since);
        }
    }
    for probe in probes {
        probe.reply(ProbeReply { task: task.id, poll: Some(reply.clone()) });
    }
    poll
}

/// How many tasks are alive on the runtime that polls now.
fn beside() -> Option<usize> {
    let handle = tokio::runtime::Handle::try_current().ok()?;
    alive_tasks(&handle)
}

impl<F: fmt::Debug> fmt::Debug for Watched<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.future.fmt(f)
    }
}

// A record is only read or replaced as a whole, so that a caught panic cannot leave it half written.
impl<F: std::panic::UnwindSafe> std::panic::UnwindSafe for Watched<F> {}
impl<F: std::panic::RefUnwindSafe> std::panic::RefUnwindSafe for Watched<F> {}

pin_project! {
    /// A future that is meant to outlive its scope; created by [`background`].
    #[derive(Debug)]
    pub struct Background<F> {
        #[pin]
        future: F,
        marked: bool,
    }
}

/// Marks a task as meant to outlive its scope. No finding reports it, and dumps still show it.
///
/// The tasks that it spawns are meant to outlive the scope as well.
///
/// ```
/// # async fn heartbeat() {}
/// # #[leakguard::track]
/// # async fn start() {
/// tokio::spawn(leakguard::background(heartbeat()));
/// # }
/// ```
pub fn background<F: Future>(future: F) -> Background<F> {
    Background { future, marked: false }
}

impl<F: Future> Future for Background<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !std::mem::replace(this.marked, true) {
            // A spawn that did not see the type, for instance behind a box, has not marked the task.
            context::mark_background();
        }
        this.future.poll(cx)
    }
}
