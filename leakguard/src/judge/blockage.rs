//! Why one task's wait does not end, read from the graph.

use crate::fact::cause::{
    Blockage, Edge, Identity, InnerWait, LaggedConsumer, Party, Prospect, WaitTarget,
};
use crate::fact::id::{TaskId, comes_before};
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::ResourceFacts;
use crate::fact::task::TaskFacts;
use crate::judge::counterpart::{Counterpart, Holder};
use crate::judge::crowd::{self, WaitLikeness};
use crate::judge::graph::{FailedSend, Graph, named};
use crate::judge::waiters::OpenWait;
use crate::site::CallSite;
use crate::vocabulary::Cause;
use std::sync::Arc;

impl<'a> Graph<'a> {
    /// The wait of a task that tells most: the one in its cycle, else the first that a known task could end.
    pub(crate) fn blockage(&self, task: &TaskFacts) -> Option<Blockage> {
        let actor = self.waiters.actor(task.id);
        // A task that holds the other half of its own channel is not called a deadlock.
        let is_told = |cycle: &[Edge]| !matches!(cycle, [edge] if !edge.wants.is_lock());
        let cycle = self.cycle(actor).filter(|(cycle, _)| is_told(cycle));
        let first = self.first(actor, cycle.as_ref().map(|(cycle, at)| &cycle[*at]))?;
        let cycle = cycle.map(|(cycle, _)| cycle).unwrap_or_default();
        let like = self.like(actor, first, cycle.len());
        let find = || self.blockage_at(actor, first, cycle.clone());
        let found = match like {
            Some(like) => self.crowds.told(like, find),
            None => find(),
        };
        Some(Blockage {
            wait: first.wait.clone(),
            cycle,
            wakers: self.wakers(actor, first),
            inside: self.waiters.inside(actor).iter().map(inner).collect(),
            ..found
        })
    }

    /// What like tasks have in common.
    fn blockage_at(&self, actor: TaskId, first: &OpenWait<'a>, cycle: Arc<[Edge]>) -> Blockage {
        let end = self.counterpart(actor, first);
        let holder = |h: &Holder| h.task.map(|t| self.waiters.actor(t));
        let own = |h: &Holder| h.sure && holder(h) == Some(actor);
        let lost_at = self.lost_at(actor, first, &end);
        Blockage {
            cause: match lost_at {
                Some(_) => Some(Cause::LostMessage),
                None => self.cause(actor, first, &end, cycle.len()),
            },
            wait: first.wait.clone(),
            resource: self.crowds.facts(first.resource),
            parties: end.holders.iter().map(|h| self.party(actor, h)).collect(),
            prospect: self.prospect(actor, &end),
            wakers: Vec::new(),
            own: !end.holders.is_empty() && end.holders.iter().all(own),
            lost_at,
            cycle,
            inside: Vec::new(),
            lagged: self.lagged(),
        }
    }

    /// What a task has in common with others of a crowd that waits for a crowd. `None` where each wait is looked at.
    pub(super) fn like(
        &self,
        actor: TaskId,
        first: &OpenWait<'a>,
        steps: usize,
    ) -> Option<WaitLikeness> {
        let crowd = self.crowd(first).filter(|crowd| crowd.is_large())?;
        Some(WaitLikeness {
            shared: crowd::shared(first.resource, first.wait),
            at: first.wait.at,
            steps: steps.min(2),
            is_holder: crowd.has_holder(actor),
            is_exact: self.waiters.is_exact(actor),
            is_proven: self.is_proven_stuck(actor),
        })
    }

