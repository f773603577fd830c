//! What was known of a channel or lock at one instant.

use crate::clock::Instant;
use crate::fact::id::{OutsideThread, ResourceId, ScopeId, TaskId, WakerMark};
use crate::fact::kind::{Operation, Refusal, ResourceKind, Side};
use crate::site::CallSite;

/// One channel, lock or signal.
#[derive(Clone, Debug)]
pub(crate) struct ResourceFacts {
    pub(crate) id: ResourceId,
    pub(crate) kind: ResourceKind,
    pub(crate) capacity: Option<usize>,
    pub(crate) created: CallSite,
    pub(crate) created_by: Option<TaskId>,
    pub(crate) scope: Option<ScopeId>,
    pub(crate) began: Instant,
    /// It may have endpoints that are not seen here, held by unknown tasks.
    pub(crate) outside: bool,
    /// In the order in which they came.
    pub(crate) waits: Vec<WaitFacts>,
    pub(crate) detail: Detail,
}

/// What only some kinds have.
#[derive(Clone, Debug)]
pub(crate) enum Detail {
    Channel(ChannelFacts),
    Lock(LockFacts),
    Notify(NotifyFacts),
    Token(TokenFacts),
    /// The name of its type.
    Value(&'static str),
    Join(Vec<JoinedFacts>),
    Set(SetFacts),
    Plain,
}

/// The counters of a channel.
#[derive(Clone, Debug)]
pub(crate) struct ChannelFacts {
    /// Messages that were sent, without failed sends.
    pub(crate) sent: u64,
    /// Messages that were received. For a broadcast, by all receivers together.
    pub(crate) received: u64,
    /// Failed sends, messages dropped with the channel, and messages that a slow broadcast receiver missed.
    pub(crate) lost: u64,
    /// The length of the queue. For a broadcast, that of its slowest receiver.
    pub(crate) depth: usize,
    /// Where the last of the queued messages were sent.
    pub(crate) queued: Vec<CallSite>,
    /// Its messages may contain an endpoint.
    pub(crate) carries: bool,
    pub(crate) high: usize,
    pub(crate) senders: Vec<EndpointFacts>,
    pub(crate) receivers: Vec<EndpointFacts>,
    pub(crate) failed: Option<OccurrenceFacts>,
    /// The last receiver of a broadcast that was dropped right after it had returned that it missed messages: the task that
    /// used it, where it returned that, and when it was dropped.
    pub(crate) lagged: Option<OccurrenceFacts>,
    /// Everything created before that send failed has a number below this one.
    pub(crate) failed_before: u64,
    /// Those of its two original endpoints that were dropped.
    pub(crate) gone: Vec<EndpointFacts>,
    /// When the last endpoint of one side was dropped. Not recorded for a oneshot.
    pub(crate) ended: Option<Instant>,
}

/// One live sender, receiver or token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EndpointFacts {
    pub(crate) id: u64,
    pub(crate) side: Side,
    pub(crate) created: CallSite,
    pub(crate) created_by: Option<TaskId>,
    /// The task that last used it. `None` if a thread or a plain frame did.
    pub(crate) last_task: Option<TaskId>,
    pub(crate) last_at: Option<CallSite>,
    /// For a token: its holder knows that it was cancelled.
    pub(crate) heard: bool,
    /// The task got it at that place, and has not used it.
    pub(crate) handed: bool,
    /// How often in a row it returned that the other side is gone, and when and how the last time.
    pub(crate) refused: u64,
    pub(crate) refused_at: Instant,
    pub(crate) refusal: Refusal,
}

impl EndpointFacts {
    /// Whether it was never used so far.
    pub(crate) fn is_unused(&self) -> bool {
        self.handed || self.last_at.is_none_or(|at| at == self.created)
    }
}

