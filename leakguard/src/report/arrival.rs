//! What to change about permits that are missing and tasks that a barrier waits for.

use crate::fact::cause::{Blockage, Identity, Trace};
use crate::fact::kind::ResourceKind;
use crate::fact::position::Position;
use crate::fact::resource::{Detail, LockFacts};
use crate::site::CallSite;

/// How many of the tasks that a barrier waits for have come.
pub(super) fn arrived(blockage: &Blockage) -> Option<(usize, usize)> {
    let resource = &blockage.resource;
    let capacity = resource.capacity.filter(|_| resource.kind == ResourceKind::Barrier)?;
    Some((resource.waits.len(), capacity))
}

/// With the user's own lines.
pub(crate) fn remedy(blockage: &Blockage, here: &Position) -> Option<String> {
    let line = |at: CallSite| Position::of_location(at).seen_from(here);
    let (wait, created) = (line(blockage.wait.at), line(blockage.resource.created));
    if let Some((come, all)) = arrived(blockage) {
        return Some(format!(
            "{come} of {all} tasks wait at the barrier of {created}: let the others reach it, or create it for as many as come"
        ));
    }
    match &blockage.resource.detail {
        Detail::Lock(lock) if blockage.resource.kind == ResourceKind::Semaphore => {
            Some(of_permits(blockage, lock, [&wait, &created], line))
        }
        _ => None,
    }
}

fn of_permits(
    blockage: &Blockage,
    lock: &LockFacts,
    [wait, created]: [&str; 2],
    line: impl Fn(CallSite) -> String,
) -> String {
    let (wanted, exist) = (blockage.wait.permits, lock.permits);
    if let Some(forgotten) = lock.forgotten.filter(|_| wanted > lock.unheld()) {
        let (permits, at) = (forgotten.permits, line(forgotten.at));
        return format!(
            "{permits} of the permits were forgotten, last at {at}: drop them there instead, or give them back with `add_permits`"
        );
    }
    if wanted > exist {
        return format!(
            "{wait} requests {wanted} permits, and the semaphore of {created} has {exist}: request fewer, or create it with more"
        );
    }
    let holder = blockage.parties.iter().find(|party| party.trace == Trace::Used);
    match holder.and_then(|party| Some((party.who, line(party.at?)))) {
        Some((Identity::Ended | Identity::Returned, at)) => {
            format!(
                "drop the permits acquired at {at}: what acquired them is over, and has left them somewhere"
            )
        }
        Some((_, at)) => format!("release the permits acquired at {at} before their holder waits"),
        None => {
            format!("add permits to the semaphore of {created}: no task is known that holds one")
        }
    }
}
