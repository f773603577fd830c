//! How a question reaches a task: by the waker of its last poll.

use super::{ASKED, ENDED, Task};
use crate::fact::id::TaskId;
use crate::record::probe::{Probe, ProbeReply};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Arc, MutexGuard};
use std::task::Waker;

/// By what a task is reached.
#[derive(Debug)]
pub(super) enum Reach {
    Waker(Waker),
    Rest(Option<Box<ReachExtras>>),
}

/// What a task needs in rare moments, as when it is asked.
#[derive(Debug, Default)]
pub(super) struct ReachExtras {
    waker: Option<Waker>,
    asks: Vec<Arc<Probe>>,
    /// The other record of the same future, if a helper wrapped it again.
    pub(super) twin: Option<TaskId>,
}

impl Default for Reach {
    fn default() -> Self {
        Reach::Rest(None)
    }
}

impl Reach {
    pub(super) fn rare(&mut self) -> &mut ReachExtras {
        if let Reach::Waker(_) = self {
            let Reach::Waker(waker) = std::mem::replace(self, Reach::Rest(None)) else {
                unreachable!("looked at in the line above");
            };
            *self = Reach::Rest(Some(Box::new(ReachExtras {
                waker: Some(waker),
                ..ReachExtras::default()
            })));
        }
        match self {
            Reach::Rest(rare) => rare.get_or_insert_default(),
            Reach::Waker(_) => unreachable!("replaced above"),
        }
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        if !matches!(self, Reach::Rest(None)) {
            *self = Reach::Rest(None);
        }
    }

    /// Gives up the box when nothing but a waker is in it.
    fn shrink(&mut self) {
        if let Reach::Rest(Some(rare)) = self
            && rare.asks.is_empty()
            && rare.twin.is_none()
        {
            *self = match rare.waker.take() {
                Some(waker) => Reach::Waker(waker),
                None => Reach::Rest(None),
            };
        }
    }
}

impl Task {
    pub(super) fn reach(&self) -> MutexGuard<'_, Reach> {
        self.reach.lock()
    }

    /// Whether `waker` is the one that is kept, as nearly always.
    #[inline]
    pub(crate) fn has_kept(&self, waker: &Waker) -> bool {
        self.waker_mark.load(Relaxed) == mark(waker)
    }

    /// Keeps the waker by which a question can reach the task.
    pub(crate) fn keep_waker(&self, waker: &Waker) {
        self.waker_mark.store(mark(waker), Relaxed);
        let new = waker.clone();
        let mut reach = self.reach();
        let (old, asked) = match &mut *reach {
            Reach::Rest(Some(rare)) => (rare.waker.replace(new), !rare.asks.is_empty()),
            other => match std::mem::replace(other, Reach::Waker(new)) {
                Reach::Waker(old) => (Some(old), false),
                Reach::Rest(_) => (None, false),
            },
        };
        drop(reach);
        drop(old);
        if asked {
            // The question came while there was no waker, or one that reaches nobody any more.
            wake(waker);
        }
    }

    #[inline]
    pub(crate) fn is_asked(&self) -> bool {
        self.has(ASKED)
    }

    /// Puts a question; the next poll answers it. `false` if the task can no longer answer.
    pub(crate) fn ask(&self, ask: &Arc<Probe>) -> bool {
        let waker = {
            let mut reach = self.reach();
            if self.has(ENDED) {
                return false;
            }
            let rare = reach.rare();
            rare.asks.push(ask.clone());
            if self.flags.fetch_or(ASKED, SeqCst) & ENDED != 0 {
                // It ended meanwhile, and may not have looked for questions.
                rare.asks.pop();
                return false;
            }
            rare.waker.take()
        };
        // The waker is the user's code: it runs with no lock held.
        if let Some(waker) = waker {
            wake(&waker);
            self.put_back(waker);
        }
        true
    }

    fn put_back(&self, waker: Waker) {
        let mut reach = self.reach();
        let rare = reach.rare();
        // Another asker found no waker meanwhile, and relies on this wake.
        let again = (rare.asks.len() > 1).then(|| waker.clone());
        let unused = if !self.has(ENDED) && rare.waker.is_none() {
            rare.waker = Some(waker);
            None
        } else {
            Some(waker)
        };
        reach.shrink();
        drop(reach);
        drop(unused);
        if let Some(again) = again {
            wake(&again);
        }
    }

    /// Takes the questions that are open; the poll that does so answers them.
    pub(crate) fn take_asks(&self) -> Vec<Arc<Probe>> {
        let mut reach = self.reach();
        self.flags.fetch_and(!ASKED, SeqCst);
        let asks = std::mem::take(&mut reach.rare().asks);
        reach.shrink();
        asks
    }

    /// The last thing that happens to a record.
    #[inline]
    pub(crate) fn end(&self) {
        let asked = self.flags.fetch_or(ENDED, SeqCst) & ASKED != 0;
        if asked || self.waker_mark.load(Relaxed) != 0 {
            self.let_go();
        }
    }

    /// Drops the waker, and tells who asks that nothing will come.
    fn let_go(&self) {
        let mut reach = self.reach();
        let (waker, asks) = match &mut *reach {
            Reach::Rest(None) => return,
            Reach::Rest(Some(rare)) => (rare.waker.take(), std::mem::take(&mut rare.asks)),
            waker => match std::mem::replace(waker, Reach::Rest(None)) {
                Reach::Waker(waker) => (Some(waker), Vec::new()),
                Reach::Rest(_) => return,
            },
        };
        drop(reach);
        drop(waker);
        for ask in asks {
            ask.reply(ProbeReply {
                task: self.id,
                poll: None,
            });
        }
    }
}

