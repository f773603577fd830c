//! What may still wake a waiting task, as far as leakguard knows.

use crate::fact::cause::PossibleWaker;
use crate::fact::id::TaskId;
use crate::fact::kind::Operation;
use crate::fact::task_map::TaskSet;
use crate::judge::counterpart::{Counterpart, Holder, Needs, of_endpoint};
use crate::judge::going::is_ready;
use crate::judge::graph::Graph;
use crate::judge::waiters::OpenWait;
use std::sync::Arc;

impl<'a> Graph<'a> {
    /// All that may wake `actor`: by the wait that a finding is about, and by its others.
    pub(super) fn wakers(&self, actor: TaskId, first: &OpenWait<'a>) -> Vec<Arc<[PossibleWaker]>> {
        if self.is_asleep() || self.is_proven_stuck(actor) {
            return Vec::new();
        }
        let others = self.waiters.open(actor).iter();
        let others = others.filter(|o| !std::ptr::eq(o.wait, first.wait));
        let waits = std::iter::once(first).chain(others);
        waits.map(|open| self.wakers_by(actor, open)).collect()
    }

    /// Those of one wait, shared by like tasks where many wait for many.
    fn wakers_by(&self, actor: TaskId, open: &OpenWait<'a>) -> Arc<[PossibleWaker]> {
        let find = || self.wakers_of(actor, open).into();
        match self.like(actor, open, 0).filter(|_| !self.is_call(actor)) {
            Some(like) => self.crowds.wakers(like, find),
            None => find(),
        }
    }

    fn wakers_of(&self, actor: TaskId, open: &OpenWait<'a>) -> Vec<PossibleWaker> {
        let (kind, operation) = (open.resource.kind, open.wait.operation);
        if open.resource.outside {
            return vec![PossibleWaker::Unseen(kind)];
        }
        let end = self.other_half(actor, open);
        if end.holders.is_empty() {
            let is_ready = end.cause.is_none() && is_ready(open.resource, open.wait);
            return is_ready.then_some(PossibleWaker::Ready(kind)).into_iter().collect();
        }
        let may_act = end.holders.iter().filter(|h| self.may_act(actor, h, self.going_on()));
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
    pub(super) fn other_half(&self, actor: TaskId, open: &OpenWait<'a>) -> Counterpart {
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
    fn may_act(&self, actor: TaskId, holder: &Holder, going: &TaskSet) -> bool {
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
}
