//! What happens to few scopes: a finding, a postponed verdict, a waiter.

use crate::clock::Instant;
use crate::clock::share::Share;
use crate::fact::finding::Finding;
use crate::lock::Lock;
use crate::record::extension::Extension;
use crate::record::stillness::Stillness;
use crate::site::CallSite;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, MutexGuard};
use std::task::Waker;
use std::time::Duration;

/// What waits for the scope to settle.
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
    /// The limit has passed and the scope was judged.
    judged: bool,
    /// Its overrun was reported.
    overrun: bool,
    /// When it is judged again, and how often that was postponed.
    postponed: (Instant, usize),
    /// The overrun and the limit each have one.
    extensions: [Option<Extension>; 2],
    /// Its limit is now, because paused time has reached it.
    hastened: bool,
    waiter: Option<Waiter>,
    findings: Vec<Finding>,
    /// The function or task in which an `Owner` was dropped.
    ended_in: Option<CallSite>,
    stillness: Stillness,
    /// It was reported that nothing in it can ever go on.
    dead: bool,
    /// Findings on its overrun that its test shows at its end, and when they are printed if the call still runs.
    held_back: Option<(Instant, Vec<Finding>)>,
}

impl Events {
    fn extension(&self, has_returned: bool) -> Option<&Extension> {
        self.extensions[usize::from(has_returned)].as_ref()
    }
}

/// The progress of one scope. Takes little room for a scope without events.
#[derive(Debug, Default)]
pub(crate) struct ScopeProgress {
    /// Whether there are events, or will be at once.
    has_state: AtomicBool,
    events: Lock<Option<Box<Events>>>,
}

