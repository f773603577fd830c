//! What happens to few calls: something is said of them, put off, or waited for.

use crate::clock::Instant;
use crate::fact::finding::Finding;
use crate::lock::Lock;
use crate::record::stillness::Stillness;
use std::panic::Location;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::Waker;

/// Who waits for the scope to settle.
#[derive(Debug)]
pub(crate) enum Waiter {
    Task(Waker),
    Thread(std::thread::Thread),
}

impl Waiter {
    fn wake(self) {
        match self {
            Waiter::Task(waker) => waker.wake(),
            Waiter::Thread(thread) => thread.unpark(),
        }
    }
}

#[derive(Debug, Default)]
struct Events {
    /// The limit has passed and the judge has spoken.
    judged: bool,
    /// It has been said that it overran.
    overrun: bool,
    /// The judge looks again then, and how often he has put it off.
    postponed: (Instant, usize),
    waiter: Option<Waiter>,
    findings: Vec<Finding>,
    /// Where a value that owns tasks was dropped: in the function or task that began there.
    ended_in: Option<&'static Location<'static>>,
    stillness: Stillness,
    /// It has been said that nothing in it can ever go on.
    dead: bool,
}

/// The course of one scope, which takes little room while the call is like most.
#[derive(Debug, Default)]
pub(crate) struct ScopeProgress {
    /// Whether there are events, or will be at once.
    has_state: AtomicBool,
    events: Lock<Option<Box<Events>>>,
}

impl ScopeProgress {
    /// As if nothing had happened.
    #[inline]
    pub(crate) fn clear(&mut self) {
        *self.has_state.get_mut() = false;
        let events = self.events.get_mut();
        *events = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<Events>>> {
        self.events.lock()
    }

    fn change<R>(&self, change: impl FnOnce(&mut Events) -> R) -> R {
        // Before the change: who sees `false` after the scope has settled knows that nobody waits so far, and who waits
        // from now on looks first whether it has.
        self.has_state.store(true, SeqCst);
        change(self.lock().get_or_insert_default())
    }

    fn seen<R: Default>(&self, see: impl FnOnce(&Events) -> R) -> R {
        self.lock().as_deref().map(see).unwrap_or_default()
    }

    /// Whether anything has happened that needs to be looked at.
    #[inline]
    pub(crate) fn has_state(&self) -> bool {
        self.has_state.load(SeqCst)
    }

    /// Wakes `waiter` once there is news.
    pub(crate) fn wait_with(&self, waiter: Waiter) {
        let old = self.change(|events| events.waiter.replace(waiter));
        drop(old);
    }

    /// Nobody waits any more.
    pub(crate) fn forget_waiter(&self) {
        if self.has_state() {
            let old = self.change(|events| events.waiter.take());
            drop(old);
        }
    }

    /// Wakes who waits.
    pub(crate) fn news(&self) {
        let waiter = self.change(|events| events.waiter.take());
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    fn say(&self, findings: Vec<Finding>, mark: impl FnOnce(&mut Events)) {
        self.change(|events| {
            mark(events);
            events.findings.extend(findings);
        });
        self.news();
    }

    pub(crate) fn set_judged(&self, findings: Vec<Finding>) {
        self.say(findings, |events| events.judged = true);
    }

    pub(crate) fn is_judged(&self) -> bool {
        self.seen(|events| events.judged)
    }

    pub(crate) fn set_overrun(&self, findings: Vec<Finding>) {
        self.say(findings, |events| events.overrun = true);
    }

    pub(crate) fn has_overrun(&self) -> bool {
        self.seen(|events| events.overrun)
    }

    /// Nothing in it can ever go on: its call is to stop.
    pub(crate) fn set_dead(&self, findings: Vec<Finding>) {
        self.say(findings, |events| events.dead = true);
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.has_state() && self.seen(|events| events.dead)
    }

    /// Takes what was found, for the one who waits.
    pub(crate) fn take_findings(&self) -> Vec<Finding> {
        let mut events = self.lock();
        let findings = events.as_mut().map(|e| std::mem::take(&mut e.findings));
        findings.unwrap_or_default()
    }

    /// Puts the judgement off until `at`.
    pub(crate) fn postpone(&self, at: Instant) {
        self.change(|events| events.postponed = (at, events.postponed.1 + 1));
    }

    /// How often it has been put off.
    pub(crate) fn postponements(&self) -> usize {
        self.seen(|events| events.postponed.1)
    }

    /// Puts the judgement off until `at`, which does not count.
    pub(crate) fn postpone_freely(&self, at: Instant) {
        self.change(|events| events.postponed.0 = at);
    }

    pub(crate) fn postponed_to(&self) -> Instant {
        self.seen(|events| events.postponed.0)
    }

    /// When to see whether a test that began at `entered` stands still.
    pub(crate) fn look_at(&self, entered: Instant) -> Option<Instant> {
        match &*self.lock() {
            Some(events) => (!events.dead).then(|| events.stillness.next(entered)),
            None => Some(Stillness::default().next(entered)),
        }
    }

    /// See [`Stillness::look`].
    pub(crate) fn look(&self, seen: u64, entered: Instant, now: Instant) -> bool {
        self.change(|events| events.stillness.look(seen, entered, now))
    }

    /// See [`Stillness::answer`].
    pub(crate) fn answer(&self, seen: u64, is_dead: bool) -> bool {
        self.change(|events| events.stillness.answer(seen, is_dead))
    }

    /// For one that ends with a value: in what it was dropped.
    pub(crate) fn set_ended_in(&self, place: Option<&'static Location<'static>>) {
        self.change(|events| events.ended_in = place);
    }

    pub(crate) fn ended_in(&self) -> Option<&'static Location<'static>> {
        self.seen(|events| events.ended_in)
    }
}
