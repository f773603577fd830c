//! What may still wake a waiting task, as far as leakguard knows.

use crate::fact::cause::PossibleWaker;
use crate::fact::id::TaskId;
use crate::fact::kind::Operation;
use crate::fact::resource::{Detail, ResourceFacts, WaitFacts};
use crate::judge::counterpart::{Counterpart, Holder, Needs, of_endpoint};
use crate::judge::graph::Graph;
use crate::judge::waiters::OpenWait;
use std::collections::HashSet;

/// How many steps are followed from a task that goes on to one that it may wake through others.
const STEPS: usize = 16;

impl<'a> Graph<'a> {
    /// All that may wake `actor`: by the wait that a finding is about, and by its others.
    pub(super) fn wakers(&self, actor: TaskId, first: &OpenWait<'a>) -> Vec<PossibleWaker> {
        if self.is_asleep() || self.is_proven_stuck(actor) {
            return Vec::new();
        }
        let others = self.waiters.open(actor).iter();
        let others = others.filter(|o| !std::ptr::eq(o.wait, first.wait));
        let waits = std::iter::once(first).chain(others);
        waits.flat_map(|open| self.wakers_of(actor, open, self.going_on())).collect()
    }

    fn wakers_of(
        &self,
        actor: TaskId,
        open: &OpenWait<'a>,
        going: &HashSet<TaskId>,
    ) -> Vec<PossibleWaker> {
        let (kind, operation) = (open.resource.kind, open.wait.operation);
        if open.resource.outside {
            return vec![PossibleWaker::Unseen(kind)];
        }
        let end = self.other_half(actor, open);
        if end.holders.is_empty() {
            let is_ready = end.cause.is_none() && is_ready(open.resource, open.wait);
            return is_ready.then_some(PossibleWaker::Ready(kind)).into_iter().collect();
        }
        let may_act = end.holders.iter().filter(|h| self.may_act(actor, h, going));
        may_act
            .map(|holder| PossibleWaker::Holder {
                who: self.identity(actor, holder),
                kind,
                operation,
                at: holder.at,
                trace: holder.trace(),
            })
            .collect()
    }

    /// The counterpart of a wait, the one for the drop of the other half included.
    fn other_half(&self, actor: TaskId, open: &OpenWait<'a>) -> Counterpart {
        let kind = open.resource.kind;
        match (open.resource.channel(), open.wait.operation) {
            (Some(channel), Operation::Closed) => Counterpart {
                holders: channel.receivers.iter().map(|end| of_endpoint(end, kind)).collect(),
                needs: Needs::All,
                cause: None,
                is_shared: true,
            },
            _ => self.counterpart(actor, open),
        }
    }

    /// Whether the holder goes on, or it is not known which task that is.
    fn may_act(&self, actor: TaskId, holder: &Holder, going: &HashSet<TaskId>) -> bool {
        // An endpoint that was never used may be anywhere.
        if holder.unused && !holder.sure {
            return true;
        }
        match (holder.task, self.waiters.living(holder.task)) {
            (None, _) => true,
            // It was left behind, for example in a struct.
            (Some(_), None) => false,
            // What is around a call waits for it.
            (Some(_), Some(task)) => going.contains(&task) && !self.waiters.is_within(actor, task),
        }
    }

    /// The tasks that go on or may do so: nothing is known of what they wait for, or such a task may wake them.
    pub(super) fn find_going_on(&self) -> HashSet<TaskId> {
        let alive = self.waiters.observed.alive.iter();
        let actors: HashSet<_> = alive.map(|t| self.waiters.actor(t.id)).collect();
        let sleeps = |t: &TaskId| self.waiters.is_exact(*t) && self.waiters.joins(*t) == 0;
        let (mut asleep, mut going): (Vec<TaskId>, HashSet<TaskId>) = (Vec::new(), HashSet::new());
        for actor in actors {
            match sleeps(&actor) || self.is_proven_stuck(actor) {
                true => asleep.push(actor),
                false => drop(going.insert(actor)),
            }
        }
        for _ in 0..STEPS {
            let may_wake = |t: &TaskId| self.may_be_woken(*t, &going);
            let (woken, rest): (Vec<_>, Vec<_>) = asleep.into_iter().partition(may_wake);
            asleep = rest;
            if woken.is_empty() {
                break;
            }
            going.extend(woken);
        }
        going
    }

    fn may_be_woken(&self, actor: TaskId, going: &HashSet<TaskId>) -> bool {
        let waits = self.waiters.open(actor).iter();
        let mut waits = waits.filter(|_| !self.is_proven_stuck(actor));
        waits.any(|open| !self.wakers_of(actor, open, going).is_empty())
    }
}

/// Whether a wait without a holder is over: a message lies there, a slot is free, or the lock is about to be granted.
fn is_ready(resource: &ResourceFacts, wait: &WaitFacts) -> bool {
    match (&resource.detail, wait.operation) {
        (Detail::Channel(_), Operation::Receive | Operation::Send | Operation::Closed) => true,
        (Detail::Lock(_) | Detail::Join(_), _) => true,
        (Detail::Token(token), _) => token.cancelled.is_some(),
        _ => false,
    }
}