impl ScopeProgress {
    /// Drops all events, for reuse.
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
        // Before the change: a reader that sees `false` after the scope has settled knows that there is no waiter so
        // far, and a later waiter first checks whether the scope has settled.
        self.has_state.store(true, SeqCst);
        change(self.lock().get_or_insert_default())
    }

    fn read<R: Default>(&self, look: impl FnOnce(&Events) -> R) -> R {
        self.lock().as_deref().map(look).unwrap_or_default()
    }

    /// Whether anything has happened that needs attention.
    #[inline]
    pub(crate) fn has_state(&self) -> bool {
        self.has_state.load(SeqCst)
    }

    /// Wakes `waiter` once there is news.
    pub(crate) fn wait_with(&self, waiter: Waiter) {
        let old = self.change(|events| events.waiter.replace(waiter));
        drop(old);
    }

    /// Drops the waiter.
    #[inline]
    pub(crate) fn drop_waiter(&self) {
        if self.has_state() {
            drop(self.take_waiter());
        }
    }

    #[cold]
    fn take_waiter(&self) -> Option<Waiter> {
        self.change(|events| events.waiter.take())
    }

    /// Wakes the waiter.
    pub(crate) fn notify_waiter(&self) {
        if let Some(waiter) = self.take_waiter() {
            waiter.wake();
        }
    }

    fn report(&self, findings: Vec<Finding>, mark: impl FnOnce(&mut Events)) {
        self.change(|events| {
            mark(events);
            events.findings.extend(findings);
        });
        self.notify_waiter();
    }

    pub(crate) fn set_judged(&self, findings: Vec<Finding>) {
        self.report(findings, |events| events.judged = true);
    }

    pub(crate) fn is_judged(&self) -> bool {
        self.read(|events| events.judged)
    }

    pub(crate) fn set_overrun(&self, findings: Vec<Finding>) {
        self.report(findings, |events| events.overrun = true);
    }

    pub(crate) fn has_overrun(&self) -> bool {
        self.read(|events| events.overrun)
    }

    /// Nothing in the scope can ever go on, so its call is to stop.
    pub(crate) fn set_deadlocked(&self, findings: Vec<Finding>) {
        self.report(findings, |events| events.dead = true);
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.has_state() && self.read(|events| events.dead)
    }

    /// Takes the findings for the waiter.
    pub(crate) fn take_findings(&self) -> Vec<Finding> {
        let mut events = self.lock();
        let findings = events.as_mut().map(|e| std::mem::take(&mut e.findings));
        findings.unwrap_or_default()
    }

    /// Keeps findings from being printed until `at`.
    pub(crate) fn hold_back(&self, findings: Vec<Finding>, at: Instant) {
        self.change(|events| events.held_back = Some((at, findings)));
    }

    /// When to print what is held back.
    pub(crate) fn held_back_to(&self) -> Option<Instant> {
        self.has_state()
            .then(|| self.read(|events| events.held_back.as_ref().map(|held| held.0)))?
    }

    /// Takes what is held back.
    pub(crate) fn take_held_back(&self) -> Vec<Finding> {
        let mut events = self.lock();
        let held = events.as_mut().and_then(|events| events.held_back.take());
        held.map(|(_, findings)| findings).unwrap_or_default()
    }

    /// Postpones the verdict until `at`.
    pub(crate) fn postpone(&self, at: Instant) {
        self.change(|events| events.postponed = (at, events.postponed.1 + 1));
    }

    /// How often the verdict was postponed.
    pub(crate) fn postponements(&self) -> usize {
        self.read(|events| events.postponed.1)
    }

    /// Postpones the verdict until `at`, without counting that.
    pub(crate) fn postpone_freely(&self, at: Instant) {
        self.change(|events| events.postponed.0 = at);
    }

    pub(crate) fn postponed_to(&self) -> Instant {
        self.read(|events| events.postponed.0)
    }

    /// Its limit is now, whatever the real time is.
    pub(crate) fn hasten(&self) {
        self.change(|events| events.hastened = true);
    }

    pub(crate) fn is_hastened(&self) -> bool {
        self.read(|events| events.hastened)
    }

    /// Looks whether to extend the overrun, or the limit after the return. `share` and `seen` are as of now. An extension
    /// begins only if the scope may be starved, and then lacks `withheld`. `false` if the time is up.
    pub(crate) fn extend(
        &self,
        has_returned: bool,
        withheld: Option<Duration>,
        (share, seen): (Arc<Share>, u64),
    ) -> bool {
        if withheld.is_none() && !self.is_extended(has_returned) {
            return false;
        }
        self.change(|events| {
            let extension = &mut events.extensions[usize::from(has_returned)];
            let lack = withheld.unwrap_or_default();
            match extension {
                Some(extension) if lack.is_zero() || !extension.was_in_vain() => {
                    extension.look(share, seen);
                }
                _ => *extension = Some(Extension::begin(share, seen, lack)),
            }
            let next = extension.as_mut().and_then(|extension| extension.advance());
            events.postponed.0 = next.unwrap_or(events.postponed.0);
            next.is_some()
        })
    }

    /// Whether an extension has begun.
    pub(crate) fn is_extended(&self, has_returned: bool) -> bool {
        self.read(|events| events.extension(has_returned).is_some())
    }

    /// Whether an extension has begun, and something was withheld.
    pub(crate) fn is_starved(&self, has_returned: bool) -> bool {
        self.read(|events| events.extension(has_returned).is_some_and(Extension::is_known))
    }

    /// How far the overrun, or the limit after the return, is extended.
    pub(crate) fn extended(&self, has_returned: bool) -> Duration {
        let length = |extension: &Extension| extension.is_known().then(|| extension.length());
        self.read(|events| events.extension(has_returned).and_then(length)).unwrap_or_default()
    }

    /// When to check whether a test that began at `entered` stands still.
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

    /// See [`Stillness::respond`].
    pub(crate) fn respond(&self, seen: u64, is_dead: bool) -> bool {
        self.change(|events| events.stillness.respond(seen, is_dead))
    }

    /// Records where an `Owner` was dropped.
    pub(crate) fn set_ended_in(&self, place: Option<CallSite>) {
        self.change(|events| events.ended_in = place);
    }

    pub(crate) fn ended_in(&self) -> Option<CallSite> {
        self.read(|events| events.ended_in)
    }
}
