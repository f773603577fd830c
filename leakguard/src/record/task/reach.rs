//! How a probe reaches a task: by the waker of its last poll.

use super::{ENDED, PROBED, Task};
use crate::clock::{self, Instant};
use crate::fact::id::{TaskId, WakerMark};
use crate::record::probe::{Probe, ProbeReply};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Arc, MutexGuard};
use std::task::Waker;

/// How a task is reached.
#[derive(Debug)]
pub(super) enum Reach {
    Waker(Waker),
    Rest(Option<Box<ReachExtras>>),
}

/// What a task needs only at times, such as when it is probed.
#[derive(Debug, Default)]
pub(super) struct ReachExtras {
    waker: Option<Waker>,
    probes: Vec<Arc<Probe>>,
    /// The next older record of the same future, if a helper wrapped it again.
    pub(super) inner: Option<TaskId>,
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

    /// Frees the box when only a waker is in it.
    fn shrink(&mut self) {
        if let Reach::Rest(Some(rare)) = self
            && rare.probes.is_empty()
            && rare.inner.is_none()
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

    /// Whether `waker` is the one that is kept, as it nearly always is.
    #[inline]
    pub(crate) fn has_kept(&self, waker: &Waker) -> bool {
        self.waker_mark.load(Relaxed) == mark(waker)
    }

    /// Keeps the waker by which a probe can reach the task.
    pub(crate) fn keep_waker(&self, waker: &Waker) {
        self.waker_mark.store(mark(waker), Relaxed);
        let new = waker.clone();
        let mut reach = self.reach();
        let (old, probed) = match &mut *reach {
            Reach::Rest(Some(rare)) => (rare.waker.replace(new), !rare.probes.is_empty()),
            other => match std::mem::replace(other, Reach::Waker(new)) {
                Reach::Waker(old) => (Some(old), false),
                Reach::Rest(_) => (None, false),
            },
        };
        drop(reach);
        drop(old);
        if probed {
            // The probe came while there was no waker, or one that no longer reaches the task.
            wake(waker);
        }
    }

    #[inline]
    pub(crate) fn is_probed(&self) -> bool {
        self.has(PROBED)
    }

    /// Sends a probe, to which the next poll responds. `false` if the task can no longer respond.
    #[cfg(test)]
    pub(crate) fn probe(&self, probe: &Arc<Probe>) -> bool {
        let sent = self.send_probe(probe);
        if sent {
            self.wake_to_respond();
        }
        sent
    }

    /// Leaves a probe, and does not wake the task. `false` if it can no longer respond.
    pub(crate) fn send_probe(&self, probe: &Arc<Probe>) -> bool {
        let mut reach = self.reach();
        if self.has(ENDED) {
            return false;
        }
        let rare = reach.rare();
        rare.probes.push(probe.clone());
        if self.flags.fetch_or(PROBED, SeqCst) & ENDED != 0 {
            // It ended meanwhile, and may not have looked for probes.
            rare.probes.pop();
            return false;
        }
        true
    }

    /// When the first of its open probes was sent; now if it has none.
    pub(crate) fn probed_at(&self) -> Instant {
        let reach = self.reach();
        let first = match &*reach {
            Reach::Rest(Some(rare)) => rare.probes.first().map(|probe| probe.sent),
            _ => None,
        };
        first.unwrap_or_else(clock::now)
    }

    /// Has it polled, unless it has responded already.
    pub(crate) fn wake_to_respond(&self) {
        let mut reach = self.reach();
        let rare = reach.rare();
        let waker = rare.waker.take_if(|_| !rare.probes.is_empty());
        reach.shrink();
        drop(reach);
        // The waker is the user's code: it runs with no lock held.
        if let Some(waker) = waker {
            wake(&waker);
            self.put_back(waker);
        }
    }

    /// A number that it shares with a call whose polls the same waker causes. 0 if it has no waker.
    pub(crate) fn waker_mark(&self) -> u32 {
        self.waker_mark.load(Relaxed)
    }

    fn put_back(&self, waker: Waker) {
        let mut reach = self.reach();
        let rare = reach.rare();
        // Another probe found no waker meanwhile, and relies on this wake.
        let again = (rare.probes.len() > 1).then(|| waker.clone());
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

    /// Takes the open probes. The poll that does so responds to them.
    pub(crate) fn take_probes(&self) -> Vec<Arc<Probe>> {
        let mut reach = self.reach();
        self.flags.fetch_and(!PROBED, SeqCst);
        let probes = std::mem::take(&mut reach.rare().probes);
        reach.shrink();
        probes
    }

    /// The last thing that happens to a record.
    #[inline]
    pub(crate) fn end(&self) {
        let probed = self.flags.fetch_or(ENDED, SeqCst) & PROBED != 0;
        if probed || self.waker_mark.load(Relaxed) != 0 {
            self.release();
        }
    }

    /// Drops the waker, and completes the open probes without a poll.
    fn release(&self) {
        let mut reach = self.reach();
        let (waker, probes) = match &mut *reach {
            Reach::Rest(None) => return,
            Reach::Rest(Some(rare)) => (rare.waker.take(), std::mem::take(&mut rare.probes)),
            waker => match std::mem::replace(waker, Reach::Rest(None)) {
                Reach::Waker(waker) => (Some(waker), Vec::new()),
                Reach::Rest(_) => return,
            },
        };
        drop(reach);
        drop(waker);
        for probe in probes {
            probe.reply(ProbeReply { task: self.id, poll: None });
        }
    }
}

/// A hash of a waker, never 0. No other waker has its address as long as it is kept. Two live ones that differ in none
/// of these bits are not expected.
#[inline]
fn mark(waker: &Waker) -> u32 {
    let address = waker.data().addr() as u64;
    ((address >> 3) ^ (address >> 35)) as u32 | 1
}

/// The mark of a waker that may be one of many. A waker without data, such as `Waker::noop()`, wakes no known task.
pub(crate) fn mark_of(waker: &Waker) -> WakerMark {
    match waker.data().is_null() {
        true => WakerMark::UNKNOWN,
        false => WakerMark(mark(waker)),
    }
}

/// A waker that panics must not take the prober with it.
fn wake(waker: &Waker) {
    let _ = catch_unwind(AssertUnwindSafe(|| waker.wake_by_ref()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::task::tests::task;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    #[derive(Default)]
    struct CountingWaker(AtomicUsize);

    impl Wake for CountingWaker {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    fn probe() -> (Arc<Probe>, Arc<AtomicUsize>) {
        let completed = Arc::new(AtomicUsize::new(0));
        let waker_count = completed.clone();
        let on_complete = move || _ = waker_count.fetch_add(1, SeqCst);
        (Arc::new(Probe::new(clock::now(), false, 1, on_complete)), completed)
    }

    #[test]
    fn a_probe_wakes_a_waker_that_is_kept_later() {
        let (waker_count, (probe, completed)) = (Arc::new(CountingWaker::default()), probe());
        let waker = Waker::from(waker_count.clone());
        let task = task(1, None);
        assert!(task.probe(&probe) && task.is_probed());
        assert_eq!(waker_count.0.load(SeqCst), 0);
        task.keep_waker(&waker);
        assert_eq!(waker_count.0.load(SeqCst), 1);
        assert!(task.has_kept(&waker));
        assert_eq!(task.take_probes().len(), 1);
        assert!(!task.is_probed());
        // The end releases the waker. The probe was taken, so it is not completed again.
        task.end();
        drop(waker);
        assert_eq!((Arc::strong_count(&waker_count), completed.load(SeqCst)), (1, 0));
    }

    #[test]
    fn an_end_completes_open_probes_and_refuses_new_ones() {
        let (waker_count, (probe, completed)) = (Arc::new(CountingWaker::default()), probe());
        let task = task(1, None);
        task.keep_waker(&Waker::from(waker_count.clone()));
        assert!(task.probe(&probe));
        assert_eq!(waker_count.0.load(SeqCst), 1);
        task.end();
        assert_eq!((Arc::strong_count(&waker_count), completed.load(SeqCst)), (1, 1));
        assert!(!task.probe(&probe));
        assert_eq!(completed.load(SeqCst), 1);
    }
}
