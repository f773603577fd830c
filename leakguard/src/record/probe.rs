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
    /// The number of the thread that polled it.
    pub(crate) thread: u16,
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

    /// The longest that the thread of an executor took for the next poll that responded, though the task was `woken`. How
    /// long many tasks take together tells nothing of the time that their executor has.
    pub(crate) fn slowest(&self, woken: impl Fn(TaskId) -> Instant) -> Duration {
        let mut polls: Vec<_> = {
            let replies = self.replies.lock();
            let polls = replies.iter().filter_map(|reply| Some((reply.task, reply.poll.as_ref()?)));
            polls.map(|(task, poll)| (poll.thread, poll.began, task)).collect()
        };
        polls.sort_unstable();
        let (mut longest, mut before) = (Duration::ZERO, None);
        for (thread, began, task) in polls {
            let last = before.filter(|(other, _)| *other == thread).map(|(_, last)| last);
            longest = longest.max(began.since(last.max(Some(woken(task))).unwrap_or(began)));
            before = Some((thread, began));
        }
        longest
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_nanos(millis * 1_000_000)
    }

    /// The delay of executors that polled tasks, which were woken at once, on a thread and after milliseconds.
    fn slowest(polls: impl IntoIterator<Item = (u16, u64)>) -> Duration {
        let probe = Probe::new(at(0), true, 0, || {});
        for (number, (thread, millis)) in (1..).zip(polls) {
            let poll = PollResponse {
                capture: Capture::default(),
                ready: false,
                probed: at(0),
                idle_since: at(0),
                began: at(millis),
                thread,
                beside: None,
                by_tokio: false,
                wait_before: None,
                wait_after: None,
            };
            let task = TaskId::new(number).expect("not 0");
            probe.replies.lock().push(ProbeReply { task, poll: Some(Arc::new(poll)) });
        }
        probe.slowest(|_| at(0))
    }

    #[test]
    fn many_tasks_that_are_polled_in_a_row_have_no_slow_executor() {
        assert_eq!(slowest((1..1_000).map(|millis| (1, millis))), Duration::from_millis(1));
    }

    #[test]
    fn executor_that_pauses_or_begins_late_is_slow_whatever_another_does() {
        let prompt = (1..1_000).map(|millis| (1, millis));
        assert_eq!(slowest([(1, 1), (1, 40), (1, 41)]), Duration::from_millis(39));
        assert_eq!(slowest(prompt.chain([(2, 500)])), Duration::from_millis(500));
    }
}
