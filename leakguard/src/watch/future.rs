//! A future that keeps its record while it is polled.

use crate::clock;
use crate::context;
use crate::fact::id::TaskKind;
use crate::record::event;
use crate::record::live::{Live, RecordHandle, SpawnedTask};
use crate::record::probe::{PollResponse, ProbeReply};
use crate::record::record_arc::RecordArc;
use crate::record::task::{Task, TaskMeta};
use crate::registry;
use crate::site::CallSite;
use crate::site::Site;
use crate::stack;
use crate::watch::inside::{self, Inside};
use crate::watch::registered::{self, SpawnRef};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

pin_project! {
    /// A watched future; its output and its polls are those of the one inside. It is one pointer
    /// larger: each byte counts where a hundred thousand idle.
    ///
    /// It has no destructor of its own: one that knows of `F` would keep what `F` borrows borrowed
    /// to the end of its block, and break programs that build without it. So a field before the
    /// future and one after it see to it that the future's destructor runs inside the task: it may
    /// spawn.
    pub struct Watched<F> {
        record: EnterBeforeDrop,
        #[pin]
        future: F,
        _end: EndAfterDrop,
    }
}

/// Dropped before the future. Empty once the future was ready, and when leakguard is off.
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
        if let Some(RecordArc(started)) = inside::leave_dropped() {
            registry::global().end(started);
        }
    }
}

impl<F: Future> Watched<F> {
    const META: TaskMeta = TaskMeta {
        kind: TaskKind::Async,
        type_name: std::any::type_name::<F>,
    };

    /// Registers `future` as a task that starts at `site`.
    pub fn new(future: F, site: &'static Site, detached: bool) -> Self {
        Self::start(future, site, detached, false)
    }

    fn start(future: F, site: &'static Site, detached: bool, background: bool) -> Self {
        let record = inside::register(&Self::META, site, detached, background);
        registered::note(record.as_ref());
        Self::around(future, record)
    }

    /// What a twin starts at `at`.
    pub(crate) fn spawned(future: F, name: &'static str, at: CallSite) -> (Self, SpawnRef) {
        let (record, spawned) = registered::start(&Self::META, name, at);
        (Self::around(future, record), spawned)
    }

    fn around(future: F, record: Option<Arc<SpawnedTask>>) -> Self {
        Watched {
            record: EnterBeforeDrop(record.map(RecordArc)),
            future,
            _end: EndAfterDrop,
        }
    }
}

impl<F> Watched<F> {
    /// Its record; none when leakguard is off.
    pub(crate) fn live(&self) -> Option<Live> {
        self.record.0.as_ref().map(|record| record.live())
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(record) = &this.record.0 else {
            // Ready before: what comes of another poll is the future's own affair.
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

/// A future that a spawn need not wrap as it does others.
pub trait SelfWatched {
    /// What is watched.
    type Future: Future;
    /// Starts it at `site`, or says that it has been started.
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
        Watched::start(self.future, site, detached, true)
    }
}

/// Polls inside the task of `keeper`.
pub(crate) fn poll_inside<F: Future>(
    keeper: &impl RecordHandle,
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<F::Output> {
    let task = keeper.task();
    if task.is_probed() {
        return respond(keeper.live(), future, cx);
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
fn keep_waker(task: &Task, waker: &Waker) {
    // While a poll takes stacks, the waker is the one that takes them.
    if !task.has_kept(waker) && !context::is_capturing() {
        task.keep_waker(waker);
    }
}

/// Polls so that each leaf's stack is noted, and tells those who asked.
#[cold]
fn respond<F: Future>(task: Live, future: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
    let (idle_since, wait_before) = (task.stamped(), task.wait.get());
    let began = clock::now();
    let inside = Inside::enter_at(&task, began);
    let capturing = context::Capturing::begin();
    let (poll, capture) = stack::capture(cx.waker(), |cx| future.poll(cx));
    drop(capturing);
    inside.leave();
    // Should the poll have panicked, the questions stay open until the record ends.
    let asks = task.take_probes();
    let reply = Arc::new(PollResponse {
        capture,
        ready: poll.is_ready(),
        probed: asks.first().map_or(began, |ask| ask.sent),
        idle_since: clock::settled(idle_since),
        began,
        beside: beside(),
        wait_before,
        wait_after: task.wait.get(),
    });
    if asks.iter().any(|ask| ask.is_judge)
        && let Some(event) = event::lost_wakeup(&reply)
    {
        registry::global().note(task.clone(), event);
    }
    if !reply.ready {
        keep_waker(&task, cx.waker());
        if reply.wait_before == reply.wait_after {
            // It waits where it waited: for the records this poll has not been.
            task.undo_poll(idle_since);
        }
    }
    for ask in asks {
        ask.reply(ProbeReply {
            task: task.id,
            poll: Some(reply.clone()),
        });
    }
    poll
}

/// How many tasks live on the runtime that polls now.
fn beside() -> Option<usize> {
    let handle = tokio::runtime::Handle::try_current().ok()?;
    Some(handle.metrics().num_alive_tasks())
}

impl<F: fmt::Debug> fmt::Debug for Watched<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.future.fmt(f)
    }
}

// A record is only ever read or replaced whole, so that a caught panic cannot leave it half done.
impl<F: std::panic::UnwindSafe> std::panic::UnwindSafe for Watched<F> {}
impl<F: std::panic::RefUnwindSafe> std::panic::RefUnwindSafe for Watched<F> {}

pin_project! {
    /// A future that is meant to go on; made by [`background`].
    #[derive(Debug)]
    pub struct Background<F> {
        #[pin]
        future: F,
        marked: bool,
    }
}

/// Says that this task is meant to go on: no finding speaks of it, dumps still show it.
///
/// What it starts in turn is meant to go on as well.
///
/// ```
/// # async fn heartbeat() {}
/// # #[leakguard::track]
/// # async fn start() {
/// tokio::spawn(leakguard::background(heartbeat()));
/// # }
/// ```
pub fn background<F: Future>(future: F) -> Background<F> {
    Background {
        future,
        marked: false,
    }
}

impl<F: Future> Future for Background<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !std::mem::replace(this.marked, true) {
            // A spawn that could not see the type, as behind a box, learns of it here.
            context::mark_background();
        }
        this.future.poll(cx)
    }
}
