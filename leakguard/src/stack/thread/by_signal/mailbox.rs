//! Where an interrupted thread leaves what was requested of it: the protocol alone, which knows no signals.
#![expect(
    unsafe_code,
    reason = "a signal's handler may acquire no lock, so an atomic decides which thread owns the value"
)]

use std::cell::UnsafeCell;
use std::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

/// No request is open: the requester may write.
const FREE: u64 = 0;
/// Requested, and not responded to.
const REQUESTED: u64 = 1;
/// The responding thread writes.
const WRITING: u64 = 2;
/// The response is written: the requester may read.
const DONE: u64 = 3;
const PHASE: u64 = 3;
const GENERATION: u64 = 4;

/// One value, which belongs to the requester or to the responding thread, never to both.
///
/// The number of the request stands beside the phase. So a response that comes after the requester gave up, and sent
/// another thread a request through the same mailbox, is no response to that one.
pub(super) struct Mailbox<T> {
    word: AtomicU64,
    thread: AtomicUsize,
    value: UnsafeCell<T>,
}

// SAFETY: Only the thread that brought `word` into a phase in which it owns the value touches it: the requester,
// of which there is one, in `FREE` and `DONE`, and the responding thread after it won the step from `REQUESTED` to
// `WRITING`.
unsafe impl<T: Send> Sync for Mailbox<T> {}

/// An open request.
#[derive(Debug)]
pub(super) struct RequestId(u64);

