//! Requests a thread's stack by a signal and waits for the copy, one thread at a time.
#![expect(unsafe_code, reason = "a mailbox requires that there is one requester")]

mod context;
mod handler;
mod mailbox;
mod stack_copy;
#[cfg(test)]
mod tests;
mod thread_ref;

use super::{Missing, SignalPreference};
use crate::lock::Lock;
use crate::stack::raw::{RawStack, WalkedFrames};
use crate::stack::unwind::Walker;
use handler::MAILBOXES;
use mailbox::{Mailbox, RequestId};
use stack_copy::StackCopy;
use std::sync::MutexGuard;
use std::time::{Duration, Instant};
pub(crate) use thread_ref::ThreadRef;

/// How long one sampler waits for all its threads together. A running thread responds within microseconds; on a loaded
/// machine it may have to wait for a processor. Threads that do not respond must not hold up a report, so each is
/// allowed half of what is left.
const PATIENCE: Duration = Duration::from_millis(250);
/// Pauses between two looks at a mailbox, at first as long as a response takes.
const FIRST_PAUSE: Duration = Duration::from_micros(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(1);

/// Its holder is the only requester. The walker keeps what is known of the program's code.
static WALKER: Lock<Option<Walker>> = Lock::new(None);

/// Takes the stacks of threads, one after the other.
pub(crate) struct Sampler {
    walker: MutexGuard<'static, Option<Walker>>,
    preference: SignalPreference,
    patience: Duration,
}

/// A signal is under way; to be passed to [`Sampler::wait`].
#[derive(Debug)]
pub(crate) struct SampleRequest {
    mailbox: usize,
    id: RequestId,
}

impl Sampler {
    pub(crate) fn new(preference: SignalPreference) -> Self {
        Sampler { walker: WALKER.lock(), preference, patience: PATIENCE }
    }

    /// Sends the signal. The thread must be alive until this returns.
    pub(crate) fn request(&mut self, thread: &ThreadRef) -> Result<SampleRequest, Missing> {
        if cfg!(miri) {
            return Err(Missing::Unsupported);
        }
        let signal = handler::ready(self.preference).ok_or(Missing::NoSignal)?;
        let open = |mailbox: &Mailbox<StackCopy>| {
            // SAFETY: The holder of `WALKER` is the only requester, and closes each request before the next: `wait`
            // consumes it, and this function closes one whose signal could not be sent.
            unsafe { mailbox.request(thread.id(), |copy| copy.prepare(thread.stack())) }
        };
        let mut all = MAILBOXES.iter().enumerate();
        let found = all.find_map(|(at, mailbox)| open(mailbox).map(|id| (at, id)));
        let (mailbox, id) = found.ok_or(Missing::NoResponse)?;
        let request = SampleRequest { mailbox, id };
        if thread.send(signal) {
            Ok(request)
        } else {
            self.close(request);
            Err(Missing::OutOfReach)
        }
    }

    /// Waits for the response, for at most half of the remaining patience.
    pub(crate) fn wait(&mut self, request: SampleRequest) -> Result<RawStack, Missing> {
        let began = Instant::now();
        let limit = self.patience / 2;
        let mut pause = FIRST_PAUSE;
        while !MAILBOXES[request.mailbox].is_done(&request.id) && began.elapsed() < limit {
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.patience = self.patience.saturating_sub(began.elapsed());
        self.close(request).ok_or(Missing::NoResponse)
    }

    fn close(&mut self, request: SampleRequest) -> Option<RawStack> {
        let walker = self.walker.get_or_insert_with(Walker::new);
        let mut frames = WalkedFrames::default();
        // SAFETY: As in `request`, and this request is the open one.
        unsafe {
            MAILBOXES[request.mailbox].close(request.id, |copy| {
                walker.walk_copy(copy.registers(), |at| copy.read(at), &mut frames);
                RawStack::from(&frames)
            })
        }
    }
}
