//! Every live channel, lock and signal; the one place that holds and locks the list of them.

use crate::clock::pulse;
use crate::fact::observed::ObservedFacts;
use crate::lock::Lock;
use crate::record::observed::Observed;
use crate::record::resource::event::ChannelEvent;
use crate::record::resource::{NOT_LISTED, Resource};
use slab::Slab;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// Threads that make channels at the same time rarely meet at the same lock.
const SHARDS: usize = 16;

/// The oldest events go once there are more: a program that nobody judges must not grow.
const EVENTS: usize = 4096;

/// The key of a resource that is about to be entered.
const CLAIMED: usize = usize::MAX - 1;

/// All that lives. Tests make their own; the program has [`global`].
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    shards: [Lock<Slab<Arc<Resource>>>; SHARDS],
    events: Lock<VecDeque<ChannelEvent>>,
    /// Places where channels were made that are none of the resources.
    observed: Lock<Vec<&'static Observed>>,
}

/// The ledger of this process.
pub(crate) fn global() -> &'static Ledger {
    static GLOBAL: OnceLock<Ledger> = OnceLock::new();
    GLOBAL.get_or_init(Ledger::default)
}

/// `false` where somebody else was first.
fn swap(key: &AtomicUsize, from: usize, to: usize) -> bool {
    key.compare_exchange(from, to, Relaxed, Relaxed).is_ok()
}

/// A number for the current thread, to spread threads over the shards.
fn shard_of_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static SHARD: Cell<usize> = const { Cell::new(usize::MAX) });
    // Channels are made even by threads that are being torn down.
    SHARD
        .try_with(|shard| {
            if shard.get() == usize::MAX {
                shard.set(NEXT.fetch_add(1, Relaxed) % SHARDS);
            }
            shard.get()
        })
        .unwrap_or(0)
}

impl Ledger {
    pub(crate) fn enter(&self, resource: &Arc<Resource>) {
        let shard = shard_of_thread();
        let mut slab = self.shards[shard].lock();
        let key = slab.insert(resource.clone());
        // Inside the lock: whoever finds it in the list knows how to take it out.
        resource.key.store(key * SHARDS + shard, Relaxed);
    }

    /// Enters what nobody entered when it was made; somebody waits on it.
    pub(crate) fn enter_late(&self, resource: &Arc<Resource>) {
        if !resource.is_listed() && swap(&resource.key, NOT_LISTED, CLAIMED) {
            self.enter(resource);
        }
    }

    /// It is gone. Nothing happens where it is not listed.
    pub(crate) fn leave(&self, resource: &Resource) {
        let key = resource.key.load(Relaxed);
        // Who is about to enter it takes it out as well.
        if key >= CLAIMED || !swap(&resource.key, key, NOT_LISTED) {
            return;
        }
        let removed = self.shards[key % SHARDS].lock().try_remove(key / SHARDS);
        drop(removed);
    }

    /// All that lives now, by age.
    pub(crate) fn resources(&self) -> Vec<Arc<Resource>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(shard.lock().iter().map(|(_, resource)| resource.clone()));
        }
        all.sort_by_key(|resource| (resource.began, resource.id));
        all
    }

    /// A channel was made there for the first time.
    pub(crate) fn list(&self, place: &'static Observed) {
        self.observed.lock().push(place);
    }

    /// The places where channels were made that are only observed, by file, line and column.
    pub(crate) fn observed(&self) -> Vec<ObservedFacts> {
        let places = self.observed.lock().clone();
        let mut all: Vec<_> = places.into_iter().filter_map(Observed::facts).collect();
        all.sort_by_key(|o| (o.created.file(), o.created.line(), o.created.column()));
        all
    }

    /// Something happened that is to be spoken of.
    pub(crate) fn note(&self, event: ChannelEvent) {
        if self.keep(event) {
            pulse::wake();
        }
    }

    /// `false` if it could be counted into another.
    fn keep(&self, event: ChannelEvent) -> bool {
        let mut events = self.events.lock();
        // A loop that fails to send says the same again and again.
        if events.iter_mut().rev().take(64).any(|e| e.absorb(&event)) {
            return false;
        }
        if events.len() == EVENTS {
            events.pop_front();
        }
        events.push_back(event);
        true
    }

    /// Takes the events for which `wanted` holds.
    pub(crate) fn take_events(&self, wanted: impl Fn(&ChannelEvent) -> bool) -> Vec<ChannelEvent> {
        let mut events = self.events.lock();
        let (taken, kept) = events.drain(..).partition::<VecDeque<_>, _>(wanted);
        *events = kept;
        taken.into()
    }

    /// Looks at the events that nobody has taken.
    pub(crate) fn events<R>(&self, look: impl FnMut(&ChannelEvent) -> Option<R>) -> Vec<R> {
        self.events.lock().iter().filter_map(look).collect()
    }
}
