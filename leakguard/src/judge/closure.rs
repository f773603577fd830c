//! The tasks that only each other could wake, whatever unwatched code does.
//!
//! Starts from all waiting tasks and removes those that could still be woken, until none is left to remove. A removal
//! looks again only at the waits that depend on what was removed.

use crate::fact::id::TaskId;
use crate::fact::task_map::{TaskMap, TaskSet};
use crate::judge::counterpart::{Counterpart, Holder, Needs};
use crate::judge::waiters::Waiters;

/// What one wait needs, or several that need the same.
pub(super) struct Need {
    end: Counterpart,
    pub(super) waiters: Vec<TaskId>,
    /// Those of its holders before this place cannot end the wait for certain.
    seen: usize,
}

impl Need {
    pub(super) fn new(end: Counterpart) -> Self {
        Need { end, waiters: Vec::new(), seen: 0 }
    }
}

pub(super) struct Closure<'w, 'a> {
    waiters: &'w Waiters<'a>,
    needs: Vec<Need>,
    /// The needs that depend on each task, as one of the holders or as a task that may have got a guard from one.
    by_holder: TaskMap<Vec<usize>>,
    by_lender: TaskMap<Vec<usize>>,
    /// What has spawned a task that is not stuck, and may have lent it a guard.
    loose: TaskSet,
    stuck: TaskSet,
    /// Tasks that could be woken, whose removal is still to be followed.
    removed: Vec<TaskId>,
}

impl<'w, 'a> Closure<'w, 'a> {
    /// `needs` are those of the tasks that only known waits could wake.
    pub(super) fn new(waiters: &'w Waiters<'a>, needs: Vec<Need>) -> Self {
        let stuck = waiters.exact();
        let mut by_holder: TaskMap<Vec<_>> = TaskMap::default();
        let mut by_lender: TaskMap<Vec<_>> = TaskMap::default();
        for (at, need) in needs.iter().enumerate() {
            for holder in &need.end.holders {
                let Some(task) = holder.task.map(|task| waiters.actor(task)) else {
                    continue;
                };
                by_holder.entry(task).or_default().push(at);
                if holder.lent {
                    by_lender.entry(task).or_default().push(at);
                }
            }
        }
        let (loose, removed) = (TaskSet::default(), Vec::new());
        Closure { waiters, needs, by_holder, by_lender, loose, stuck, removed }
    }

    /// `awake` are those that may be woken in any case.
    pub(super) fn stuck(mut self, awake: impl IntoIterator<Item = TaskId>) -> TaskSet {
        let actors: TaskSet = self.waiters.actors().collect();
        let lenders: Vec<_> = self.by_lender.keys().copied().collect();
        let is_loose = |lender: &TaskId| {
            let mut children = self.waiters.children(*lender);
            children.any(|child| !self.stuck.contains(&self.waiters.actor(child.id)))
        };
        self.loose = lenders.into_iter().filter(is_loose).collect();
        awake.into_iter().for_each(|task| self.remove(task));
        for at in 0..self.needs.len() {
            self.check(at);
        }
        let joins_all = self.waiters.sees_all() && actors.len() > 1;
        let mut joining: Vec<_> =
            self.stuck.iter().copied().filter(|actor| self.waiters.joins(*actor) > 0).collect();
        loop {
            // Whichever task is joined, it is stuck if all others are.
            if !(joining.is_empty() || joins_all && actors.is_subset(&self.stuck)) {
                joining.drain(..).for_each(|task| self.remove(task));
            }
            let Some(task) = self.removed.pop() else {
                return self.stuck;
            };
            self.follow(task);
        }
    }

    fn remove(&mut self, task: TaskId) {
        if self.stuck.remove(&task) {
            self.removed.push(task);
        }
    }

    /// Looks again at what depends on `task`, which is not stuck.
    fn follow(&mut self, task: TaskId) {
        for at in self.by_holder.remove(&task).unwrap_or_default() {
            self.check(at);
        }
        let spawned = self.waiters.task(task).filter(|task| !task.kind.is_call());
        let parent = spawned.and_then(|task| task.parent);
        let lender = parent.map(|parent| self.waiters.actor(parent));
        let lender = lender.filter(|lender| *lender != task && self.loose.insert(*lender));
        for at in lender.and_then(|lender| self.by_lender.remove(&lender)).unwrap_or_default() {
            self.check(at);
        }
    }

    /// Removes the waiters of a need that could be met.
    fn check(&mut self, at: usize) {
        let Need { end, seen, .. } = &self.needs[at];
        let is_stuck = |holder: &Holder| self.is_stuck(holder);
        let seen = match end.needs {
            Needs::All => *seen + end.holders[*seen..].iter().take_while(|h| !is_stuck(h)).count(),
            Needs::Any if end.holders.iter().all(is_stuck) => 0,
            Needs::Any => end.holders.len(),
        };
        self.needs[at].seen = seen;
        if seen == self.needs[at].end.holders.len() {
            let waiters = std::mem::take(&mut self.needs[at].waiters);
            waiters.into_iter().for_each(|task| self.remove(task));
        }
    }

    fn is_stuck(&self, holder: &Holder) -> bool {
        let task = holder.task.map(|task| self.waiters.actor(task));
        task.is_some_and(|task| {
            let is_lent = holder.lent && !self.loose.contains(&task);
            self.stuck.contains(&task) && (holder.sure || is_lent)
        })
    }
}
