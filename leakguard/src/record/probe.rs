//! A question put to tasks, "where do you wait?", and the answers as they come in.

use crate::clock::{self, Instant};
use crate::fact::id::TaskId;
use crate::lock::Lock;
use crate::stack::Capture;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// What one task answered with its next poll.
#[derive(Debug)]
pub(crate) struct ProbeReply {
    pub(crate) task: TaskId,
    /// `None` when the task ended without being polled again.
    pub(crate) poll: Option<Arc<PollResponse>>,
}

/// What a poll that was asked for showed.
#[derive(Debug)]
pub(crate) struct PollResponse {
    pub(crate) capture: Capture,
    /// The poll returned `Ready`: the task has ended by it.
    pub(crate) ready: bool,
    /// When the question came.
    pub(crate) asked: Instant,
    /// When the task was last polled before.
    pub(crate) idle_since: Instant,
    pub(crate) began: Instant,
    /// How many tasks the runtime of the poll had, where there was one.
    pub(crate) beside: Option<usize>,
    pub(crate) wait_before: Option<&'static Location<'static>>,
    pub(crate) wait_after: Option<&'static Location<'static>>,
}

/// One question, shared by the asker and by all that are asked.
pub(crate) struct Probe {
    pub(crate) asked: Instant,
    /// A judge asks; what moves on because of him has lost its wakeup.
    pub(crate) judges: bool,
    missing: AtomicUsize,
    replies: Lock<Vec<ProbeReply>>,
    /// When the last reply came, in nanoseconds.
    last: AtomicU64,
    bell: Box<dyn Fn() + Send + Sync>,
}

impl Probe {
    /// Expects `count` answers; `bell` is called by whoever gives the last.
    pub(crate) fn new(
        asked: Instant,
        judges: bool,
        count: usize,
        bell: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Probe {
            asked,
            judges,
            missing: AtomicUsize::new(count),
            replies: Lock::new(Vec::with_capacity(count)),
            last: AtomicU64::new(asked.nanos()),
            bell: Box::new(bell),
        }
    }

    pub(crate) fn reply(&self, reply: ProbeReply) {
        self.replies.lock().push(reply);
        self.last.store(clock::coarse().nanos(), Ordering::Relaxed);
        if self.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            (self.bell)();
        }
    }

    /// When the last reply came; when it was asked, before the first one.
    pub(crate) fn last_reply(&self) -> Instant {
        Instant::from_nanos(self.last.load(Ordering::Relaxed)).max(self.asked)
    }

    /// Whether all have answered.
    pub(crate) fn is_complete(&self) -> bool {
        self.missing.load(Ordering::Acquire) == 0
    }

    /// The longest time from the question to the poll that answered it.
    pub(crate) fn slowest(&self) -> Duration {
        let replies = self.replies.lock();
        let delays = replies
            .iter()
            .filter_map(|r| Some(r.poll.as_ref()?.began.since(self.asked)));
        delays.max().unwrap_or_default()
    }

    /// Takes what has been answered so far.
    pub(crate) fn take(&self) -> Vec<ProbeReply> {
        std::mem::take(&mut *self.replies.lock())
    }
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Probe")
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}
