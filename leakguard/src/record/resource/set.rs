//! The tasks of a join set: which of them live, and how many have ended that nobody has taken.

use crate::fact::id::TaskId;
use crate::fact::resource::{JoinedFacts, SetFacts};
use crate::lock::Lock;
use crate::record::resource::mark::{Occurrence, Writer};
use crate::site::CallSite;
use std::collections::BTreeMap;
use std::sync::MutexGuard;

/// All that is known of one set.
#[derive(Debug, Default)]
pub(crate) struct JoinSetState {
    members: Lock<Members>,
    pub(crate) spawned: Occurrence,
    pub(crate) taken: Occurrence,
}

#[derive(Debug, Default)]
struct Members {
    alive: BTreeMap<TaskId, CallSite>,
    untaken: u64,
    most: u64,
    /// How often all tasks were let go.
    detached: u64,
}

/// Tells a set's tasks from those that it has let go.
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
        started: CallSite,
        here: Writer,
        at: CallSite,
    ) -> Membership {
        self.spawned.note(here, at);
        let mut members = self.lock();
        members.alive.insert(task, started);
        Membership {
            task,
            detached: members.detached,
        }
    }

    /// The task has ended. Called before anybody can take its result.
    pub(crate) fn end(&self, member: Membership) {
        let mut members = self.lock();
        if members.detached == member.detached {
            members.alive.remove(&member.task);
            members.untaken += 1;
            members.most = members.most.max(members.untaken);
        }
    }

    /// Somebody has taken the result of one that has ended.
    pub(crate) fn take(&self, here: Writer, at: CallSite) {
        self.taken.note(here, at);
        self.forget_one();
    }

    /// One that has ended is not in the set. It may be one that came from outside, and was never counted.
    pub(crate) fn forget_one(&self) {
        let mut members = self.lock();
        members.untaken = members.untaken.saturating_sub(1);
    }

    pub(crate) fn detach_all(&self) {
        let mut members = self.lock();
        members.detached += 1;
        members.untaken = 0;
        members.alive.clear();
    }

    pub(crate) fn facts(&self) -> SetFacts {
        let members = self.lock();
        let alive = members.alive.iter();
        let alive = alive.map(|(&task, &started)| JoinedFacts { task, started });
        SetFacts {
            alive: alive.collect(),
            untaken: members.untaken,
            most: members.most,
            spawned: self.spawned.facts(),
            taken: self.taken.facts(),
        }
    }
}
