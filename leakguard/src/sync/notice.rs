//! What the drop-ins for condvars share: a recorded notification, and a wait for one.

use crate::fact::kind::Operation;
use crate::record::resource::mark::Occurrence;
use crate::record::resource::notify::NotifyState;
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::here;
use crate::sync::lazy::Lazy;
use crate::sync::waiting::QueueEntry;

fn notices(record: &Lazy) -> Option<&NotifyState> {
    record.resource().and_then(|r| r.notices())
}

/// The thread waits until the entry is dropped. Called while the mutex is held, so that no notification comes in
/// between.
pub(super) fn await_notice(record: &Lazy, at: CallSite) -> QueueEntry {
    let intent = Intent {
        seen: notices(record).map_or(0, NotifyState::times),
        ..Intent::new(Operation::Notified, at)
    };
    QueueEntry::blocking(record.resource(), intent)
}

/// Records a notification. Called before it is sent.
pub(super) fn note(record: &Lazy, which: impl FnOnce(&NotifyState) -> &Occurrence, at: CallSite) {
    if let Some(notices) = notices(record) {
        which(notices).note(here::here(), at);
    }
}
