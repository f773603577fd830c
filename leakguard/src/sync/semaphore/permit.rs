//! The permits of a semaphore and their holds.

use super::Semaphore;
use crate::record::resource::hold::HoldKey;
use crate::site::CallSite;
use crate::sync::handover::{HandOver, Recipient};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use tokio::sync as tokio_sync;

impl<'a> SemaphorePermit<'a> {
    #[inline]
    pub(super) fn new(
        semaphore: &'a Semaphore,
        inner: tokio_sync::SemaphorePermit<'_>,
        at: CallSite,
    ) -> Self {
        let permits = inner.num_permits();
        inner.forget();
        SemaphorePermit { key: semaphore.record.hold(permits, at), semaphore, permits }
    }
}

impl OwnedSemaphorePermit {
    pub(super) fn new(semaphore: Arc<Semaphore>, permits: usize, at: CallSite) -> Self {
        let key = semaphore.record.hold(permits, at);
        if let Some(holds) = semaphore.record.holds() {
            holds.set_movable(key);
        }
        OwnedSemaphorePermit { key, semaphore, permits }
    }
}

impl Semaphore {
    fn release(&self, key: HoldKey, permits: usize) {
        self.record.release(key);
        self.inner.add_permits(permits);
    }

    fn split(&self, key: HoldKey, left: usize, n: usize) -> HoldKey {
        let Some(holds) = self.record.holds() else {
            return HoldKey::NONE;
        };
        let at = holds.acquired_at(key);
        if left == 0 {
            holds.remove(key);
        } else {
            holds.resize(key, left);
        }
        let split = at.map_or(HoldKey::NONE, |at| self.record.hold(n, at));
        // Both kinds of permit are split here, and one of them may be moved to another task.
        holds.set_movable(split);
        split
    }

    #[track_caller]
    fn merge(&self, key: &mut HoldKey, other: HoldKey, sum: usize) {
        let Some(holds) = self.record.holds() else {
            return;
        };
        holds.remove(other);
        if *key == HoldKey::NONE {
            // It had no permit left, and therefore no hold.
            *key = self.record.hold(sum, Location::caller());
            holds.set_movable(*key);
        } else {
            holds.resize(*key, sum);
        }
    }
}

macro_rules! permit {
    ($name:ident [$($life:lifetime)?] $semaphore:ty, $get:ty) => {
        #[doc = concat!("Instrumented drop-in for [`tokio::sync::", stringify!($name), "`].")]
        #[must_use]
        #[clippy::has_significant_drop]
        pub struct $name$(<$life>)? {
            semaphore: $semaphore,
            permits: usize,
            key: HoldKey,
        }

        impl$(<$life>)? $name$(<$life>)? {
            #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::forget`].")]
            #[track_caller]
            pub fn forget(mut self) {
                let at = Location::caller();
                let permits = std::mem::take(&mut self.permits);
                if let Some(holds) = self.semaphore.record.holds() {
                    holds.forget(self.key, permits, at);
                }
                self.key = HoldKey::NONE;
            }

            #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::merge`].")]
            ///
            /// # Panics
            ///
            /// If the two belong to different semaphores.
            #[track_caller]
            pub fn merge(&mut self, mut other: Self) {
                let semaphore: &Semaphore = &self.semaphore;
                assert!(
                    std::ptr::eq(semaphore, &*other.semaphore),
                    "merging permits from different semaphore instances"
                );
                self.permits += std::mem::take(&mut other.permits);
                let merged = std::mem::replace(&mut other.key, HoldKey::NONE);
                semaphore.merge(&mut self.key, merged, self.permits);
            }

            #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::split`].")]
            pub fn split(&mut self, n: usize) -> Option<Self> {
                let left = self.permits.checked_sub(n)?;
                self.permits = left;
                let key = self.semaphore.split(self.key, left, n);
                if left == 0 {
                    self.key = HoldKey::NONE;
                }
                Some($name {
                    semaphore: Clone::clone(&self.semaphore),
                    permits: n,
                    key,
                })
            }

            #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::semaphore`].")]
            pub fn semaphore(&self) -> $get {
                &self.semaphore
            }

            #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::num_permits`].")]
            pub fn num_permits(&self) -> usize {
                self.permits
            }
        }

        impl$(<$life>)? Drop for $name$(<$life>)? {
            fn drop(&mut self) {
                self.semaphore.release(self.key, self.permits);
            }
        }

        impl$(<$life>)? fmt::Debug for $name$(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("sem", &self.semaphore)
                    .field("permits", &self.permits)
                    .finish()
            }
        }
    };
}

permit!(SemaphorePermit ['a] &'a Semaphore, &Semaphore);
permit!(OwnedSemaphorePermit [] Arc<Semaphore>, &Arc<Semaphore>);

impl HandOver for OwnedSemaphorePermit {
    fn leakguard_hand_over(&self, to: Recipient) {
        if let Some(holds) = self.semaphore.record.holds() {
            holds.hand_over(self.key, to.task);
        }
    }
}
