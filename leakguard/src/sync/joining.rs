//! Threads and tasks that somebody waits for, until they have ended.

use crate::config;
use crate::fact::id::TaskId;
use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::ledger;
use crate::record::resource::Resource;
use crate::record::resource::set::{Membership, Set};
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::here;
use crate::sync::waiting::{Entry, Waiting};
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::task::Poll;

/// Those that are waited for together.
#[derive(Debug)]
pub(crate) struct Threads(Option<Arc<Resource>>);

impl Threads {
    pub(crate) fn new(created: CallSite) -> Self {
        Threads((!config::is_off()).then(|| {
            let (origin, now) = (here::origin(created), here::here().now);
            Arc::new(Resource::new(ResourceKind::Join, None, origin, now))
        }))
    }

    /// One thread more, until what this gives is dropped.
    pub(crate) fn add(&self, task: Option<TaskId>, started: CallSite) -> Member {
        if let (Some(resource), Some(task)) = (&self.0, task)
            && let Some(joined) = resource.joined()
        {
            joined.add(task, started);
            return Member(Some((resource.clone(), task)));
        }
        Member(None)
    }

    /// The thread that calls this waits for all of them until what this gives is dropped.
    pub(crate) fn wait(&self, at: CallSite) -> Join {
        let resource = self
            .0
            .clone()
            .filter(|r| r.joined().is_some_and(|j| !j.is_empty()));
        let entry = Entry::blocking(resource.as_ref(), Intent::new(Operation::Join, at));
        Join {
            _entry: entry,
            resource,
        }
    }
}

/// A thread among those that are waited for.
#[derive(Debug)]
pub(crate) struct Member(Option<(Arc<Resource>, TaskId)>);

impl Drop for Member {
    fn drop(&mut self) {
        if let Some((resource, task)) = &self.0
            && let Some(joined) = resource.joined()
        {
            joined.remove(*task);
        }
    }
}

/// A wait for threads.
#[derive(Debug)]
pub(crate) struct Join {
    _entry: Entry,
    resource: Option<Arc<Resource>>,
}

impl Drop for Join {
    fn drop(&mut self) {
        if let Some(resource) = &self.resource {
            ledger::global().leave(resource);
        }
    }
}

/// A task's wait for another one, in the ledger from its first `Pending` until it is over.
#[derive(Debug, Default)]
pub(crate) struct JoinTask {
    entry: Entry,
    resource: Option<Arc<Resource>>,
}

impl JoinTask {
    /// Enters or leaves the ledger, by what a poll has said.
    pub(crate) fn settle<T>(
        &mut self,
        task: TaskId,
        started: CallSite,
        at: CallSite,
        poll: Poll<T>,
    ) -> Poll<T> {
        if poll.is_ready() {
            self.leave();
        } else if self.resource.is_none() {
            self.resource = Some(join_of(task, started));
        }
        let intent = Intent::new(Operation::Join, at);
        self.entry.settle(self.resource.as_ref(), intent, poll)
    }

    fn leave(&mut self) {
        self.entry.leave();
        if let Some(resource) = self.resource.take() {
            ledger::global().leave(&resource);
        }
    }
}

impl Drop for JoinTask {
    fn drop(&mut self) {
        self.leave();
    }
}

fn join_of(task: TaskId, started: CallSite) -> Arc<Resource> {
    let (origin, now) = (here::origin(started), here::here().now);
    let resource = Resource::new(ResourceKind::JoinTask, None, origin, now);
    if let Some(joined) = resource.joined() {
        joined.add(task, started);
    }
    Arc::new(resource)
}

/// The record of a join set; none where leakguard is off.
#[derive(Debug)]
pub(crate) struct TaskSet(Option<Arc<Resource>>);

impl TaskSet {
    pub(crate) fn new(created: CallSite) -> Self {
        TaskSet((!config::is_off()).then(|| {
            let (origin, now) = (here::origin(created), here::here().now);
            let resource = Arc::new(Resource::new(ResourceKind::JoinSet, None, origin, now));
            ledger::global().enter(&resource);
            resource
        }))
    }

    fn set(&self) -> Option<&Set> {
        self.0.as_ref().and_then(|resource| resource.set())
    }

    /// Tasks that nobody counted are in it.
    pub(crate) fn set_outside(&self) {
        if let Some(resource) = &self.0 {
            resource.set_outside();
        }
    }

    /// One task more, which has ended when what this gives is dropped.
    pub(crate) fn add(&self, task: Option<TaskId>, started: CallSite, at: CallSite) -> EndsInSet {
        let add = |resource: &Arc<Resource>| {
            let membership = resource.set()?.add(task?, started, here::here(), at);
            Some((resource.clone(), membership))
        };
        EndsInSet(self.0.as_ref().and_then(add))
    }

    /// Somebody has taken the result of one.
    pub(crate) fn take(&self, at: CallSite) {
        if let Some(set) = self.set() {
            set.take(here::here(), at);
        }
    }

    /// A task that was counted is about to be put into the set.
    pub(crate) fn put(&self) -> Put<'_> {
        Put(self.set())
    }

    pub(crate) fn detach_all(&self) {
        if let Some(set) = self.set() {
            set.detach_all();
        }
    }

    /// Waits for whichever task ends next.
    pub(crate) fn wait<F: Future>(
        &self,
        at: CallSite,
        future: F,
    ) -> impl Future<Output = F::Output> {
        Waiting::new(self.0.as_ref(), Intent::new(Operation::Join, at), future)
    }
}

impl Drop for TaskSet {
    fn drop(&mut self) {
        if let Some(resource) = &self.0 {
            ledger::global().leave(resource);
        }
    }
}

/// A task on its way into a set. Where the spawn panics the task has ended, and is not in the set.
pub(crate) struct Put<'a>(Option<&'a Set>);

impl Put<'_> {
    /// It is in the set.
    pub(crate) fn done<R>(self, spawned: R) -> R {
        std::mem::forget(self);
        spawned
    }
}

impl Drop for Put<'_> {
    fn drop(&mut self) {
        if let Some(set) = self.0 {
            set.forget_one();
        }
    }
}

/// Tells a set that one of its tasks has ended, however it does.
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

// What they write is whole after each call, so that a caught panic cannot leave it half done.
impl UnwindSafe for JoinTask {}
impl RefUnwindSafe for JoinTask {}
impl UnwindSafe for TaskSet {}
impl RefUnwindSafe for TaskSet {}