impl<T> Mailbox<T> {
    pub(super) const fn new(value: T) -> Self {
        Mailbox {
            word: AtomicU64::new(FREE),
            thread: AtomicUsize::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// Opens a request to `thread`, unless a response to an earlier one is still being written.
    ///
    /// # Safety
    ///
    /// Among the methods of a mailbox only `respond` may be called while another one runs, and no request may be open.
    pub(super) unsafe fn request(
        &self,
        thread: usize,
        prepare: impl FnOnce(&mut T),
    ) -> Option<RequestId> {
        let word = self.word.load(Acquire);
        if word & PHASE == WRITING {
            return None;
        }
        // SAFETY: The phase is `FREE` or `DONE`, in which only the requester touches the value; the caller vouches that
        // there is but one.
        prepare(unsafe { &mut *self.value.get() });
        let requested = (word & !PHASE).wrapping_add(GENERATION) | REQUESTED;
        self.thread.store(thread, Relaxed);
        self.word.store(requested, Release);
        Some(RequestId(requested))
    }

    /// Responds if `thread` has an open request. Acquires no lock and allocates nothing, so a signal's handler may call
    /// it.
    pub(super) fn respond(&self, thread: usize, write: impl FnOnce(&mut T)) -> bool {
        let word = self.word.load(Acquire);
        if word & PHASE != REQUESTED || self.thread.load(Relaxed) != thread {
            return false;
        }
        // If the requester gave up meanwhile, and even if it has opened another request, the word is another one.
        let writing = word - REQUESTED + WRITING;
        let won = self.word.compare_exchange(word, writing, Acquire, Relaxed);
        if won.is_err() {
            return false;
        }
        // SAFETY: This call alone made the step to `WRITING`, in which no other call touches the value.
        write(unsafe { &mut *self.value.get() });
        self.word.store(word - REQUESTED + DONE, Release);
        true
    }

    pub(super) fn is_done(&self, id: &RequestId) -> bool {
        self.word.load(Acquire) == id.0 - REQUESTED + DONE
    }

    /// Closes a request: reads the response, or prevents a later one. Returns `None` also while the response is being
    /// written: the mailbox is not used again until that is done.
    ///
    /// # Safety
    ///
    /// As for `request`; `id` is the open request.
    pub(super) unsafe fn close<R>(&self, id: RequestId, read: impl FnOnce(&T) -> R) -> Option<R> {
        let free = id.0 - REQUESTED + FREE;
        let given_up = self.word.compare_exchange(id.0, free, Relaxed, Relaxed);
        if given_up.is_ok() || !self.is_done(&id) {
            return None;
        }
        // SAFETY: The phase is `DONE`, in which only the requester touches the value.
        let found = read(unsafe { &*self.value.get() });
        self.word.store(free, Relaxed);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::thread;

    /// Both words are written, so that half a response would be seen.
    type Pair = [u64; 2];

    fn request(mailbox: &Mailbox<Pair>, thread: usize) -> RequestId {
        // SAFETY: Each test requests from one thread, and closes each request before the next.
        unsafe { mailbox.request(thread, |pair| *pair = [0; 2]) }.unwrap()
    }

    fn close(mailbox: &Mailbox<Pair>, id: RequestId) -> Option<Pair> {
        // SAFETY: As in `request`.
        unsafe { mailbox.close(id, |pair| *pair) }
    }

    #[test]
    fn only_the_requested_thread_responds_and_only_once() {
        let mailbox = Mailbox::new([0; 2]);
        assert!(!mailbox.respond(7, |pair| *pair = [1; 2]));
        let id = request(&mailbox, 7);
        assert!(!mailbox.respond(8, |pair| *pair = [2; 2]));
        assert!(!mailbox.is_done(&id));
        assert!(mailbox.respond(7, |pair| *pair = [3; 2]));
        assert!(!mailbox.respond(7, |pair| *pair = [4; 2]));
        assert!(mailbox.is_done(&id));
        assert_eq!(close(&mailbox, id), Some([3; 2]));
    }

    #[test]
    fn late_response_is_dropped() {
        let mailbox = Mailbox::new([0; 2]);
        let id = request(&mailbox, 7);
        assert_eq!(close(&mailbox, id), None);
        assert!(!mailbox.respond(7, |pair| *pair = [1; 2]));
        let id = request(&mailbox, 8);
        assert!(!mailbox.respond(7, |pair| *pair = [2; 2]));
        assert!(mailbox.respond(8, |pair| *pair = [3; 2]));
        assert_eq!(close(&mailbox, id), Some([3; 2]));
    }

    #[test]
    fn mailbox_being_written_is_not_used_again() {
        let (mailbox, half, go) = (Mailbox::new([0; 2]), Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            let id = request(&mailbox, 7);
            scope.spawn(|| {
                mailbox.respond(7, |pair| {
                    half.wait();
                    go.wait();
                    *pair = [1; 2];
                })
            });
            half.wait();
            assert_eq!(close(&mailbox, id), None);
            // SAFETY: No request is open.
            assert!(unsafe { mailbox.request(8, |_| unreachable!()) }.is_none());
            go.wait();
        });
        let id = request(&mailbox, 8);
        assert!(mailbox.respond(8, |pair| *pair = [2; 2]));
        assert_eq!(close(&mailbox, id), Some([2; 2]));
    }

    #[test]
    fn requester_that_gives_up_races_with_responders() {
        const ROUNDS: u64 = if cfg!(miri) { 200 } else { 20_000 };
        let (mailbox, over) = (Mailbox::new([0; 2]), AtomicU64::new(0));
        thread::scope(|scope| {
            for thread in [1, 2] {
                let (mailbox, over) = (&mailbox, &over);
                scope.spawn(move || {
                    while over.load(Relaxed) == 0 {
                        mailbox.respond(thread, |pair| {
                            pair[0] += thread as u64;
                            pair[1] += thread as u64;
                        });
                        thread::yield_now();
                    }
                });
            }
            for round in 0..ROUNDS {
                let thread = 1 + round % 2;
                // SAFETY: Only this thread requests.
                let id = unsafe { mailbox.request(thread as usize, |pair| *pair = [round; 2]) };
                let Some(id) = id else { continue };
                for _ in 0..round % 4 {
                    thread::yield_now();
                }
                if let Some(pair) = close(&mailbox, id) {
                    assert_eq!(pair, [round + thread; 2]);
                }
            }
            over.store(1, Relaxed);
        });
    }
}
