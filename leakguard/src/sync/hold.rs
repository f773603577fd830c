//! What the twins of blocking locks have in common: taking, waiting only where that is needed, and the hold of a guard.

use crate::fact::kind::Operation;
use crate::record::resource::hold::{HoldKey, Holds};
use crate::site::CallSite;
use crate::sync::here;
use crate::sync::lazy::Lazy;

/// A lock in the record, from the moment it was acquired until this is dropped.
pub(super) struct Hold<'a> {
    record: &'a Lazy,
    pub(super) ticket: HoldKey,
}

impl<'a> Hold<'a> {
    pub(super) fn new(record: &'a Lazy, permits: usize, at: CallSite) -> Self {
        let holds = record.resource().and_then(|r| r.holds());
        let ticket = holds.map_or(HoldKey::NONE, |h| h.take(permits, here::here(), at));
        Hold { record, ticket }
    }

    pub(super) fn record(&self) -> &'a Lazy {
        self.record
    }

    pub(super) fn holds(&self) -> Option<&'a Holds> {
        self.record.resource().and_then(|r| r.holds())
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if let Some(holds) = self.holds() {
            holds.release(self.ticket, here::here().now);
        }
    }
}

/// Takes a lock; whoever finds it free is never in its queue.
pub(super) fn take<G>(
    record: &Lazy,
    (operation, permits, at): (Operation, usize, CallSite),
    try_now: impl FnOnce() -> Option<G>,
    wait: impl FnOnce() -> G,
) -> G {
    match try_now() {
        Some(guard) => guard,
        None => {
            let _entry = record.block(operation, permits, at);
            wait()
        }
    }
}
