//! A future that keeps its record while it is polled.

use crate::context;
use crate::record::ask::{PollReply, Reply};
use crate::record::event;
use crate::record::id::TaskKind;
use crate::record::scope::Scope;
use crate::record::task::Task;
use crate::registry;
use crate::site::Site;
use crate::stack;
use crate::watch::inside::{self, Inside};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pin_project! {
    /// A watched future; its output and its polls are those of the one inside.
    pub struct Watched<F> {
        // Empty once the future was ready, and when leakguard is off.
        record: Option<Arc<Task>>,
        // An option, so that its destructor runs inside the task: it may spawn.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Watched<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.record.is_some() {
                let end = EndOnDrop(this.record);
                let _inside = Inside::enter(end.0);
                this.future.set(None);
            }
        }
    }
}

/// Ends a record even if a destructor of its future panics.
struct EndOnDrop<'a>(&'a mut Option<Arc<Task>>);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            registry::global().end(&task);
        }
    }
}

impl<F: Future> Watched<F> {
    /// Registers `future` as a task that starts at `site`.
    pub fn new(future: F, site: &'static Site, detached: bool) -> Self {
        Self::start(future, site, detached, false)
    }

    /// As `new`, for one that is meant to go on.
    pub fn background(future: Background<F>, site: &'static Site, detached: bool) -> Self {
        Self::start(future.future, site, detached, true)
    }

    fn start(future: F, site: &'static Site, detached: bool, background: bool) -> Self {
        let name = std::any::type_name::<F>;
        let record = inside::start(TaskKind::Async, site, name, detached, background);
        Watched {
            record,
            future: Some(future),
        }
    }

    /// Registers the body of a call that opened `scope`, if one did.
    pub(crate) fn call(future: F, scope: Option<Arc<Scope>>) -> Self {
        let name = std::any::type_name::<F>;
        let record = scope.map(|s| inside::start_call(TaskKind::Call, s.site, name, s));
        Watched {
            record,
            future: Some(future),
        }
    }
}

impl<F> Watched<F> {
    /// Drops the future now, inside its task, and ends the record.
    pub(crate) fn cancel(self: Pin<&mut Self>) {
        let mut this = self.project();
        let end = EndOnDrop(this.record);
        let _inside = Inside::enter(end.0);
        this.future.set(None);
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("a future was polled after it was cancelled");
        };
        let Some(task) = this.record.as_ref() else {
            // Ready before: what comes of another poll is the future's own affair.
            return future.poll(cx);
        };
        // While a poll takes stacks, the waker is the one that takes them.
        if !context::is_capturing() {
            task.keep_waker(cx.waker());
        }
        if task.is_asked() {
            return answer(this.record, future, cx);
        }
        let inside = Inside::enter(this.record);
        let poll = future.poll(cx);
        drop(inside);
        finish(this.record, poll)
    }
}

/// Ends the record of a future that is ready.
fn finish<T>(record: &mut Option<Arc<Task>>, poll: Poll<T>) -> Poll<T> {
    if poll.is_ready() {
        if let Some(task) = record.take() {
            registry::global().end(&task);
        }
    }
    poll
}

/// Polls so that each leaf's stack is noted, and tells those who asked.
#[cold]
fn answer<F: Future>(
    record: &mut Option<Arc<Task>>,
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<F::Output> {
    let Some(task) = record.clone() else {
        return future.poll(cx);
    };
    let (idle_since, wait_before) = (task.since(), task.wait.get());
    let inside = Inside::enter(record);
    let began = task.since();
    let capturing = context::Capturing::begin();
    let (poll, capture) = stack::capture(cx.waker(), |cx| future.poll(cx));
    drop(capturing);
    drop(inside);
    // Should the poll have panicked, the questions stay open until the record ends.
    let asks = task.take_asks();
    let reply = Arc::new(PollReply {
        capture,
        ready: poll.is_ready(),
        asked: asks.first().map_or(began, |ask| ask.asked),
        idle_since,
        began,
        wait_before,
        wait_after: task.wait.get(),
    });
    if asks.iter().any(|ask| ask.judges) {
        if let Some(event) = event::lost_wakeup(&reply) {
            registry::global().note(&task, event);
        }
    }
    if !reply.ready && reply.wait_before == reply.wait_after {
        // It waits where it waited: for the records this poll has not been.
        task.undo_poll(idle_since);
    }
    let poll = finish(record, poll);
    for ask in asks {
        ask.reply(Reply {
            task: task.id,
            poll: Some(reply.clone()),
        });
    }
    poll
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
    Background { future }
}

impl<F: Future> Future for Background<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // A spawn that could not see the type, as behind a box, learns of it here.
        let meant = |task: &Arc<Task>| task.kind == TaskKind::Async && !task.is_background();
        if let Some(task) = context::with(|task| meant(task).then(|| task.clone())).flatten() {
            registry::global().let_go(&task);
        }
        self.project().future.poll(cx)
    }
}
