//! What a dump calls channels, locks and waits.

use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::{ChannelFacts, Detail, LockFacts, ResourceFacts};

/// The words for a lock without holders.
pub(super) fn free(resource: &ResourceFacts, lock: &LockFacts) -> &'static str {
    if resource.kind.blocks() || resource.waits.is_empty() || lock.unheld() == 0 {
        return ": free";
    }
    ": granted to the first waiter, which has not been polled since"
}

pub(super) fn words(resource: &ResourceFacts) -> String {
    if let Detail::Value(type_name) = resource.detail {
        return format!("value of type {type_name}");
    }
    let capacity = resource.capacity.map_or_else(String::new, |c| format!(", capacity {c}"));
    let kind = match resource.kind {
        ResourceKind::Mpsc => "mpsc channel",
        ResourceKind::UnboundedMpsc => "unbounded mpsc channel",
        ResourceKind::Oneshot => return "oneshot channel".to_owned(),
        ResourceKind::Broadcast => "broadcast channel",
        ResourceKind::Watch => return "watch channel".to_owned(),
        ResourceKind::Mutex => return "mutex".to_owned(),
        ResourceKind::RwLock => return "rwlock".to_owned(),
        ResourceKind::StdMutex => "std mutex",
        ResourceKind::StdRwLock => "std rwlock",
        ResourceKind::ParkingMutex => "parking_lot mutex",
        ResourceKind::ParkingRwLock => "parking_lot rwlock",
        ResourceKind::Condvar => "condvar",
        ResourceKind::Join => "join of threads",
        ResourceKind::JoinTask => "join of a task",
        ResourceKind::JoinSet => "join set",
        ResourceKind::Semaphore => "semaphore",
        ResourceKind::Notify => "notify",
        ResourceKind::Barrier => "barrier",
        ResourceKind::OnceCell => "once cell",
        ResourceKind::SetOnce => "set-once",
        ResourceKind::Token => "cancellation token",
        ResourceKind::Value => "value",
    };
    format!("{kind}{capacity}")
}

pub(super) fn counts(channel: &ChannelFacts) -> String {
    let lost = match channel.lost {
        0 => String::new(),
        lost => format!(", {lost} lost"),
    };
    format!(
        "{} queued, at most {}, {} sent, {} received{lost}",
        channel.depth, channel.high, channel.sent, channel.received
    )
}

pub(crate) fn purpose(operation: Operation) -> &'static str {
    match operation {
        Operation::Receive => "to receive",
        Operation::Send => "to send",
        Operation::Closed => "for the other half to be dropped",
        Operation::Changed => "for a change",
        Operation::Lock => "to lock",
        Operation::Read | Operation::ReadRecursive => "to read",
        Operation::Upgradable => "to read upgradably",
        Operation::Upgrade => "to upgrade",
        Operation::Write => "to write",
        Operation::Acquire => "for permits",
        Operation::Notified => "to be notified",
        Operation::Barrier => "for the others",
        Operation::Init => "for the value",
        Operation::Cancelled => "for the cancellation",
        Operation::Join => "for their end",
    }
}
