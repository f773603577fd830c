//! The tasks of a join set: those that are alive, and the number of those that have ended and were not joined.

use crate::fact::id::TaskId;
use crate::fact::resource::{JoinedFacts, SetFacts};
use crate::lock::Lock;
use crate::record::resource::mark::{Occurrence, Writer};
use crate::site::CallSite;
use std::collections::BTreeMap;
use std::sync::MutexGuard;

/// The record of one set.
#[derive(Debug, Default)]
pub(crate) struct JoinSetState {
    members: Lock<Members>,
    pub(crate) spawned: Occurrence,
    pub(crate) joined: Occurrence,
}

#[derive(Debug, Default)]
struct Members {
    alive: BTreeMap<TaskId, CallSite>,
    unjoined: u64,
    most: u64,
    /// How often all tasks were detached.
    detached: u64,
}

/// A task's place in a set. It distinguishes the set's tasks from those that were detached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    task: TaskId,
    detached: u64,
}

impl JoinSetState {
    fn lock(&self) -> MutexGuard<'_, Members> {
        self.members.lock()
    }

    pub(crate) fn add(
        &self,
        task: TaskId,
        spawned: CallSite,
        here: Writer,
        at: CallSite,
    ) -> Membership {
        self.spawned.note(here, at);
        let mut members = self.lock();
        members.alive.insert(task, spawned);
        Membership { task, detached: members.detached }
    }

    /// The task has ended. Called before its result can be joined.
    pub(crate) fn end(&self, member: Membership) {
        let mut members = self.lock();
        if members.detached == member.detached {
            members.alive.remove(&member.task);
            members.unjoined += 1;
            members.most = members.most.max(members.unjoined);
        }
    }

    /// The result of an ended task was returned.
    pub(crate) fn join(&self, here: Writer, at: CallSite) {
        self.joined.note(here, at);
        self.forget_one();
    }

    /// An ended task is not in the set. It may be one that is not recorded and was never counted.
    pub(crate) fn forget_one(&self) {
        let mut members = self.lock();
        members.unjoined = members.unjoined.saturating_sub(1);
    }

    pub(crate) fn detach_all(&self) {
        let mut members = self.lock();
        members.detached += 1;
        members.unjoined = 0;
        members.alive.clear();
    }

    pub(crate) fn facts(&self) -> SetFacts {
        let members = self.lock();
        let alive = members.alive.iter();
        let alive = alive.map(|(&task, &started)| JoinedFacts { task, started });
        SetFacts {
            alive: alive.collect(),
            unjoined: members.unjoined,
            most: members.most,
            spawned: self.spawned.facts(),
            joined: self.joined.facts(),
        }
    }
}
