//! Threads that somebody waits for, until they have ended.

use crate::config;
use crate::ledger;
use crate::record::id::TaskId;
use crate::record::resource::wait::{Intent, Operation};
use crate::record::resource::{Kind, Resource};
use crate::sync::here;
use crate::sync::waiting::Entry;
use std::panic::Location;
use std::sync::Arc;

type At = &'static Location<'static>;

/// Those that are waited for together.
#[derive(Debug)]
pub(crate) struct Threads(Option<Arc<Resource>>);

impl Threads {
    pub(crate) fn new(made: At) -> Self {
        Threads((!config::is_off()).then(|| {
            let (origin, now) = (here::origin(made), here::here().now);
            Arc::new(Resource::new(Kind::Join, None, origin, now))
        }))
    }

    /// One thread more, until what this gives is dropped.
    pub(crate) fn add(&self, task: Option<TaskId>, started: At) -> Member {
        if let (Some(resource), Some(task)) = (&self.0, task) {
            if let Some(joined) = resource.joined() {
                joined.add(task, started);
                return Member(Some((resource.clone(), task)));
            }
        }
        Member(None)
    }

    /// The thread that calls this waits for all of them until what this gives is dropped.
    pub(crate) fn wait(&self, at: At) -> Join {
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
        if let Some((resource, task)) = &self.0 {
            if let Some(joined) = resource.joined() {
                joined.remove(*task);
            }
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
