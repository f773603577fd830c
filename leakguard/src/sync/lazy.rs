//! The record of a lock. It is created when the lock is first used, so that the lock's constructor can be `const`.

use crate::fact::kind::{Operation, ResourceKind};
use crate::record::resource::hold::{HoldKey, Holds};
use crate::record::resource::wait::Intent;
use crate::record::resource::{Creation, Resource};
use crate::site::CallSite;
use crate::sync::here;
use crate::sync::waiting::{QueueEntry, Waiting};
use crate::{config, ledger};
use std::ptr;
use std::sync::{Arc, OnceLock};

/// The record of a lock, which leaves the ledger when this is dropped.
#[derive(Debug)]
pub(super) struct Lazy {
    kind: ResourceKind,
    capacity: Option<usize>,
    origin: Creation,
    cell: OnceLock<Option<Arc<Resource>>>,
}

impl Lazy {
    /// The task that creates the lock stays unknown, because a constant belongs to no task.
    pub(super) const fn const_new(
        kind: ResourceKind,
        capacity: Option<usize>,
        created: CallSite,
    ) -> Self {
        Lazy { kind, capacity, origin: Creation::unknown(created), cell: OnceLock::new() }
    }

    pub(super) fn new(kind: ResourceKind, capacity: Option<usize>, created: CallSite) -> Self {
        let mut lazy = Lazy::const_new(kind, capacity, created);
        lazy.origin = here::origin(created);
        lazy
    }

    /// `None` where leakguard is off.
    pub(super) fn resource(&self) -> Option<&Arc<Resource>> {
        self.cell.get_or_init(|| self.enter()).as_ref()
    }

    #[cold]
    fn enter(&self) -> Option<Arc<Resource>> {
        if config::is_off() {
            return None;
        }
        let now = here::here().now;
        let resource = Resource::new(self.kind, self.capacity, self.origin, now);
        let resource = Arc::new(resource.with_address(ptr::from_ref(self).addr()));
        ledger::global().enter(&resource);
        Some(resource)
    }

    /// `None` where leakguard is off.
    pub(super) fn holds(&self) -> Option<&Holds> {
        self.resource().and_then(|resource| resource.holds())
    }

    /// Starts a hold on `permits`, which were acquired.
    pub(super) fn hold(&self, permits: usize, at: CallSite) -> HoldKey {
        let hold = |holds: &Holds| {
            let here = here::here();
            let key = holds.acquire(permits, here, at);
            // Only guards of blocking locks stay on their thread.
            if here.task.is_none() && self.kind.blocks() {
                here::thread_outside().into_iter().for_each(|n| holds.set_thread(key, n));
            }
            key
        };
        self.holds().map_or(HoldKey::NONE, hold)
    }

    /// Ends a hold. The caller releases the lock afterwards, so that the next holder never finds its predecessor.
    pub(super) fn release(&self, key: HoldKey) {
        if let Some(holds) = self.holds() {
            holds.release(key, here::here().now);
        }
    }

    /// Waits for `future` in the lock's queue.
    pub(super) fn wait<F>(
        &self,
        operation: Operation,
        permits: usize,
        at: CallSite,
        future: F,
    ) -> Waiting<'_, F> {
        Waiting::new(self.resource(), Intent::new(operation, at).permits(permits), future)
    }

    /// The thread waits in the lock's queue until the entry is dropped.
    pub(super) fn block(&self, operation: Operation, permits: usize, at: CallSite) -> QueueEntry {
        QueueEntry::blocking(self.resource(), Intent::new(operation, at).permits(permits))
    }
}

impl Drop for Lazy {
    fn drop(&mut self) {
        if let Some(Some(resource)) = self.cell.get() {
            ledger::global().leave(resource);
        }
    }
}
