//! A probe of tasks for the place where they wait, and the responses as they come in.

use crate::clock::{self, Instant};
use crate::fact::id::TaskId;
use crate::lock::Lock;
use crate::site::CallSite;
use crate::stack::Capture;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// The response of one task.
#[derive(Debug)]
pub(crate) struct ProbeReply {
    pub(crate) task: TaskId,
    /// `None` when the task ended without being polled again.
    pub(crate) poll: Option<Arc<PollResponse>>,
}

/// What a probed poll showed.
#[derive(Debug)]
pub(crate) struct PollResponse {
    pub(crate) capture: Capture,
    /// The poll returned `Ready`, so the task has ended.
    pub(crate) ready: bool,
    /// When the probe was sent.
    pub(crate) probed: Instant,
    /// When the task was last polled before.
    pub(crate) idle_since: Instant,
    pub(crate) began: Instant,
    /// How many tasks the runtime of the poll had, if it has one.
    pub(crate) beside: Option<usize>,
    /// The task ended, and something of tokio's completed in that poll: a timer, I/O, a channel, a lock.
    pub(crate) by_tokio: bool,
    pub(crate) wait_before: Option<CallSite>,
    pub(crate) wait_after: Option<CallSite>,
}

/// One probe, shared by its sender and all probed tasks.
pub(crate) struct Probe {
    pub(crate) sent: Instant,
    /// The judge probes: a task that moves on because of it has lost its wakeup.
    pub(crate) is_judge: bool,
    missing: AtomicUsize,
    replies: Lock<Vec<ProbeReply>>,
    /// When the last response came, in nanoseconds.
    last: AtomicU64,
    on_complete: Box<dyn Fn() + Send + Sync>,
}

impl Probe {
    /// Expects `count` responses. The last one calls `on_complete`.
    pub(crate) fn new(
        sent: Instant,
        is_judge: bool,
        count: usize,
        on_complete: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Probe {
            sent,
            is_judge,
            missing: AtomicUsize::new(count),
            replies: Lock::new(Vec::with_capacity(count)),
            last: AtomicU64::new(sent.nanos()),
            on_complete: Box::new(on_complete),
        }
    }

    pub(crate) fn reply(&self, reply: ProbeReply) {
        self.replies.lock().push(reply);
        self.last.store(clock::coarse().nanos(), Ordering::Relaxed);
        if self.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            (self.on_complete)();
        }
    }

    /// When the last response came. Before the first one, when the probe was sent.
    pub(crate) fn last_reply(&self) -> Instant {
        Instant::from_nanos(self.last.load(Ordering::Relaxed)).max(self.sent)
    }

    /// Whether all tasks have responded.
    pub(crate) fn is_complete(&self) -> bool {
        self.missing.load(Ordering::Acquire) == 0
    }

    /// The longest time from the probe to the poll that responded.
    pub(crate) fn slowest(&self) -> Duration {
        let replies = self.replies.lock();
        let delays = replies.iter().filter_map(|r| Some(r.poll.as_ref()?.began.since(self.sent)));
        delays.max().unwrap_or_default()
    }

    /// Takes the responses so far.
    pub(crate) fn take(&self) -> Vec<ProbeReply> {
        std::mem::take(&mut *self.replies.lock())
    }
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Probe").field("missing", &self.missing).finish_non_exhaustive()
    }
}