/// One wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaitFacts {
    /// No other wait has this number. A wait in the same place as before may be a new one.
    pub(crate) number: u64,
    pub(crate) task: Option<TaskId>,
    /// The thread that waits as a whole.
    pub(crate) thread: Option<String>,
    /// The number of that thread, if it waits outside of every task.
    pub(crate) thread_number: Option<OutsideThread>,
    pub(crate) operation: Operation,
    pub(crate) at: CallSite,
    pub(crate) permits: usize,
    /// For a `Notified`: how often `notify_waiters` had been called when it was created. For a condvar: how often it
    /// had been notified in any form.
    pub(crate) seen: u64,
    pub(crate) since: Instant,
    /// The number of the task's poll that saw it last.
    pub(crate) polls: u32,
    /// The stamp of that poll's beginning. For a probed task, that of the poll that responded.
    pub(crate) polled: Instant,
    /// The waker that it was polled with. A set of futures has wakers of its own.
    pub(crate) waker: WakerMark,
}

/// The holders of a lock, and what is free.
#[derive(Clone, Debug)]
pub(crate) struct LockFacts {
    /// All permits. Those that neither a hold nor a wait accounts for are free.
    pub(crate) permits: usize,
    /// It lies in a static: its guards have no limited lifetime and can go to other tasks.
    pub(crate) is_static: bool,
    /// The last release. The first waiter of a lock without holders has been granted the lock.
    pub(crate) released: Option<Instant>,
    pub(crate) forgotten: Option<ForgottenFacts>,
    pub(crate) holds: Vec<HoldFacts>,
}

/// Permits of a semaphore that were forgotten, so that nothing releases them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ForgottenFacts {
    /// The last place.
    pub(crate) at: CallSite,
    pub(crate) permits: usize,
}

/// One holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HoldFacts {
    pub(crate) task: Option<TaskId>,
    /// The thread that holds it outside of every task, if its guard cannot go to another thread.
    pub(crate) thread_number: Option<OutsideThread>,
    pub(crate) at: Option<CallSite>,
    pub(crate) since: Instant,
    pub(crate) permits: usize,
    /// It holds every permit: a mutex, or a lock for writing.
    pub(crate) exclusive: bool,
    /// Its guard may have gone to another task since `task` acquired it.
    pub(crate) movable: bool,
}

/// The last notifications of a `Notify` or a condvar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotifyFacts {
    pub(crate) one: Option<OccurrenceFacts>,
    pub(crate) last: Option<OccurrenceFacts>,
    pub(crate) waiters: Option<OccurrenceFacts>,
}

/// A join set.
#[derive(Clone, Debug)]
pub(crate) struct SetFacts {
    /// Its tasks that have not ended.
    pub(crate) alive: Vec<JoinedFacts>,
    /// Number of ended tasks that were not joined, now and at most.
    pub(crate) unjoined: u64,
    pub(crate) most: u64,
    pub(crate) spawned: Option<OccurrenceFacts>,
    /// The last join.
    pub(crate) joined: Option<OccurrenceFacts>,
}

impl SetFacts {
    pub(crate) fn len(&self) -> u64 {
        self.alive.len() as u64 + self.unjoined
    }
}

/// A thread or task whose end is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JoinedFacts {
    pub(crate) task: TaskId,
    pub(crate) started: CallSite,
}

/// A cancellation token.
#[derive(Clone, Debug)]
pub(crate) struct TokenFacts {
    pub(crate) parent: Option<ResourceId>,
    /// How it, or one above it, was cancelled.
    pub(crate) cancelled: Option<OccurrenceFacts>,
    /// Where that one above it was created.
    pub(crate) above: Option<CallSite>,
    pub(crate) handles: Vec<EndpointFacts>,
}

/// The tasks of one spawn that have ended, whose handles are kept and were not awaited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HandlesFacts {
    pub(crate) started: CallSite,
    pub(crate) unjoined: u64,
    pub(crate) most: u64,
}

impl ResourceFacts {
    pub(crate) fn channel(&self) -> Option<&ChannelFacts> {
        match &self.detail {
            Detail::Channel(facts) => Some(facts),
            _ => None,
        }
    }
}

impl LockFacts {
    /// Permits without a holder: free, or granted to a waiter that has not been polled since.
    pub(crate) fn unheld(&self) -> usize {
        let held: usize = self.holds.iter().map(|h| h.permits).sum();
        self.permits.saturating_sub(held)
    }
}

/// The last use of something, with its instant and a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OccurrenceFacts {
    pub(crate) task: Option<TaskId>,
    pub(crate) at: Option<CallSite>,
    pub(crate) when: Instant,
    pub(crate) times: u64,
}