/// Stands for a waker; never 0. As long as a waker is kept, no other one has its address; that two
/// live ones differ in none of these bits does not happen.
#[inline]
fn mark(waker: &Waker) -> u32 {
    let address = waker.data().addr() as u64;
    ((address >> 3) ^ (address >> 35)) as u32 | 1
}

/// One that panics must not take the asker with it.
fn wake(waker: &Waker) {
    let _ = catch_unwind(AssertUnwindSafe(|| waker.wake_by_ref()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::record::task::tests::task;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    fn ask() -> (Arc<Probe>, Arc<AtomicUsize>) {
        let rung = Arc::new(AtomicUsize::new(0));
        let bell = rung.clone();
        let ring = move || _ = bell.fetch_add(1, SeqCst);
        (Arc::new(Probe::new(clock::now(), false, 1, ring)), rung)
    }

    #[test]
    fn a_question_that_comes_before_the_waker_wakes_it() {
        let (bell, (question, rung)) = (Arc::new(Bell::default()), ask());
        let waker = Waker::from(bell.clone());
        let task = task(1, None);
        assert!(task.ask(&question) && task.is_asked());
        assert_eq!(bell.0.load(SeqCst), 0);
        task.keep_waker(&waker);
        assert_eq!(bell.0.load(SeqCst), 1);
        assert!(task.has_kept(&waker));
        assert_eq!(task.take_asks().len(), 1);
        assert!(!task.is_asked());
        // The end lets the waker go; nobody asks any more, so nobody is told.
        task.end();
        drop(waker);
        assert_eq!((Arc::strong_count(&bell), rung.load(SeqCst)), (1, 0));
    }

    #[test]
    fn an_end_answers_who_asks_and_no_question_comes_after_it() {
        let (bell, (question, rung)) = (Arc::new(Bell::default()), ask());
        let task = task(1, None);
        task.keep_waker(&Waker::from(bell.clone()));
        assert!(task.ask(&question));
        assert_eq!(bell.0.load(SeqCst), 1);
        task.end();
        assert_eq!((Arc::strong_count(&bell), rung.load(SeqCst)), (1, 1));
        assert!(!task.ask(&question));
        assert_eq!(rung.load(SeqCst), 1);
    }
}
