//! The tasks that go on, or may do so: nothing is known of what they wait for, or such a task may wake them.
//!
//! Each task that goes on is followed once to those that it may wake. Waits that depend on the same holders are looked at
//! together.

use crate::fact::id::TaskId;
use crate::fact::kind::Operation;
use crate::fact::resource::{Detail, ResourceFacts, WaitFacts};
use crate::fact::task_map::{TaskMap, TaskSet};
use crate::judge::counterpart::{Counterpart, Holder};
use crate::judge::crowd::{self, SharedWait};
use crate::judge::graph::Graph;
use crate::judge::waiters::OpenWait;
use std::collections::HashMap;

/// Tasks that the same holders may wake.
#[derive(Default)]
struct Group {
    waiters: Vec<TaskId>,
    /// Something that is no waiting task may wake them.
    is_woken: bool,
    /// Holders that may be any task.
    unknown: Vec<Holder>,
}

#[derive(Default)]
struct Groups {
    all: Vec<Group>,
    shared: HashMap<SharedWait, usize>,
    /// The groups that each task may wake.
    by_holder: TaskMap<Vec<usize>>,
}

impl<'a> Graph<'a> {
    pub(super) fn find_going_on(&self) -> TaskSet {
        let alive = self.waiters.observed.alive.iter();
        let actors: TaskSet = alive.map(|t| self.waiters.actor(t.id)).collect();
        let sleeps = |t: &TaskId| self.waiters.is_exact(*t) && self.waiters.joins(*t) == 0;
        let is_asleep = |t: &TaskId| self.is_proven_stuck(*t) || sleeps(t);
        let (asleep, going): (Vec<TaskId>, Vec<TaskId>) = actors.into_iter().partition(is_asleep);
        let mut groups = Groups::default();
        let mut woken = going;
        for actor in asleep.into_iter().filter(|actor| !self.is_proven_stuck(*actor)) {
            for open in self.waiters.open(actor) {
                if self.join_group(&mut groups, actor, open) {
                    woken.push(actor);
                    break;
                }
            }
        }
        groups.follow(woken)
    }

    /// Returns whether something may wake it at once.
    fn join_group(&self, groups: &mut Groups, actor: TaskId, open: &OpenWait<'a>) -> bool {
        // What is around a call waits for it, so that a call has holders of its own.
        let is_shared = !self.is_call(actor) && self.crowd(open).is_some();
        let key = is_shared.then(|| crowd::shared(open.resource, open.wait));
        let known = key.and_then(|key| groups.shared.get(&key)).copied();
        let place = known.unwrap_or_else(|| {
            let end = match self.crowd(open).filter(|_| is_shared) {
                Some(crowd) if open.wait.operation != Operation::Closed => crowd.end.clone(),
                _ => self.other_half(actor, open),
            };
            groups.shared.extend(key.map(|key| (key, groups.all.len())));
            self.add_group(groups, actor, open, &end)
        });
        let group = &mut groups.all[place];
        group.waiters.push(actor);
        group.is_woken || group.unknown.iter().any(|holder| !self.is_own(actor, holder, open))
    }

    fn add_group(
        &self,
        groups: &mut Groups,
        actor: TaskId,
        open: &OpenWait<'a>,
        end: &Counterpart,
    ) -> usize {
        let place = groups.all.len();
        let mut group = Group::default();
        let is_over = end.holders.is_empty() && end.cause.is_none();
        group.is_woken = open.resource.outside || is_over && is_ready(open.resource, open.wait);
        for holder in &end.holders {
            if holder.task.is_none() || holder.unused && !holder.sure {
                group.unknown.push(*holder);
            } else if let Some(task) = self.waiters.living(holder.task)
                && !(self.is_call(actor) && self.waiters.is_within(actor, task))
            {
                groups.by_holder.entry(task).or_default().push(place);
            }
        }
        groups.all.push(group);
        place
    }

    /// Whether only the waiting task itself can have an endpoint that was never used.
    fn is_own(&self, actor: TaskId, holder: &Holder, open: &OpenWait<'a>) -> bool {
        let may_move = holder.handed || holder.travels || self.waiters.is_parent(actor);
        let is_known = open.wait.operation != Operation::Closed && !may_move;
        is_known && self.waiters.living(holder.task) == Some(actor)
    }

    pub(super) fn is_call(&self, actor: TaskId) -> bool {
        self.waiters.task(actor).is_some_and(|task| task.kind.is_call())
    }
}

impl Groups {
    /// All that goes on, if `going` does.
    fn follow(mut self, going: Vec<TaskId>) -> TaskSet {
        let mut all: TaskSet = going.iter().copied().collect();
        let mut next = going;
        while let Some(task) = next.pop() {
            for place in self.by_holder.remove(&task).unwrap_or_default() {
                let woken = std::mem::take(&mut self.all[place].waiters);
                next.extend(woken.into_iter().filter(|woken| all.insert(*woken)));
            }
        }
        all
    }
}

/// Whether a wait without a holder is over: a message lies there, a slot is free, or the lock is about to be granted.
pub(super) fn is_ready(resource: &ResourceFacts, wait: &WaitFacts) -> bool {
    match (&resource.detail, wait.operation) {
        (Detail::Channel(_), Operation::Receive | Operation::Send | Operation::Closed) => true,
        (Detail::Lock(_) | Detail::Join(_), _) => true,
        (Detail::Token(token), _) => token.cancelled.is_some(),
        _ => false,
    }
}
