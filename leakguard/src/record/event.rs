//! What happened to a task once, to be reported later.

use crate::clock::Instant;
use crate::fact::story::PanicStory;
use crate::fact::task::{NativeStack, TaskFacts};
use crate::record::live::Live;
use crate::record::probe::PollResponse;
use crate::site::CallSite;
use std::time::Duration;

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// It panicked, and its handle was discarded where it was spawned.
    Panicked(Option<Box<PanicStory>>),
    /// It was asked to stop, and did not within its grace.
    IgnoredStop,
    /// The probed poll moved it on, though it had not been polled for `idle`.
    WokenByAsk { idle: Duration, wait: Option<CallSite> },
    /// One of its polls kept its executor's thread for long, and has ended.
    WasBusy(Box<BusyPoll>),
}

/// Such a poll.
#[derive(Clone, Debug)]
pub(crate) struct BusyPoll {
    pub(crate) time: Duration,
    pub(crate) thread: Option<String>,
    /// The stack of the thread during the poll.
    pub(crate) native: NativeStack,
}

/// An event and the task.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) task: Live,
    pub(crate) event: Event,
}

impl Noted {
    /// The task as it was when this happened.
    pub(crate) fn facts(&self) -> TaskFacts {
        let mut facts = self.task.facts();
        match &self.event {
            Event::WokenByAsk { wait, .. } => facts.wait_at = *wait,
            Event::WasBusy(poll) => {
                facts.native = poll.native.clone();
                facts.thread = poll.thread.clone();
            }
            Event::Panicked(_) | Event::IgnoredStop => {}
        }
        facts
    }
}

/// How long a task must not have been polled before its progress can count as a lost wakeup.
const IDLE: Duration = Duration::from_millis(50);
/// A lost wakeup is reported only where the executor responded within this fraction of the idle time, so that a wake
/// that was under way at that instant is unlikely.
const PROMPT: u32 = 20;

/// Whether the task had not been polled for long enough, since `idle_since`, and was polled soon enough after it was
/// probed, for an end of that poll to show that its wakeup was lost.
pub(crate) fn is_prompt(probed: Instant, idle_since: Instant, began: Instant) -> bool {
    let idle = began.since(idle_since);
    idle >= IDLE && began.since(probed) * PROMPT <= idle
}

/// Whether a probed poll moved the task on though it had not been woken.
pub(crate) fn lost_wakeup(poll: &PollResponse) -> Option<Event> {
    let idle = poll.began.since(poll.idle_since);
    let prompt = is_prompt(poll.probed, poll.idle_since, poll.began);
    // Only an end is evidence: which branch of a `join!` is polled first changes from poll to poll.
    let lost = poll.ready && poll.wait_before.is_some() && prompt;
    // What is tokio's wakes its task. That wake is under way if the probe comes before the driver has turned, for example
    // when a timer is due at the same instant.
    (lost && !poll.by_tokio).then_some(Event::WokenByAsk { idle, wait: poll.wait_before })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::Location;

    /// A task that was probed after 108 ms, and ended in the poll that responded.
    fn ended(by_tokio: bool) -> PollResponse {
        let at = |millis: u64| Instant::from_nanos(millis * 1_000_000);
        PollResponse {
            capture: Default::default(),
            ready: true,
            probed: at(108),
            idle_since: at(0),
            began: at(108),
            thread: 0,
            beside: None,
            by_tokio,
            wait_before: Some(Location::caller()),
            wait_after: None,
        }
    }

    #[test]
    fn timer_that_was_due_when_it_was_probed_lost_no_wakeup() {
        assert!(lost_wakeup(&ended(false)).is_some());
        assert!(lost_wakeup(&ended(true)).is_none());
    }
}
