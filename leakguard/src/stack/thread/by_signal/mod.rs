//! Asks a thread for its stack by a signal, and waits for the copy; one thread at a time.
#![expect(unsafe_code, reason = "to be the only asker is what a page asks for")]

mod handler;
mod module;
mod page;
mod registers;
mod slot;
#[cfg(test)]
mod tests;
mod walk;

use super::{Missing, Preference};
use crate::lock::Lock;
use crate::stack::raw::RawStack;
use handler::SLOTS;
pub(crate) use handler::Target;
use slot::Asked;
use std::sync::MutexGuard;
use std::time::{Duration, Instant};
use walk::Walker;

/// A thread that gets the processor answers within microseconds; on a loaded machine it may have to wait for that, and
/// is waited for. Many threads that do not answer must not hold up a report: so each gets half of what is left of this.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long to rest between two looks: at first as long as an answer takes.
const FIRST_NAP: Duration = Duration::from_micros(10);
const LONGEST_NAP: Duration = Duration::from_millis(1);

/// Who holds it is the only asker; with what is known of the program's code.
static DESK: Lock<Option<Walker>> = Lock::new(None);

/// Asks threads for their stacks, one after the other.
pub(crate) struct Asker {
    desk: MutexGuard<'static, Option<Walker>>,
    preference: Preference,
    patience: Duration,
}

/// A signal is under way; to be passed to [`Asker::wait`].
#[derive(Debug)]
pub(crate) struct Question {
    slot: usize,
    asked: Asked,
}

impl Asker {
    pub(crate) fn new(preference: Preference) -> Self {
        Asker {
            desk: DESK.lock(),
            preference,
            patience: PATIENCE,
        }
    }

    /// Sends the signal. The thread must be alive until this returns.
    pub(crate) fn signal(&mut self, target: &Target) -> Result<Question, Missing> {
        if cfg!(miri) {
            return Err(Missing::Unsupported);
        }
        let signal = handler::ready(self.preference).ok_or(Missing::NoSignal)?;
        let put = |slot: &slot::Slot<page::Page>| {
            // SAFETY: Whoever holds the desk is the only asker, and ends each question before the next, as `wait` takes
            // it and `signal` ends what it could not send.
            unsafe { slot.ask(target.id(), |page| page.prepare(target.stack())) }
        };
        let mut free = SLOTS.iter().enumerate();
        let found = free.find_map(|(at, slot)| put(slot).map(|asked| (at, asked)));
        let (slot, asked) = found.ok_or(Missing::NoAnswer)?;
        let question = Question { slot, asked };
        if target.send(signal) {
            Ok(question)
        } else {
            self.end(question);
            Err(Missing::OutOfReach)
        }
    }

    /// Waits for the answer, but not for long.
    pub(crate) fn wait(&mut self, question: Question) -> Result<RawStack, Missing> {
        let began = Instant::now();
        let limit = self.patience / 2;
        let mut nap = FIRST_NAP;
        while !SLOTS[question.slot].is_answered(&question.asked) && began.elapsed() < limit {
            std::thread::sleep(nap);
            nap = (nap * 2).min(LONGEST_NAP);
        }
        self.patience = self.patience.saturating_sub(began.elapsed());
        self.end(question).ok_or(Missing::NoAnswer)
    }

    fn end(&mut self, question: Question) -> Option<RawStack> {
        let walker = self.desk.get_or_insert_default();
        // SAFETY: As in `signal`; the question is the one that is open.
        unsafe { SLOTS[question.slot].end(question.asked, |page| walker.walk(page)) }
    }
}
