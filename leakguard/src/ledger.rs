//! Every live channel, lock and signal. This is the one place that holds and locks the list of them.

use crate::clock::pulse;
use crate::fact::observed::ObservedFacts;
use crate::fact::renewed_sleep::RenewedSleep;
use crate::lock::Lock;
use crate::record::observed::Observed;
use crate::record::resource::event::ChannelEvent;
use crate::record::resource::{NOT_LISTED, Resource};
use crate::record::sleep_place::SleepPlace;
use crate::stripe::{self, STRIPES};
use slab::Slab;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// Maximum number of events kept. Then the oldest are dropped, because a program without scopes must not grow.
const EVENTS: usize = 4096;

/// The key of a resource that is about to be entered.
const CLAIMED: usize = usize::MAX - 1;

/// All live resources. Tests create their own; the program has [`global`].
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    shards: [Lock<Slab<Arc<Resource>>>; STRIPES],
    events: Lock<VecDeque<ChannelEvent>>,
    /// Places that create channels without a record.
    observed: Lock<Vec<&'static Observed>>,
    /// Places that create sleeps.
    sleeps: Lock<Vec<&'static SleepPlace>>,
}

/// The ledger of this process.
pub(crate) fn global() -> &'static Ledger {
    static GLOBAL: OnceLock<Ledger> = OnceLock::new();
    GLOBAL.get_or_init(Ledger::default)
}

/// `false` if another thread was first.
fn swap(key: &AtomicUsize, from: usize, to: usize) -> bool {
    key.compare_exchange(from, to, Relaxed, Relaxed).is_ok()
}

impl Ledger {
    pub(crate) fn enter(&self, resource: &Arc<Resource>) {
        let shard = stripe::of_thread();
        let mut slab = self.shards[shard].lock();
        let key = slab.insert(resource.clone());
        // Inside the lock, so that a thread that finds it in the list can remove it.
        resource.key.store(key * STRIPES + shard, Relaxed);
    }

    /// Enters a resource that was not entered when it was created, because something waits on it.
    pub(crate) fn enter_late(&self, resource: &Arc<Resource>) {
        if !resource.is_listed() && swap(&resource.key, NOT_LISTED, CLAIMED) {
            self.enter(resource);
        }
    }

    /// Removes the resource, if it is listed.
    pub(crate) fn leave(&self, resource: &Resource) {
        let key = resource.key.load(Relaxed);
        // A thread that is about to enter it also removes it.
        if key >= CLAIMED || !swap(&resource.key, key, NOT_LISTED) {
            return;
        }
        let removed = self.shards[key % STRIPES].lock().try_remove(key / STRIPES);
        drop(removed);
    }

    /// All live resources, the oldest first.
    pub(crate) fn resources(&self) -> Vec<Arc<Resource>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(shard.lock().iter().map(|(_, resource)| resource.clone()));
        }
        all.sort_by_key(|resource| (resource.began, resource.id));
        all
    }

    /// Adds a place that has created its first channel.
    pub(crate) fn list(&self, place: &'static Observed) {
        self.observed.lock().push(place);
    }

    /// The places that create channels without a record, by file, line and column.
    pub(crate) fn observed(&self) -> Vec<ObservedFacts> {
        let places = self.observed.lock().clone();
        let mut all: Vec<_> = places.into_iter().filter_map(Observed::facts).collect();
        all.sort_by_key(|o| (o.created.file(), o.created.line(), o.created.column()));
        all
    }

    /// Adds a place that has created its first sleep.
    pub(crate) fn list_sleeps(&self, place: &'static SleepPlace) {
        self.sleeps.lock().push(place);
    }

    /// The sleeps that tasks create anew, by file, line and column.
    pub(crate) fn sleeps(&self) -> Vec<RenewedSleep> {
        let places = self.sleeps.lock().clone();
        let mut all: Vec<_> = places.into_iter().filter_map(SleepPlace::facts).collect();
        all.sort_by_key(|s| (s.created.file(), s.created.line(), s.created.column()));
        all
    }

    /// Keeps an event until it is reported.
    pub(crate) fn note(&self, event: ChannelEvent) {
        if self.keep(event) {
            pulse::wake();
        }
    }

    /// `false` if another event has absorbed it.
    fn keep(&self, event: ChannelEvent) -> bool {
        let mut events = self.events.lock();
        // A loop whose sends fail notes the same event again and again.
        if events.iter_mut().rev().take(64).any(|e| e.absorb(&event)) {
            return false;
        }
        if events.len() == EVENTS {
            events.pop_front();
        }
        events.push_back(event);
        true
    }

    /// Removes the events for which `wanted` holds, and returns them.
    pub(crate) fn take_events(&self, wanted: impl Fn(&ChannelEvent) -> bool) -> Vec<ChannelEvent> {
        let mut events = self.events.lock();
        let (removed, kept) = events.drain(..).partition::<VecDeque<_>, _>(wanted);
        *events = kept;
        removed.into()
    }

    /// What `look` returns for the events that are still kept.
    pub(crate) fn events<R>(&self, look: impl FnMut(&ChannelEvent) -> Option<R>) -> Vec<R> {
        self.events.lock().iter().filter_map(look).collect()
    }
}
