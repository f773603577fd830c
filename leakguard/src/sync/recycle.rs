//! The records of oneshots. Their allocations are used again.

use crate::clock::Instant;
use crate::pool::{Pool, Unshared};
use crate::record::resource::channel_state::ChannelState;
use crate::record::resource::{Creation, Resource};
use std::sync::Arc;

// About 400 bytes each.
thread_local!(static POOL: Pool<Resource, 1> = const { Pool::new(16) });

/// The record of a new oneshot.
#[inline]
pub(super) fn oneshot(origin: Creation, now: Instant) -> Arc<Resource> {
    if let Some(mut kept) = Pool::take(&POOL)
        && kept.get_mut().renew(origin, now)
    {
        let [record] = kept.into_owners();
        return record;
    }
    Arc::new(Resource::oneshot(origin, now))
}

/// Takes the record back from one half of a oneshot. It is kept once both halves have given it back, no list and no
/// reader has it, and it holds nothing that another oneshot lacks.
#[inline]
pub(super) fn give_back(resource: Arc<Resource>) {
    // The other half may have written its context on another thread, which is seen from here on.
    if let Some(mut record) = Unshared::of([resource])
        && record.get_mut().channel().is_some_and(ChannelState::is_plain)
    {
        Pool::keep(&POOL, record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::Location;

    #[test]
    fn reused_record_equals_a_new_one() {
        let origin = || Creation::unknown(Location::caller());
        let first = oneshot(origin(), Instant::from_nanos(1));
        let (id, place) = (first.id, Arc::as_ptr(&first));
        let flow = first.channel().unwrap();
        flow.send_once();
        flow.set_closed();
        flow.set_ended(Instant::from_nanos(1));
        first.set_outside();
        give_back(first);
        let fresh = Resource::oneshot(origin(), Instant::from_nanos(2));
        let next = oneshot(origin(), Instant::from_nanos(2));
        assert_eq!(Arc::as_ptr(&next), place);
        assert_ne!(next.id, id);
        // Numbers, lines and addresses differ.
        let text = |r: &Resource| format!("{r:?}").replace(|c: char| c.is_ascii_hexdigit(), "");
        assert_eq!(text(&next), text(&fresh));
    }

    #[test]
    fn record_with_a_reader_or_with_losses_is_not_kept() {
        let origin = Creation::unknown(Location::caller());
        let create = || oneshot(origin, Instant::from_nanos(1));
        let read = create();
        let reader = read.clone();
        give_back(read);
        let lost = create();
        assert!(!Arc::ptr_eq(&reader, &lost));
        lost.channel().unwrap().lose(1);
        give_back(lost);
        assert_eq!(create().channel().unwrap().lost(), 0);
    }
}
