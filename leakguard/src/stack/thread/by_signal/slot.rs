//! Where an interrupted thread leaves what was asked of it; the protocol alone, which knows no signals.
#![expect(
    unsafe_code,
    reason = "a signal's code may not take a lock, so an atomic says whose turn it is"
)]

use std::cell::UnsafeCell;
use std::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

/// Nobody asks: who holds the desk may write.
const FREE: u64 = 0;
/// Asked, and not answered.
const ASKED: u64 = 1;
/// The one that was asked writes.
const WRITING: u64 = 2;
/// It has written: who holds the desk may read.
const DONE: u64 = 3;
const PHASE: u64 = 3;
const GENERATION: u64 = 4;

/// One page, which belongs to the asker or to the one that is asked, never to both.
///
/// The number of the question stands beside the phase, so that an answer that comes after the asker gave up, and asked
/// somebody else on the same page, is no answer to that.
pub(super) struct Slot<T> {
    word: AtomicU64,
    who: AtomicUsize,
    page: UnsafeCell<T>,
}

// SAFETY: The page is only touched by who has brought `word` into a phase that gives it to them: the asker, who is
// alone, in `FREE` and `DONE`, and the one that is asked, after it alone won the step from `ASKED` to `WRITING`.
unsafe impl<T: Send> Sync for Slot<T> {}

/// A question that was put on a page.
#[derive(Debug)]
pub(super) struct Asked(u64);

impl<T> Slot<T> {
    pub(super) const fn new(page: T) -> Self {
        Slot {
            word: AtomicU64::new(FREE),
            who: AtomicUsize::new(0),
            page: UnsafeCell::new(page),
        }
    }

    /// Puts a question to `who`, unless an answer to an earlier one is still being written.
    ///
    /// # Safety
    ///
    /// Among the methods of a slot only `answer` may be called while another one runs, and no question may be open.
    pub(super) unsafe fn ask(&self, who: usize, prepare: impl FnOnce(&mut T)) -> Option<Asked> {
        let word = self.word.load(Acquire);
        if word & PHASE == WRITING {
            return None;
        }
        // SAFETY: The phase is `FREE` or `DONE`, in which nobody but the asker touches the page; the caller vouches
        // that there is but one.
        prepare(unsafe { &mut *self.page.get() });
        let asked = (word & !PHASE).wrapping_add(GENERATION) | ASKED;
        self.who.store(who, Relaxed);
        self.word.store(asked, Release);
        Some(Asked(asked))
    }

    /// Answers if `who` is asked. Takes no lock and allocates nothing, so a signal may call it wherever it comes.
    pub(super) fn answer(&self, who: usize, write: impl FnOnce(&mut T)) -> bool {
        let word = self.word.load(Acquire);
        if word & PHASE != ASKED || self.who.load(Relaxed) != who {
            return false;
        }
        // If the asker gave up meanwhile, and even if it has asked again, the word is another one.
        let writing = word - ASKED + WRITING;
        let won = self.word.compare_exchange(word, writing, Acquire, Relaxed);
        if won.is_err() {
            return false;
        }
        // SAFETY: This call alone made the step to `WRITING`, in which nobody else touches the page.
        write(unsafe { &mut *self.page.get() });
        self.word.store(word - ASKED + DONE, Release);
        true
    }

    pub(super) fn is_answered(&self, asked: &Asked) -> bool {
        self.word.load(Acquire) == asked.0 - ASKED + DONE
    }

    /// Ends a question: reads what was written, or sees to it that nothing will be written any more. `None` also where
    /// the answer is being written: then the page is not used again before that is done.
    ///
    /// # Safety
    ///
    /// As for `ask`; `asked` is the question that is open.
    pub(super) unsafe fn end<R>(&self, asked: Asked, read: impl FnOnce(&T) -> R) -> Option<R> {
        let free = asked.0 - ASKED + FREE;
        let given_up = self.word.compare_exchange(asked.0, free, Relaxed, Relaxed);
        if given_up.is_ok() || !self.is_answered(&asked) {
            return None;
        }
        // SAFETY: The phase is `DONE`, in which nobody but the asker touches the page.
        let found = read(unsafe { &*self.page.get() });
        self.word.store(free, Relaxed);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::thread;

    /// Both words are written, so that half an answer would be seen.
    type Page = [u64; 2];

    fn ask(slot: &Slot<Page>, who: usize) -> Asked {
        // SAFETY: Each test asks from one thread, and ends each question before the next.
        unsafe { slot.ask(who, |page| *page = [0; 2]) }.unwrap()
    }

    fn end(slot: &Slot<Page>, asked: Asked) -> Option<Page> {
        // SAFETY: As in `ask`.
        unsafe { slot.end(asked, |page| *page) }
    }

    #[test]
    fn only_who_is_asked_answers_and_only_once() {
        let slot = Slot::new([0; 2]);
        assert!(!slot.answer(7, |page| *page = [1; 2]));
        let asked = ask(&slot, 7);
        assert!(!slot.answer(8, |page| *page = [2; 2]));
        assert!(!slot.is_answered(&asked));
        assert!(slot.answer(7, |page| *page = [3; 2]));
        assert!(!slot.answer(7, |page| *page = [4; 2]));
        assert!(slot.is_answered(&asked));
        assert_eq!(end(&slot, asked), Some([3; 2]));
    }

    #[test]
    fn an_answer_that_comes_too_late_is_none() {
        let slot = Slot::new([0; 2]);
        let asked = ask(&slot, 7);
        assert_eq!(end(&slot, asked), None);
        assert!(!slot.answer(7, |page| *page = [1; 2]));
        let asked = ask(&slot, 8);
        assert!(!slot.answer(7, |page| *page = [2; 2]));
        assert!(slot.answer(8, |page| *page = [3; 2]));
        assert_eq!(end(&slot, asked), Some([3; 2]));
    }

    #[test]
    fn a_page_that_is_being_written_is_not_used_again() {
        let (slot, half, go) = (Slot::new([0; 2]), Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            let asked = ask(&slot, 7);
            scope.spawn(|| {
                slot.answer(7, |page| {
                    half.wait();
                    go.wait();
                    *page = [1; 2];
                })
            });
            half.wait();
            assert_eq!(end(&slot, asked), None);
            // SAFETY: No question is open.
            assert!(unsafe { slot.ask(8, |_| unreachable!()) }.is_none());
            go.wait();
        });
        let asked = ask(&slot, 8);
        assert!(slot.answer(8, |page| *page = [2; 2]));
        assert_eq!(end(&slot, asked), Some([2; 2]));
    }

    #[test]
    fn askers_that_give_up_and_those_that_are_asked_race() {
        const ROUNDS: u64 = if cfg!(miri) { 200 } else { 20_000 };
        let (slot, over) = (Slot::new([0; 2]), AtomicU64::new(0));
        thread::scope(|scope| {
            for who in [1, 2] {
                let (slot, over) = (&slot, &over);
                scope.spawn(move || {
                    while over.load(Relaxed) == 0 {
                        slot.answer(who, |page| {
                            page[0] += who as u64;
                            page[1] += who as u64;
                        });
                        thread::yield_now();
                    }
                });
            }
            for round in 0..ROUNDS {
                let who = 1 + round % 2;
                // SAFETY: This thread alone asks.
                let asked = unsafe { slot.ask(who as usize, |page| *page = [round; 2]) };
                let Some(asked) = asked else { continue };
                for _ in 0..round % 4 {
                    thread::yield_now();
                }
                if let Some(page) = end(&slot, asked) {
                    assert_eq!(page, [round + who; 2]);
                }
            }
            over.store(1, Relaxed);
        });
    }
}
