//! What is known of the future of a task, and how certainly.

use crate::fact::cause::{Blockage, Prospect};
use crate::fact::position::Position;
use crate::fact::subject::Condition;
use crate::fact::task::{ProbeOutcome, TaskFacts};
use crate::report::case::Case;
use crate::report::{state, waking};
use crate::stack::{Class, Stack};
use crate::time::readable;
use crate::vocabulary::WaitKind;
use std::sync::Arc;
use std::time::Duration;

/// How often a task must have been polled, and how much older than its wait it must be, to be perhaps a loop.
const RETRIES: u64 = 5;

impl Case<'_> {
    pub(crate) fn verdict(&self) -> String {
        let task = self.task;
        match self.condition {
            Condition::Stuck => {
                "certainly stuck: its last poll registered no waker, so nothing can wake it".into()
            }
            Condition::Blocked(time) => self.blocked(time),
            Condition::TimerOrIo(time) => format!(
                "waits on {}{}, for {}{}; {}",
                timer_or_io(task),
                self.timer_place(),
                readable(time),
                self.after_polls(),
                match self.may_retry() {
                    true => "it may still finish on its own, or be a loop that retries",
                    false => "it may still finish on its own",
                }
            ),
            Condition::Running if self.spins_at.is_some() => {
                format!("it runs without progress{}", self.after_polls())
            }
            Condition::Running => {
                let polls = self.polls().map(|polls| format!(": {polls}"));
                format!("still making progress{}", polls.unwrap_or_default())
            }
            Condition::Busy(time) => {
                let thread = task.thread.as_ref();
                let thread =
                    thread.map_or_else(String::new, |name| format!(" on thread \"{name}\""));
                let missing = state::missing(task);
                let missing = missing.map_or_else(String::new, |why| format!("; {why}"));
                let time = readable(time);
                match task.kind.is_polled() {
                    true => format!(
                        "inside one poll for {time}{thread}; no other task runs there meanwhile{missing}"
                    ),
                    false => format!("still running after {time}{thread}{missing}"),
                }
            }
            Condition::NeverBegun(time) => match task.kind.is_polled() {
                true => format!("never polled by any executor in {}", readable(time)),
                false => format!("no thread has begun it in {}", readable(time)),
            },
        }
    }

    /// ` at src/pool.rs:50:9`, if that is not the place that the finding shows.
    fn timer_place(&self) -> String {
        let is_one = |stack: &&Arc<Stack>| matches!(stack.wait().class(), Class::Timer | Class::Io);
        let stack = self.task.stacks().iter().find(is_one);
        let place = stack.and_then(|stack| Position::of_frame(stack.place()?));
        let other = place.filter(|place| *place != self.anchor());
        other.map_or_else(String::new, |place| format!(" at {place}"))
    }

    /// Whether it sleeps, and may have done so before: a pause between attempts.
    pub(crate) fn may_retry(&self) -> bool {
        let Condition::TimerOrIo(time) = self.condition else {
            return false;
        };
        let age = self.finding.now.since(self.task.began);
        let sleeps = matches!(self.task.stacks(), [one] if one.wait() == WaitKind::Sleep);
        sleeps && self.count == 1 && self.task.polls >= RETRIES && age >= time * RETRIES as u32
    }

    /// A wait of which it may be known what could end it.
    fn blocked(&self, time: Duration) -> String {
        let time = format!("{}{}", readable(time), self.after_polls());
        match (self.blockage, &self.task.answer) {
            (Some(Blockage { prospect: Prospect::Stuck, .. }), _) => {
                format!("stuck for {time}: each task that could end the wait is stuck")
            }
            (Some(blockage), _) => {
                let prospect = waking::prospect(&blockage.wakers, self.finding, self.task);
                format!("blocked for {time}; {prospect}")
            }
            (None, ProbeOutcome::NotProbed) => format!("idle for {time}"),
            (None, ProbeOutcome::NoResponse) => {
                format!("idle for {time}; its executor did not poll it when leakguard woke it")
            }
            (None, _) if self.polls_set() => match self.task.stacks() {
                [_] => format!("blocked for {time}, until a future in its set wakes the set"),
                _ => format!("blocked for {time}; {}", waking::NOTHING),
            },
            (None, _) if self.class() == Class::Join => {
                format!("blocked for {time}, until what it joins ends")
            }
            (None, _) => format!("blocked for {time}; {}", waking::NOTHING),
        }
    }

    /// Whether it waits for a set of futures, which has wakers of its own.
    pub(crate) fn polls_set(&self) -> bool {
        self.task.wait() == Some(WaitKind::FuturesUnordered)
    }

    pub(crate) fn after_polls(&self) -> String {
        let polls = self.polls();
        polls.map_or_else(String::new, |polls| format!(" after {polls}"))
    }

    /// Several tasks have several numbers of polls.
    fn polls(&self) -> Option<String> {
        let counts = self.count == 1 && self.task.kind.is_polled();
        counts.then(|| match self.task.polls {
            1 => "1 poll".to_owned(),
            n => format!("{n} polls"),
        })
    }
}

fn timer_or_io(task: &TaskFacts) -> &'static str {
    let waits = |class| task.stacks().iter().any(|s| s.wait().class() == class);
    match (waits(Class::Timer), waits(Class::Io)) {
        (true, false) => "a timer",
        (false, true) => "I/O",
        _ => "a timer or on I/O",
    }
}
