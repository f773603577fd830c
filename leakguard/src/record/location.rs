//! A source location that one thread stores and others read. Its own file because it needs `unsafe`.
#![expect(unsafe_code, reason = "no safe atomic holds a `&'static`")]

use crate::site::CallSite;
use std::panic::Location;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// An atomic `Option<&'static Location>`.
#[derive(Debug, Default)]
pub(crate) struct AtomicLocation(AtomicPtr<Location<'static>>);

impl AtomicLocation {
    #[inline]
    pub(crate) fn new(at: CallSite) -> Self {
        AtomicLocation(AtomicPtr::new(ptr::from_ref(at).cast_mut()))
    }

    /// Stores only a change, because most calls store the same location again.
    #[inline]
    pub(crate) fn set(&self, to: Option<CallSite>) {
        let raw = to.map_or(ptr::null_mut(), |l| ptr::from_ref(l).cast_mut());
        if self.0.load(Relaxed) != raw {
            self.0.store(raw, Relaxed);
        }
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<CallSite> {
        let raw = self.0.load(Relaxed);
        // SAFETY: `new` and `set` are the only writers and store null or a pointer made from a
        // `&'static Location`, whose target is initialised before `main` and never changes, so that
        // no ordering is needed to read it. Nothing is ever written through the pointer.
        unsafe { raw.as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_returns_the_last_location_set() {
        let place = AtomicLocation::default();
        assert_eq!(place.get(), None);
        let here = Location::caller();
        place.set(Some(here));
        assert_eq!(place.get(), Some(here));
        place.set(None);
        assert_eq!(place.get(), None);
        assert_eq!(AtomicLocation::new(here).get(), Some(here));
    }
}
