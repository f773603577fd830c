//! A task that leakguard did not see start, such as one of a library, while annotated code awaits in it.
//!
//! Its record lives as long as the outermost annotated await, and belongs to the test on its runtime.

use crate::fact::id::TaskKind;
use crate::lock::Lock;
use crate::older::{TokioTaskId, tokio_task_id};
use crate::record::live::SpawnedTask;
use crate::record::record_arc::RecordArc;
use crate::record::task::{NewTask, TaskMeta};
use crate::registry::home::{self, HomeHold};
use crate::site::{CallSite, Site};
use crate::watch::future::{keep_waker, poll_inside};
use crate::watch::inside::Inside;
use crate::{config, context, registry};
use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The tasks that have a record. Several awaits may be the outermost ones of one task, as in a `join!`, and the first of
/// them has the record.
static VISITED: Lock<Option<HashSet<TokioTaskId>>> = Lock::new(None);

/// The record of an outermost await. Nearly always there is none.
#[derive(Debug)]
pub(crate) struct TaskVisit(Option<Box<VisitedTask>>);

/// Without a type of the user's, so that its destructor extends no borrow.
#[derive(Debug)]
struct VisitedTask {
    /// `None` once it has ended.
    record: Option<RecordArc<SpawnedTask>>,
    id: TokioTaskId,
    _hold: HomeHold,
}

impl Drop for VisitedTask {
    fn drop(&mut self) {
        if let Some(RecordArc(record)) = self.record.take() {
            registry::global().end(record);
        }
        VISITED.lock().as_mut().map(|all| all.remove(&self.id));
    }
}

impl Drop for TaskVisit {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.end();
        }
    }
}

/// How many records an await has room for. A field with a destructor adds 22 instructions to the 16 of an await that is
/// ready at once. So builds without debug assertions, where leakguard watches on request alone, record no such task.
pub(crate) const ROOM: usize = cfg!(debug_assertions) as usize;

impl TaskVisit {
    pub(crate) const NONE: TaskVisit = TaskVisit(None);

    /// Out of the usual way, where there is none.
    #[cold]
    #[inline(never)]
    fn end(&mut self) {
        self.0 = None;
    }

    /// Polls what is awaited at `at` while a test runs. The outermost await of a task without a record is polled inside a
    /// new one.
    // For futures that use the caller's location, such as a twin's receiver.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(crate) fn poll<F: Future>(
        &mut self,
        at: CallSite,
        mut future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        if self.0.is_none() {
            if context::id().is_some() {
                return note(future.poll(cx), at);
            }
            self.0 = begin::<F>(at).map(Box::new);
        }
        let visited = self.0.as_ref().and_then(|visited| visited.record.as_ref());
        let Some(RecordArc(record)) = visited else {
            return note(future.poll(cx), at);
        };
        let task = &record.task;
        let poll = if task.is_disturbed() {
            poll_inside(record, Pin::new(&mut Noting { future, at }), cx)
        } else {
            let inside = Inside::enter(task);
            let poll = note(future.as_mut().poll(cx), at);
            inside.leave();
            if poll.is_pending() {
                keep_waker(task, cx.waker());
            }
            poll
        };
        if poll.is_ready() {
            self.0 = None;
        }
        poll
    }
}

/// Notes inside the record where it waits.
struct Noting<'a, F> {
    future: Pin<&'a mut F>,
    at: CallSite,
}

impl<F: Future> Future for Noting<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let at = self.at;
        note(self.future.as_mut().poll(cx), at)
    }
}

fn note<T>(poll: Poll<T>, at: CallSite) -> Poll<T> {
    if poll.is_pending() {
        context::note_wait(at);
    }
    poll
}

/// The meta data of a task in which a future of this type is awaited.
struct AwaitedType<F>(std::marker::PhantomData<F>);

impl<F> AwaitedType<F> {
    const META: TaskMeta = TaskMeta { kind: TaskKind::Async, type_name: std::any::type_name::<F> };
}

/// Registers the current task of tokio, if it belongs to a test and has no record.
fn begin<F>(at: CallSite) -> Option<VisitedTask> {
    if config::is_off() {
        return None;
    }
    let resident = home::of_unseen_task()?;
    let id = tokio_task_id()?;
    if !VISITED.lock().get_or_insert_default().insert(id) {
        return None;
    }
    let meta = &AwaitedType::<F>::META;
    let new = NewTask {
        meta,
        site: Site::of_visit(at),
        parent: None,
        background: false,
        detached: false,
    };
    let record = registry::global().start(&new, Some(resident.scope().clone()));
    Some(VisitedTask { record: Some(RecordArc(record)), id, _hold: HomeHold::new() })
}
