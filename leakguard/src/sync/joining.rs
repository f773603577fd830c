//! Waits for the end of threads and tasks.

use crate::fact::id::TaskId;
use crate::fact::kind::{Operation, ResourceKind};
use crate::record::resource::Resource;
use crate::record::resource::set::{JoinSetState, Membership};
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::here;
use crate::sync::waiting::{QueueEntry, Waiting};
use crate::{config, ledger};
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::task::{Context, Poll};

/// Threads that are waited for together.
#[derive(Debug)]
pub(crate) struct ThreadGroup(Option<Arc<Resource>>);

impl ThreadGroup {
    pub(crate) fn new(created: CallSite) -> Self {
        ThreadGroup((!config::is_off()).then(|| {
            let (origin, now) = (here::origin(created), here::here().now);
            Arc::new(Resource::new(ResourceKind::Join, None, origin, now))
        }))
    }

    /// Adds a thread, until the result is dropped.
    pub(crate) fn add(&self, task: Option<TaskId>, spawned: CallSite) -> JoinableThread {
        if let (Some(resource), Some(task)) = (&self.0, task)
            && let Some(joined) = resource.joined()
        {
            joined.add(task, spawned);
            return JoinableThread(Some((resource.clone(), task)));
        }
        JoinableThread(None)
    }

    /// The calling thread waits for all threads until the result is dropped.
    pub(crate) fn wait(&self, at: CallSite) -> ThreadWait {
        let resource = self.0.clone().filter(|r| r.joined().is_some_and(|j| !j.is_empty()));
        let entry = QueueEntry::blocking(resource.as_ref(), Intent::new(Operation::Join, at));
        ThreadWait { _entry: entry, resource }
    }
}

/// A thread of a group, until it has ended.
#[derive(Debug)]
pub(crate) struct JoinableThread(Option<(Arc<Resource>, TaskId)>);

impl Drop for JoinableThread {
    fn drop(&mut self) {
        if let Some((resource, task)) = &self.0
            && let Some(joined) = resource.joined()
        {
            joined.remove(*task);
        }
    }
}

/// A thread's wait for a group.
#[derive(Debug)]
pub(crate) struct ThreadWait {
    _entry: QueueEntry,
    resource: Option<Arc<Resource>>,
}

impl Drop for ThreadWait {
    fn drop(&mut self) {
        if let Some(resource) = &self.resource {
            ledger::global().leave(resource);
        }
    }
}

/// A task's wait for another one, in the ledger from its first `Pending` until it is over.
#[derive(Debug, Default)]
pub(crate) struct TaskWait {
    entry: QueueEntry,
    resource: Option<Arc<Resource>>,
}

impl TaskWait {
    /// Enters the ledger or leaves it, depending on the result of a poll with `cx`.
    pub(crate) fn settle<T>(
        &mut self,
        (task, spawned): (TaskId, CallSite),
        at: CallSite,
        cx: &Context<'_>,
        poll: Poll<T>,
    ) -> Poll<T> {
        if poll.is_ready() {
            self.leave();
        } else if self.resource.is_none() {
            self.resource = Some(join_of(task, spawned));
        }
        let intent = Intent::new(Operation::Join, at);
        self.entry.settle(self.resource.as_ref(), intent, cx, poll)
    }

    fn leave(&mut self) {
        self.entry.leave();
        if let Some(resource) = self.resource.take() {
            ledger::global().leave(&resource);
        }
    }
}

impl Drop for TaskWait {
    fn drop(&mut self) {
        self.leave();
    }
}

fn join_of(task: TaskId, spawned: CallSite) -> Arc<Resource> {
    let (origin, now) = (here::origin(spawned), here::here().now);
    let resource = Resource::new(ResourceKind::JoinTask, None, origin, now);
    if let Some(joined) = resource.joined() {
        joined.add(task, spawned);
    }
    Arc::new(resource)
}

/// The record of a join set. It is empty where leakguard is off.
#[derive(Debug)]
pub(crate) struct JoinSetRecord(Option<Arc<Resource>>);

impl JoinSetRecord {
    pub(crate) fn new(created: CallSite) -> Self {
        JoinSetRecord((!config::is_off()).then(|| {
            let (origin, now) = (here::origin(created), here::here().now);
            let resource = Arc::new(Resource::new(ResourceKind::JoinSet, None, origin, now));
            ledger::global().enter(&resource);
            resource
        }))
    }

    fn set(&self) -> Option<&JoinSetState> {
        self.0.as_ref().and_then(|resource| resource.set())
    }

    /// The set contains tasks that are not recorded.
    pub(crate) fn set_outside(&self) {
        if let Some(resource) = &self.0 {
            resource.set_outside();
        }
    }

    /// Adds a task, which ends when the result is dropped.
    pub(crate) fn add(&self, task: Option<TaskId>, spawned: CallSite, at: CallSite) -> EndsInSet {
        let add = |resource: &Arc<Resource>| {
            let membership = resource.set()?.add(task?, spawned, here::here(), at);
            Some((resource.clone(), membership))
        };
        EndsInSet(self.0.as_ref().and_then(add))
    }

    /// The result of an ended task was returned.
    pub(crate) fn join(&self, at: CallSite) {
        if let Some(set) = self.set() {
            set.join(here::here(), at);
        }
    }

    /// A task that was added is about to be spawned.
    pub(crate) fn insert(&self) -> Insertion<'_> {
        Insertion(self.set())
    }

    pub(crate) fn detach_all(&self) {
        if let Some(set) = self.set() {
            set.detach_all();
        }
    }

    /// Waits for the next task that ends.
    pub(crate) fn wait<F: Future>(
        &self,
        at: CallSite,
        future: F,
    ) -> impl Future<Output = F::Output> {
        Waiting::new(self.0.as_ref(), Intent::new(Operation::Join, at), future)
    }
}

impl Drop for JoinSetRecord {
    fn drop(&mut self) {
        if let Some(resource) = &self.0 {
            ledger::global().leave(resource);
        }
    }
}

/// A task that is being spawned into a set. If the spawn panics the task has ended, and is not in the set.
pub(crate) struct Insertion<'a>(Option<&'a JoinSetState>);

impl Insertion<'_> {
    /// The task was spawned.
    pub(crate) fn done<R>(self, spawned: R) -> R {
        std::mem::forget(self);
        spawned
    }
}

impl Drop for Insertion<'_> {
    fn drop(&mut self) {
        if let Some(set) = self.0 {
            set.forget_one();
        }
    }
}

/// Records the end of a task of a set, by whatever way it ends.
#[derive(Debug)]
pub(crate) struct EndsInSet(Option<(Arc<Resource>, Membership)>);

impl Drop for EndsInSet {
    fn drop(&mut self) {
        if let Some((resource, membership)) = &self.0
            && let Some(set) = resource.set()
        {
            set.end(*membership);
        }
    }
}

// Each call leaves a complete record, so a caught panic cannot leave it half written.
impl UnwindSafe for TaskWait {}
impl RefUnwindSafe for TaskWait {}
impl UnwindSafe for JoinSetRecord {}
impl RefUnwindSafe for JoinSetRecord {}
