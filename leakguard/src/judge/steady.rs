//! What has not changed between two looks at all channels and locks. A wait-for graph of changing resources would be a
//! guess.

use crate::fact::id::{ResourceId, TaskId};
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::{Detail, ResourceFacts, WaitFacts};
use crate::site::CallSite;
use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

/// Those of `before` that are the same in `after`, without the waits that are not.
pub(crate) fn steady(
    before: Vec<ResourceFacts>,
    after: impl IntoIterator<Item = ResourceFacts>,
) -> Vec<ResourceFacts> {
    let after: Vec<_> = after.into_iter().collect();
    let places = LazyCell::new(|| {
        let places = after.iter().enumerate().map(|(at, r)| (r.id, at));
        places.collect::<HashMap<ResourceId, usize>>()
    });
    // Both lists have the same order, so the next one is the wanted one unless something came or went.
    let mut next = 0;
    let stayed = |r: ResourceFacts| {
        let at = match after.get(next) {
            Some(now) if now.id == r.id => next,
            _ => *places.get(&r.id)?,
        };
        next = at + 1;
        what_stayed(r, &after[at])
    };
    before.into_iter().filter_map(stayed).collect()
}

fn what_stayed(mut before: ResourceFacts, after: &ResourceFacts) -> Option<ResourceFacts> {
    if !is_same(&before.detail, &after.detail) {
        return None;
    }
    if has_same_waits(&before, after) {
        return Some(before);
    }
    let count = before.waits.len();
    let stand: HashSet<_> = after.waits.iter().map(|w| standing(w, after.kind)).collect();
    before.waits.retain(|w| stand.contains(&standing(w, after.kind)));
    let all_stand = before.waits.len() == count && after.waits.len() == count;
    (all_stand || !is_queue(&before)).then_some(before)
}

/// Whether all waits stand. Most resources have none or one, so this is looked at first.
fn has_same_waits(before: &ResourceFacts, after: &ResourceFacts) -> bool {
    let standing = |r: &ResourceFacts, at: usize| standing(&r.waits[at], after.kind);
    let count = before.waits.len();
    count == after.waits.len() && (0..count).all(|at| standing(before, at) == standing(after, at))
}

/// What makes two waits the same. The time of the last poll does not count, because the probe itself polls.
fn standing(wait: &WaitFacts, kind: ResourceKind) -> Standing {
    match kind {
        // A loop creates a new wait on its token in each turn. The token stays the same.
        ResourceKind::Token => Standing::Place(wait.task, wait.at, wait.operation),
        _ => Standing::Number(wait.task, wait.number),
    }
}

#[derive(PartialEq, Eq, Hash)]
enum Standing {
    Place(Option<TaskId>, CallSite, Operation),
    Number(Option<TaskId>, u64),
}

/// Whether it depends on the other waits when one of them ends: a lock of which something is free serves them in order.
fn is_queue(resource: &ResourceFacts) -> bool {
    match &resource.detail {
        Detail::Lock(lock) => lock.unheld() > 0,
        _ => resource.kind == ResourceKind::Barrier,
    }
}

fn is_same(a: &Detail, b: &Detail) -> bool {
    match (a, b) {
        (Detail::Lock(a), Detail::Lock(b)) => a.holds == b.holds && a.permits == b.permits,
        (Detail::Channel(a), Detail::Channel(b)) => {
            (a.sent, a.received) == (b.sent, b.received)
                && a.senders == b.senders
                && a.receivers == b.receivers
        }
        (Detail::Token(a), Detail::Token(b)) => a.cancelled == b.cancelled,
        (Detail::Join(a), Detail::Join(b)) => a == b,
        (Detail::Set(a), Detail::Set(b)) => a.alive == b.alive && a.unjoined == b.unjoined,
        _ => true,
    }
}
