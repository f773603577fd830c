//! What happened to a task once, and is to be spoken of later.

use crate::fact::task::TaskFacts;
use crate::record::live::Live;
use crate::record::probe::PollResponse;
use std::panic::Location;
use std::time::Duration;

/// One such thing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// It panicked, and its handle was thrown away where it was started.
    Panicked,
    /// It was told to stop, and did not within the grace it had.
    IgnoredStop,
    /// The poll that asked where it waits moved it on, though nobody had polled it for `idle`.
    WokenByAsk {
        idle: Duration,
        wait: Option<&'static Location<'static>>,
    },
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
        if let Event::WokenByAsk { wait, .. } = self.event {
            facts.wait_at = wait;
        }
        facts
    }
}

/// Only after so long without a poll can an advance count as a lost wakeup ...
const IDLE: Duration = Duration::from_millis(50);
/// ... and only where the executor answered within this part of the time without a poll, so that a
/// wake that was under way just then is unlikely.
const PROMPT: u32 = 20;

/// Whether a poll that was asked for moved the task on though nobody had woken it.
pub(crate) fn lost_wakeup(poll: &PollResponse) -> Option<Event> {
    let idle = poll.began.since(poll.idle_since);
    let prompt = poll.began.since(poll.asked) * PROMPT <= idle;
    // Only an end tells: which branch of a `join!` is polled first changes from poll to poll.
    let lost = poll.ready && poll.wait_before.is_some() && prompt && idle >= IDLE;
    lost.then_some(Event::WokenByAsk {
        idle,
        wait: poll.wait_before,
    })
}
