//! What has not changed between two looks at all channels and locks. A wait-for graph of changing resources would be a
//! guess.

use crate::fact::id::ResourceId;
use crate::fact::kind::ResourceKind;
use crate::fact::resource::{Detail, ResourceFacts, WaitFacts};
use std::collections::HashMap;

/// Those of `before` that are the same in `after`.
pub(crate) fn steady(
    before: Vec<ResourceFacts>,
    after: impl IntoIterator<Item = ResourceFacts>,
) -> Vec<ResourceFacts> {
    let after: HashMap<ResourceId, _> = after.into_iter().map(|r| (r.id, r)).collect();
    let stayed = |r: &ResourceFacts| after.get(&r.id).is_some_and(|now| is_same(r, now));
    before.into_iter().filter(stayed).collect()
}

/// The time of the last poll does not count, because the probe itself polls.
fn is_same(a: &ResourceFacts, b: &ResourceFacts) -> bool {
    // A loop creates a new wait on its token in each turn. The token stays the same.
    let renewed = a.kind == ResourceKind::Token;
    let same = |(a, b): (&WaitFacts, &WaitFacts)| {
        let stands = renewed && (a.at, a.operation) == (b.at, b.operation);
        a.task == b.task && (stands || a.number == b.number)
    };
    let waits = a.waits.len() == b.waits.len() && a.waits.iter().zip(&b.waits).all(same);
    let detail = match (&a.detail, &b.detail) {
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
    };
    waits && detail
}
