//! What many waits on one resource have in common. Found once for all of them.

use crate::fact::cause::{Blockage, PossibleWaker};
use crate::fact::id::{ResourceId, TaskId};
use crate::fact::kind::Operation;
use crate::fact::resource::{Detail, ResourceFacts, WaitFacts};
use crate::fact::task_map::TaskMap;
use crate::judge::counterpart::{Counterpart, Holder};
use crate::site::CallSite;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Up to this many waits, or holders, are looked at for each task.
const FEW: usize = 64;

/// How many holders of a crowd are looked at for each task.
const NEAR: usize = 8;

/// Waits on one resource that depend on the same holders.
pub(super) type SharedWait = (ResourceId, Operation, usize);

/// Tasks that are told about one wait in the same words, at one line.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct WaitLikeness {
    pub(super) shared: SharedWait,
    pub(super) at: CallSite,
    /// The steps of its cycle: none, one or more.
    pub(super) steps: usize,
    pub(super) is_holder: bool,
    pub(super) is_exact: bool,
    pub(super) is_proven: bool,
}

/// The holders that all waits of one kind depend on.
pub(super) struct Crowd {
    pub(super) end: Counterpart,
    /// The first place of each task among its holders.
    places: TaskMap<usize>,
}

impl Crowd {
    /// `task` is the task of a holder.
    pub(super) fn new(end: Counterpart, task: impl Fn(&Holder) -> Option<TaskId>) -> Self {
        let mut places = TaskMap::default();
        for (at, holder) in end.holders.iter().enumerate() {
            task(holder).into_iter().for_each(|task| _ = places.entry(task).or_insert(at));
        }
        Crowd { end, places }
    }

    pub(super) fn is_large(&self) -> bool {
        self.end.holders.len() > FEW
    }

    pub(super) fn has_holder(&self, task: TaskId) -> bool {
        self.places.contains_key(&task)
    }

    /// A few of the holders, and `task` if it is one.
    pub(super) fn near(&self, task: TaskId) -> Counterpart {
        let Counterpart { holders, needs, cause, is_shared } = &self.end;
        let own = self.places.get(&task).filter(|at| **at >= NEAR);
        let near = holders.iter().take(NEAR).chain(own.map(|at| &holders[*at]));
        let holders = near.copied().collect();
        Counterpart { holders, needs: *needs, cause: *cause, is_shared: *is_shared }
    }
}

#[derive(Default)]
pub(super) struct Crowds {
    /// `None` if each wait has its own holders.
    crowds: RefCell<HashMap<SharedWait, Option<Rc<Crowd>>>>,
    told: RefCell<HashMap<WaitLikeness, Blockage>>,
    wakers: RefCell<HashMap<WaitLikeness, Arc<[PossibleWaker]>>>,
    owners: RefCell<HashMap<SharedWait, Option<TaskId>>>,
    facts: RefCell<HashMap<ResourceId, Arc<ResourceFacts>>>,
}

pub(super) fn shared(resource: &ResourceFacts, wait: &WaitFacts) -> SharedWait {
    (resource.id, wait.operation, wait.permits)
}

impl Crowds {
    /// The crowd that a wait is one of, if many waits have their holders in common.
    pub(super) fn crowd(
        &self,
        resource: &ResourceFacts,
        wait: &WaitFacts,
        find: impl FnOnce() -> Crowd,
    ) -> Option<Rc<Crowd>> {
        if resource.waits.len() <= FEW {
            return None;
        }
        let new = || has_common_holders(resource).then(|| Rc::new(find()));
        self.crowds.borrow_mut().entry(shared(resource, wait)).or_insert_with(new).clone()
    }

    /// What was found for a like task, else what `find` finds.
    pub(super) fn told(&self, likeness: WaitLikeness, find: impl FnOnce() -> Blockage) -> Blockage {
        if let Some(known) = self.told.borrow().get(&likeness) {
            return known.clone();
        }
        let found = find();
        self.told.borrow_mut().insert(likeness, found.clone());
        found
    }

    /// As [`Crowds::told`], for what may end the wait.
    pub(super) fn wakers(
        &self,
        likeness: WaitLikeness,
        find: impl FnOnce() -> Arc<[PossibleWaker]>,
    ) -> Arc<[PossibleWaker]> {
        if let Some(known) = self.wakers.borrow().get(&likeness) {
            return known.clone();
        }
        let found = find();
        self.wakers.borrow_mut().insert(likeness, found.clone());
        found
    }

    /// The owner of what all waits of a kind are for, as `find` finds it for the first of them.
    pub(super) fn owner(
        &self,
        shared: SharedWait,
        find: impl FnOnce() -> Option<TaskId>,
    ) -> Option<TaskId> {
        if let Some(known) = self.owners.borrow().get(&shared) {
            return *known;
        }
        let found = find();
        self.owners.borrow_mut().insert(shared, found);
        found
    }

    /// Its facts, shared by all that wait on it.
    pub(super) fn facts(&self, resource: &ResourceFacts) -> Arc<ResourceFacts> {
        if resource.waits.len() <= 1 {
            return Arc::new(resource.clone());
        }
        let mut all = self.facts.borrow_mut();
        all.entry(resource.id).or_insert_with(|| Arc::new(resource.clone())).clone()
    }
}

/// Whether no wait is served before another one, so that all depend on the same holders.
fn has_common_holders(resource: &ResourceFacts) -> bool {
    match &resource.detail {
        Detail::Token(_) | Detail::Channel(_) => true,
        Detail::Lock(lock) if !resource.kind.blocks() => {
            let free = lock.unheld();
            resource.waits.iter().all(|wait| wait.permits > free)
        }
        _ => false,
    }
}