    fn first(&self, actor: TaskId, edge: Option<&Edge>) -> Option<&OpenWait<'a>> {
        let open = self.waiters.open(actor);
        let leads = |o: &&OpenWait| {
            edge.is_some_and(|e| {
                e.wait_at == Some(o.wait.at) && e.wants == WaitTarget::Thing(o.resource.kind)
            })
        };
        let rank = |o: &&OpenWait<'a>| !self.has_holders(actor, o);
        open.iter()
            .find(leads)
            .or_else(|| open.iter().min_by_key(rank))
            .or_else(|| self.waiters.inside(actor).iter().min_by_key(rank))
            .or_else(|| self.waiters.renewed(actor))
    }

    fn has_holders(&self, actor: TaskId, open: &OpenWait<'a>) -> bool {
        match self.crowd(open) {
            Some(crowd) => !crowd.end.holders.is_empty(),
            None => !self.counterpart(actor, open).holders.is_empty(),
        }
    }

    /// Whether an awake task is known that could end the wait, or something else that could wake the waiting task.
    fn prospect(&self, actor: TaskId, end: &Counterpart) -> Prospect {
        if self.is_proven_stuck(actor) {
            return Prospect::Stuck;
        }
        // It is not known which task a join waits for.
        let sleeps = |t| self.waiters.is_exact(t) && self.waiters.joins(t) == 0;
        let awake = |h: &Holder| {
            let task = self.waiters.living(h.task);
            let other = task.filter(|t| *t != actor && self.waiters.is_inside(*t));
            // An endpoint that was never used may be anywhere.
            let gone = h.unused && !h.sure;
            gone || other.is_some_and(|t| !sleeps(t))
        };
        let known = sleeps(actor) && !end.holders.is_empty();
        match self.is_asleep() || known && !end.holders.iter().any(awake) {
            true => Prospect::NoKnownWaker,
            false => Prospect::MayBeWoken,
        }
    }

    /// The last consumer of the scope that ended when it had missed messages. One whose task lives may have subscribed anew.
    fn lagged(&self) -> Option<LaggedConsumer> {
        *self.lagged.get_or_init(|| self.find_lagged())
    }

    fn find_lagged(&self) -> Option<LaggedConsumer> {
        let own = |r: &&ResourceFacts| r.scope.is_some_and(|scope| self.waiters.has_scope(scope));
        let consumer = |r: &ResourceFacts| {
            let lagged = r.channel()?.lagged?;
            let has_ended = lagged.task.is_some_and(|task| !self.waiters.is_alive(task));
            let (created, dropped) = (r.created, lagged.when);
            Some(LaggedConsumer { created, at: lagged.at?, dropped }).filter(|_| has_ended)
        };
        let all = self.waiters.observed.resources.iter().filter(own);
        all.filter_map(consumer).max_by_key(|consumer| consumer.dropped)
    }

    /// Where the task lost a message after it had created the oneshot that it waits on: the last message it sent before
    /// the wait, if that was lost.
    fn lost_at(&self, actor: TaskId, open: &OpenWait, end: &Counterpart) -> Option<CallSite> {
        let oneshot = open.resource.kind == ResourceKind::Oneshot;
        let receives = oneshot && open.wait.operation == Operation::Receive;
        let unmoved = |h: &Holder| h.unused && !h.handed;
        if !receives || !end.holders.iter().all(unmoved) {
            return None;
        }
        let is_later = |(failed, before): &&FailedSend| {
            // Numbers give the order within one thread's supply, and the coarse time gives the order of what is further
            // apart.
            let after =
                failed.when > open.resource.began || comes_before(open.resource.id.0, *before);
            failed.when <= open.wait.since && after
        };
        let own = self.failed_sends(actor).iter().filter(is_later);
        own.max_by_key(|(failed, _)| failed.when)?.0.at
    }

    fn cause(
        &self,
        actor: TaskId,
        open: &OpenWait,
        end: &Counterpart,
        cycle: usize,
    ) -> Option<Cause> {
        match end.cause {
            None | Some(Cause::NeverSignalled) if cycle > 1 => return Some(Cause::Cycle),
            Some(cause) => return Some(cause),
            None => {}
        }
        if open.resource.outside {
            return Some(Cause::HeldOutside);
        }
        if open.resource.kind == ResourceKind::Barrier {
            return self.is_asleep().then_some(Cause::TooFew);
        }
        let gone = |h: &Holder| {
            let own = self.waiters.living(h.task) == Some(actor);
            own && h.unused && !h.sure && (h.travels || h.handed)
        };
        if end.holders.iter().any(gone) {
            return None;
        }
        let causes = end.holders.iter().map(|h| self.cause_of(actor, h.task));
        // A holder that may still act is the one to report.
        let rank = |c: &Cause| match c {
            Cause::HeldByAnother => 0,
            Cause::HeldOutside => 1,
            Cause::HeldByItself => 2,
            _ => 3,
        };
        causes.min_by_key(rank)
    }

    fn cause_of(&self, actor: TaskId, holder: Option<TaskId>) -> Cause {
        match holder {
            None => Cause::HeldOutside,
            Some(task) if !self.waiters.is_alive(task) => Cause::LeftBehind,
            Some(task) if self.waiters.actor(task) == actor => Cause::HeldByItself,
            Some(task) if self.waiters.is_inside(task) => Cause::HeldByAnother,
            Some(_) => Cause::HeldOutside,
        }
    }

    fn party(&self, actor: TaskId, holder: &Holder) -> Party {
        let who = self.identity(actor, holder);
        Party { who, at: holder.at, since: holder.since, trace: holder.trace() }
    }

    pub(super) fn identity(&self, actor: TaskId, holder: &Holder) -> Identity {
        let living = self.waiters.living(holder.task);
        match (holder.task, living) {
            (None, _) => Identity::Unwatched,
            (_, Some(task)) if task == actor => Identity::Itself,
            (_, Some(task)) => match self.waiters.task(task) {
                Some(facts) => Identity::Task(named(facts)),
                None => Identity::Ended,
            },
            (Some(task), _) if task == self.waiters.observed.scope.id.0 => Identity::Returned,
            (Some(_), _) => Identity::Ended,
        }
    }
}

/// The wait of a future in a set, as a report lists it.
fn inner(open: &OpenWait<'_>) -> InnerWait {
    InnerWait {
        kind: open.resource.kind,
        created: open.resource.created,
        operation: open.wait.operation,
        at: open.wait.at,
    }
}
