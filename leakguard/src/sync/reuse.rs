//! The records of oneshots that are over, kept for the next ones of their thread.
//!
//! Most oneshots are made, used and dropped by one thread within microseconds. To allocate a record, fill it and free it
//! takes half of the time that leakguard adds to one.
#![expect(
    unsafe_code,
    reason = "`Arc::get_mut` takes a tenth of it, to exclude a `Weak` that nobody makes"
)]

use crate::clock::Instant;
use crate::record::resource::flow::Flow;
use crate::record::resource::{Creation, Resource};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{Ordering::Acquire, fence};

/// So many are kept, of about 400 bytes each.
const KEPT: usize = 16;

thread_local!(static FREE: RefCell<Vec<Arc<Resource>>> = const { RefCell::new(Vec::new()) });

/// The record of a new oneshot.
#[inline]
pub(super) fn oneshot(origin: Creation, now: Instant) -> Arc<Resource> {
    // Not in a thread that is being torn down.
    let kept = FREE.try_with(|free| free.borrow_mut().pop()).ok().flatten();
    if let Some(kept) = kept {
        debug_assert_eq!((Arc::strong_count(&kept), Arc::weak_count(&kept)), (1, 0));
        // SAFETY: `give_back` has seen that this is the only `Arc`, nobody makes a `Weak`, and this thread's list alone
        // has had it since.
        let record = unsafe { &mut *Arc::as_ptr(&kept).cast_mut() };
        if record.renew(origin, now) {
            return kept;
        }
    }
    Arc::new(Resource::oneshot(origin, now))
}

/// One end of a oneshot lets go of its record.
#[inline]
pub(super) fn give_back(resource: Arc<Resource>) {
    // The other end has let go of it, nobody reads it, and it is in no list.
    let is_last = Arc::strong_count(&resource) == 1;
    // What the other end wrote on another thread before it let go is seen below, a charge among it.
    fence(Acquire);
    if !is_last || !resource.flow().is_some_and(Flow::is_plain) {
        return;
    }
    let _ = FREE.try_with(|free| {
        let mut free = free.borrow_mut();
        if free.len() < KEPT {
            free.push(resource);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::Location;

    #[test]
    fn one_that_is_over_is_the_next_and_has_forgotten_everything() {
        let origin = || Creation::unknown(Location::caller());
        let first = oneshot(origin(), Instant::from_nanos(1));
        let (id, place) = (first.id, Arc::as_ptr(&first));
        let flow = first.flow().unwrap();
        flow.send_once();
        flow.set_closed();
        flow.set_ended(Instant::from_nanos(1));
        first.set_outside();
        give_back(first);
        let fresh = Resource::oneshot(origin(), Instant::from_nanos(2));
        let next = oneshot(origin(), Instant::from_nanos(2));
        assert_eq!(Arc::as_ptr(&next), place);
        assert_ne!(next.id, id);
        let told = |r: &Resource| {
            let text = format!("{r:?}");
            // Its numbers, and the lines above that made it, or their addresses.
            let is_own = |c: char| c.is_ascii_hexdigit();
            text.replace(is_own, "")
        };
        assert_eq!(told(&next), told(&fresh));
    }

    #[test]
    fn one_that_somebody_reads_or_that_has_more_to_tell_is_not_kept() {
        let origin = Creation::unknown(Location::caller());
        let make = || oneshot(origin, Instant::from_nanos(1));
        let read = make();
        let reader = read.clone();
        give_back(read);
        let lost = make();
        assert!(!Arc::ptr_eq(&reader, &lost));
        lost.flow().unwrap().lose(1);
        give_back(lost);
        assert_eq!(make().flow().unwrap().lost(), 0);
    }
}
