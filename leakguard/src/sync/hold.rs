//! What the drop-ins of blocking locks share: a guard's hold, and a queue that only threads which must wait enter.

use crate::fact::kind::Operation;
use crate::record::resource::hold::HoldKey;
use crate::site::CallSite;
use crate::sync::lazy::Lazy;

/// The hold that a guard has on its lock, in the record until this is dropped.
pub(super) struct GuardHold<'a> {
    pub(super) record: &'a Lazy,
    pub(super) key: HoldKey,
}

impl<'a> GuardHold<'a> {
    pub(super) fn new(record: &'a Lazy, permits: usize, at: CallSite) -> Self {
        let key = record.hold(permits, at);
        GuardHold { record, key }
    }
}

impl Drop for GuardHold<'_> {
    fn drop(&mut self) {
        self.record.release(self.key);
    }
}

/// Acquires a lock. The thread is in its queue only if the lock is not free.
pub(super) fn acquire<G>(
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
