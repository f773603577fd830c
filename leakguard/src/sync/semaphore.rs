//! The twin of `tokio::sync::Semaphore`.

use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::record::resource::hold::{HoldKey, Holds};
use crate::site::CallSite;
use crate::sync::given::{Given, To};
use crate::sync::here;
use crate::sync::lazy::Lazy;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use tokio::sync as tokio_sync;
use tokio::sync::{AcquireError, TryAcquireError};

/// As [`tokio::sync::Semaphore`].
pub struct Semaphore {
    inner: tokio_sync::Semaphore,
    record: Lazy,
}

impl Semaphore {
    /// As [`tokio::sync::Semaphore::MAX_PERMITS`].
    pub const MAX_PERMITS: usize = tokio_sync::Semaphore::MAX_PERMITS;

    /// As [`tokio::sync::Semaphore::new`].
    ///
    /// # Panics
    ///
    /// If `permits` is greater than [`Semaphore::MAX_PERMITS`].
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        Semaphore {
            inner: tokio_sync::Semaphore::new(permits),
            record: Lazy::new(ResourceKind::Semaphore, Some(permits), Location::caller()),
        }
    }

    /// As [`tokio::sync::Semaphore::const_new`].
    ///
    /// # Panics
    ///
    /// If `permits` is greater than [`Semaphore::MAX_PERMITS`].
    #[track_caller]
    pub const fn const_new(permits: usize) -> Self {
        Semaphore {
            inner: tokio_sync::Semaphore::const_new(permits),
            record: Lazy::constant(ResourceKind::Semaphore, Some(permits), Location::caller()),
        }
    }

    /// Gives tokio's own semaphore with the permits that are free now.
    pub fn into_inner(self) -> tokio_sync::Semaphore {
        self.inner
    }

    fn holds(&self) -> Option<&Holds> {
        self.record.resource().and_then(|r| r.holds())
    }

    fn take(&self, permits: usize, at: CallSite) -> HoldKey {
        let take = |holds: &Holds| holds.take(permits, here::here(), at);
        self.holds().map_or(HoldKey::NONE, take)
    }

    #[inline]
    fn permit(&self, inner: tokio_sync::SemaphorePermit<'_>, at: CallSite) -> SemaphorePermit<'_> {
        let permits = inner.num_permits();
        inner.forget();
        SemaphorePermit {
            ticket: self.take(permits, at),
            semaphore: self,
            permits,
        }
    }

    fn owned(self: Arc<Self>, permits: usize, at: CallSite) -> OwnedSemaphorePermit {
        let ticket = self.take(permits, at);
        if let Some(holds) = self.holds() {
            holds.set_movable(ticket);
        }
        OwnedSemaphorePermit {
            ticket,
            semaphore: self,
            permits,
        }
    }

    /// As [`tokio::sync::Semaphore::add_permits`].
    ///
    /// # Panics
    ///
    /// If there would be more than [`Semaphore::MAX_PERMITS`].
    pub fn add_permits(&self, n: usize) {
        if let Some(holds) = self.holds() {
            holds.add(n, here::here().now);
        }
        self.inner.add_permits(n);
    }

    /// As [`tokio::sync::Semaphore::forget_permits`].
    pub fn forget_permits(&self, n: usize) -> usize {
        let gone = self.inner.forget_permits(n);
        if let Some(holds) = self.holds() {
            holds.remove(gone);
        }
        gone
    }

    /// As [`tokio::sync::Semaphore::acquire`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let at = Location::caller();
        async move {
            let acquire = self.inner.acquire();
            let permit = self.record.wait(Operation::Acquire, 1, at, acquire).await?;
            Ok(self.permit(permit, at))
        }
    }

    /// As [`tokio::sync::Semaphore::acquire_many`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    #[track_caller]
    pub fn acquire_many(
        &self,
        n: u32,
    ) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let at = Location::caller();
        async move {
            let acquire = self.inner.acquire_many(n);
            let wait = self
                .record
                .wait(Operation::Acquire, n as usize, at, acquire);
            let permit = wait.await?;
            Ok(self.permit(permit, at))
        }
    }

    /// As [`tokio::sync::Semaphore::try_acquire`].
    ///
    /// # Errors
    ///
    /// If no permit is free, or the semaphore has been closed.
    #[track_caller]
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        let permit = self.inner.try_acquire()?;
        Ok(self.permit(permit, Location::caller()))
    }

    /// As [`tokio::sync::Semaphore::try_acquire_many`].
    ///
    /// # Errors
    ///
    /// If too few permits are free, or the semaphore has been closed.
    #[track_caller]
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        let permit = self.inner.try_acquire_many(n)?;
        Ok(self.permit(permit, Location::caller()))
    }

    /// As [`tokio::sync::Semaphore::blocking_acquire`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    ///
    /// # Panics
    ///
    /// Inside an asynchronous context.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        let at = Location::caller();
        let wait = self.record.block(Operation::Acquire, 1, at);
        let permit = self.inner.blocking_acquire();
        drop(wait);
        Ok(self.permit(permit?, at))
    }

    /// As [`tokio::sync::Semaphore::blocking_acquire_many`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    ///
    /// # Panics
    ///
    /// Inside an asynchronous context.
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        let at = Location::caller();
        let wait = self.record.block(Operation::Acquire, n as usize, at);
        let permit = self.inner.blocking_acquire_many(n);
        drop(wait);
        Ok(self.permit(permit?, at))
    }

    /// As [`tokio::sync::Semaphore::acquire_owned`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    #[track_caller]
    pub fn acquire_owned(
        self: Arc<Self>,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let at = Location::caller();
        async move {
            let acquire = self.inner.acquire();
            let wait = self.record.wait(Operation::Acquire, 1, at, acquire);
            wait.await?.forget();
            Ok(self.owned(1, at))
        }
    }

    /// As [`tokio::sync::Semaphore::acquire_many_owned`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    #[track_caller]
    pub fn acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let at = Location::caller();
        async move {
            let acquire = self.inner.acquire_many(n);
            let wait = self
                .record
                .wait(Operation::Acquire, n as usize, at, acquire);
            wait.await?.forget();
            Ok(self.owned(n as usize, at))
        }
    }

    /// As [`tokio::sync::Semaphore::try_acquire_owned`].
    ///
    /// # Errors
    ///
    /// If no permit is free, or the semaphore has been closed.
    #[track_caller]
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.inner.try_acquire()?.forget();
        Ok(self.owned(1, Location::caller()))
    }

    /// As [`tokio::sync::Semaphore::try_acquire_many_owned`].
    ///
    /// # Errors
    ///
    /// If too few permits are free, or the semaphore has been closed.
    #[track_caller]
    pub fn try_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.inner.try_acquire_many(n)?.forget();
        Ok(self.owned(n as usize, Location::caller()))
    }

    /// As [`tokio::sync::Semaphore::blocking_acquire_owned`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    ///
    /// # Panics
    ///
    /// Inside an asynchronous context.
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.blocking_acquire_many_owned(1)
    }

    /// As [`tokio::sync::Semaphore::blocking_acquire_many_owned`].
    ///
    /// # Errors
    ///
    /// If the semaphore has been closed.
    ///
    /// # Panics
    ///
    /// Inside an asynchronous context.
    #[track_caller]
    pub fn blocking_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        let at = Location::caller();
        let wait = self.record.block(Operation::Acquire, n as usize, at);
        let permit = self.inner.blocking_acquire_many(n);
        drop(wait);
        permit?.forget();
        Ok(self.owned(n as usize, at))
    }

    forward! { "Semaphore";
        fn available_permits(&self) -> usize;
        fn close(&self) -> ();
        fn is_closed(&self) -> bool;
    }

    /// Permits come back.
    fn give_back(&self, ticket: HoldKey, permits: usize) {
        if let Some(holds) = self.holds() {
            // The record first: the next holder must find its predecessor gone.
            holds.release(ticket, here::here().now);
        }
        self.inner.add_permits(permits);
    }

    fn split(&self, ticket: HoldKey, left: usize, n: usize) -> HoldKey {
        let Some(holds) = self.holds() else {
            return HoldKey::NONE;
        };
        let at = holds.taken_at(ticket);
        if left == 0 {
            holds.drop_ticket(ticket);
        } else {
            holds.resize(ticket, left);
        }
        let ticket = at.map_or(HoldKey::NONE, |at| holds.take(n, here::here(), at));
        // Of which kind the permit is that was split, nobody has said.
        holds.set_movable(ticket);
        ticket
    }

    #[track_caller]
    fn merge(&self, ticket: &mut HoldKey, other: HoldKey, sum: usize) {
        let Some(holds) = self.holds() else { return };
        holds.drop_ticket(other);
        if *ticket == HoldKey::NONE {
            // It had none left, and so no hold.
            *ticket = holds.take(sum, here::here(), Location::caller());
            holds.set_movable(*ticket);
        } else {
            holds.resize(*ticket, sum);
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl From<tokio_sync::Semaphore> for Semaphore {
    #[track_caller]
    fn from(inner: tokio_sync::Semaphore) -> Self {
        let permits = Some(inner.available_permits());
        let record = Lazy::new(ResourceKind::Semaphore, permits, Location::caller());
        Semaphore { inner, record }
    }
}

impl From<Semaphore> for tokio_sync::Semaphore {
    fn from(semaphore: Semaphore) -> Self {
        semaphore.into_inner()
    }
}

macro_rules! permit {
    ($name:ident [$($life:lifetime)?] $semaphore:ty, $get:ty, $same:expr, $clone:expr, $text:literal) => {
        #[doc = concat!("As [`tokio::sync::", $text, "`].")]
        #[must_use]
        #[clippy::has_significant_drop]
        pub struct $name$(<$life>)? {
            semaphore: $semaphore,
            permits: usize,
            ticket: HoldKey,
        }

        impl$(<$life>)? $name$(<$life>)? {
            #[doc = concat!("As [`tokio::sync::", $text, "::forget`].")]
            pub fn forget(mut self) {
                let permits = std::mem::take(&mut self.permits);
                if let Some(holds) = self.semaphore.holds() {
                    holds.forget(self.ticket, permits);
                }
                self.ticket = HoldKey::NONE;
            }

            #[doc = concat!("As [`tokio::sync::", $text, "::merge`].")]
            ///
            /// # Panics
            ///
            /// If the two belong to different semaphores.
            #[track_caller]
            pub fn merge(&mut self, mut other: Self) {
                assert!(
                    $same(&self.semaphore, &other.semaphore),
                    "merging permits from different semaphore instances"
                );
                self.permits += std::mem::take(&mut other.permits);
                let theirs = std::mem::replace(&mut other.ticket, HoldKey::NONE);
                self.semaphore.merge(&mut self.ticket, theirs, self.permits);
            }

            #[doc = concat!("As [`tokio::sync::", $text, "::split`].")]
            pub fn split(&mut self, n: usize) -> Option<Self> {
                let left = self.permits.checked_sub(n)?;
                self.permits = left;
                let ticket = self.semaphore.split(self.ticket, left, n);
                if left == 0 {
                    self.ticket = HoldKey::NONE;
                }
                Some($name {
                    semaphore: $clone(&self.semaphore),
                    permits: n,
                    ticket,
                })
            }

            #[doc = concat!("As [`tokio::sync::", $text, "::semaphore`].")]
            pub fn semaphore(&self) -> $get {
                &self.semaphore
            }

            #[doc = concat!("As [`tokio::sync::", $text, "::num_permits`].")]
            pub fn num_permits(&self) -> usize {
                self.permits
            }
        }

        impl$(<$life>)? Drop for $name$(<$life>)? {
            fn drop(&mut self) {
                self.semaphore.give_back(self.ticket, self.permits);
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

fn same(a: &Semaphore, b: &Semaphore) -> bool {
    std::ptr::eq(a, b)
}

permit!(SemaphorePermit ['a] &'a Semaphore, &Semaphore, same, |s: &&'a Semaphore| *s, "SemaphorePermit");
permit!(OwnedSemaphorePermit [] Arc<Semaphore>, &Arc<Semaphore>, same, Arc::clone, "OwnedSemaphorePermit");

impl Given for OwnedSemaphorePermit {
    fn leakguard_hand(&self, to: To) {
        if let Some(holds) = self.semaphore.holds() {
            holds.hand(self.ticket, to.task);
        }
    }
}
