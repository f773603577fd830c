//! Why a wait on a channel or lock does not end, as far as that is known.

use crate::clock::Instant;
use crate::fact::id::{TaskId, TaskKind};
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::{ResourceFacts, WaitFacts};
use crate::site::{CallSite, Site};
use crate::vocabulary::Cause;
use std::sync::Arc;

/// A task as a report names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskLabel {
    pub(crate) id: TaskId,
    pub(crate) kind: TaskKind,
    pub(crate) site: &'static Site,
}

/// Which task holds, or last used, what could end a wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Identity {
    /// The waiting task.
    Itself,
    Task(TaskLabel),
    /// The function of the scope, which has returned.
    Returned,
    /// A task that has ended.
    Ended,
    /// Code outside of every watched task.
    Unwatched,
}

/// One holder of a lock, or one live endpoint of the other side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Party {
    pub(crate) who: Identity,
    /// Where the lock was acquired, or the endpoint last used. See [`Trace`].
    pub(crate) at: Option<CallSite>,
    /// When the lock was acquired.
    pub(crate) since: Option<Instant>,
    pub(crate) trace: Trace,
}

/// What the place is at which a holder was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    /// It acquired the lock there, or last used the endpoint.
    Used,
    /// The endpoint was created there and not used since, so that it may be anywhere.
    Created,
    /// The endpoint was moved into the task there, and not used since.
    Moved,
    /// The endpoint was probably sent there, and lies in the queue of the channel created here. The holder could receive
    /// it.
    Queued(CallSite),
    /// It requested the lock there before the waiting task did, and is served first.
    Requested,
}

/// What leakguard knows of that may still wake a waiting task.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PossibleWaker {
    /// The holder of what the task waits for, or of the other half.
    Holder {
        who: Identity,
        kind: ResourceKind,
        operation: Operation,
        at: Option<CallSite>,
        trace: Trace,
    },
    /// The wait is over, and the task has not noticed so far.
    Ready(ResourceKind),
    /// The other half may be where leakguard does not see it.
    Unseen(ResourceKind),
}

/// What one step of a deadlock waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitTarget {
    Thing(ResourceKind),
    /// The next task ends, and perhaps others that this one spawned.
    End,
}

impl WaitTarget {
    pub(crate) fn is_lock(self) -> bool {
        matches!(self, WaitTarget::Thing(kind) if kind.is_lock())
    }
}

/// One step of a deadlock: `waiter` waits for what the waiter of the next step holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) waiter: TaskLabel,
    pub(crate) wait_at: Option<CallSite>,
    pub(crate) wants: WaitTarget,
    /// What it does with that. `None` for a join of an unknown task.
    pub(crate) operation: Option<Operation>,
    /// Where that was created.
    pub(crate) created: Option<CallSite>,
    /// Where the next one acquired or last used that.
    pub(crate) held_at: Option<CallSite>,
    /// What that place is. The next one may only have requested it.
    pub(crate) trace: Trace,
}

/// How certain it is that a wait never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prospect {
    /// A task or thread may still end it.
    MayBeWoken,
    /// Nothing else that the task waits for can wake it, and no task or thread is known that could end this wait.
    NoKnownWaker,
    /// Every task that could end it is stuck, whatever unwatched code does.
    Stuck,
}

/// All that is known of one wait that does not end.
#[derive(Clone, Debug)]
pub(crate) struct Blockage {
    pub(crate) cause: Option<Cause>,
    pub(crate) wait: WaitFacts,
    /// Shared, because as many tasks may wait on it as there are.
    pub(crate) resource: Arc<ResourceFacts>,
    pub(crate) parties: Arc<[Party]>,
    /// Not empty for a deadlock only.
    pub(crate) cycle: Arc<[Edge]>,
    pub(crate) prospect: Prospect,
    /// What may still wake the task, by this wait and by each other branch. Empty if it is stuck.
    pub(crate) wakers: Vec<Arc<[PossibleWaker]>>,
    /// Only the waiting task can hold the other side.
    pub(crate) own: bool,
    /// Where the waiting task sent a message that was lost, after it had created the channel that it waits on.
    pub(crate) lost_at: Option<CallSite>,
    /// The known waits inside of a set of futures that the task polls, the oldest first. If the task has no other known
    /// wait, `wait` is one of them.
    pub(crate) inside: Vec<InnerWait>,
    /// A consumer of the scope that ended when it had missed messages.
    pub(crate) lagged: Option<LaggedConsumer>,
}

/// A task that has ended, and that dropped its receiver of a broadcast when that had returned `Lagged`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaggedConsumer {
    /// Where the broadcast was created.
    pub(crate) created: CallSite,
    /// Where the receiver returned `Lagged`.
    pub(crate) at: CallSite,
    pub(crate) dropped: Instant,
}

/// The wait of one future in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InnerWait {
    pub(crate) kind: ResourceKind,
    /// Where that was created.
    pub(crate) created: CallSite,
    pub(crate) operation: Operation,
    pub(crate) at: CallSite,
}
