//! The twins of `tokio::sync::OnceCell` and `tokio::sync::SetOnce`.

use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::record::resource::hold::HoldKey;
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::here;
use crate::sync::lazy::Lazy;
use crate::sync::waiting::Entry;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::sync as tokio_sync;
use tokio::sync::{SetError, SetOnceError};

/// As [`tokio::sync::OnceCell`].
pub struct OnceCell<T> {
    inner: tokio_sync::OnceCell<T>,
    record: Lazy,
}

/// One call that may initialise a cell: it holds the cell while its own initialisation runs.
struct Call<'a> {
    record: &'a Lazy,
    at: CallSite,
    inside: AtomicBool,
}

/// Such a hold.
struct Initialising<'a>(&'a Call<'a>, HoldKey);

impl Drop for Initialising<'_> {
    fn drop(&mut self) {
        if let Some(holds) = self.0.record.resource().and_then(|r| r.holds()) {
            holds.release(self.1, here::here().now);
        }
    }
}

impl Call<'_> {
    fn new(record: &Lazy, at: CallSite) -> Call<'_> {
        Call {
            record,
            at,
            inside: AtomicBool::new(false),
        }
    }

    async fn initialise<F: Future>(&self, init: impl FnOnce() -> F) -> F::Output {
        self.inside.store(true, Relaxed);
        let holds = self.record.resource().and_then(|r| r.holds());
        let take = |h: &crate::record::resource::hold::Holds| h.take(1, here::here(), self.at);
        let _hold = Initialising(self, holds.map_or(HoldKey::NONE, take));
        init().await
    }

    /// Waits for somebody else's initialisation; its own is no wait on the cell.
    async fn run<F: Future>(&self, cell: F) -> F::Output {
        let mut cell = pin!(cell);
        let mut entry = Entry::default();
        let intent = Intent::new(Operation::Init, self.at);
        poll_fn(|cx| {
            let poll = cell.as_mut().poll(cx);
            if self.inside.load(Relaxed) {
                entry.leave();
                return poll;
            }
            entry.settle(self.record.resource(), intent, poll)
        })
        .await
    }
}

impl<T> OnceCell<T> {
    #[track_caller]
    const fn around(inner: tokio_sync::OnceCell<T>) -> Self {
        OnceCell {
            inner,
            record: Lazy::constant(ResourceKind::OnceCell, Some(1), Location::caller()),
        }
    }

    /// As [`tokio::sync::OnceCell::new`].
    #[track_caller]
    pub fn new() -> Self {
        OnceCell::around(tokio_sync::OnceCell::new())
    }

    /// As [`tokio::sync::OnceCell::const_new`].
    #[track_caller]
    pub const fn const_new() -> Self {
        OnceCell::around(tokio_sync::OnceCell::const_new())
    }

    /// As [`tokio::sync::OnceCell::new_with`].
    #[track_caller]
    pub fn new_with(value: Option<T>) -> Self {
        OnceCell::around(tokio_sync::OnceCell::new_with(value))
    }

    /// As [`tokio::sync::OnceCell::const_new_with`].
    #[track_caller]
    pub const fn const_new_with(value: T) -> Self {
        OnceCell::around(tokio_sync::OnceCell::const_new_with(value))
    }

    /// As [`tokio::sync::OnceCell::initialized`].
    pub fn initialized(&self) -> bool {
        self.inner.initialized()
    }

    /// As [`tokio::sync::OnceCell::get`].
    pub fn get(&self) -> Option<&T> {
        self.inner.get()
    }

    /// As [`tokio::sync::OnceCell::get_mut`].
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
    }

    /// As [`tokio::sync::OnceCell::set`].
    ///
    /// # Errors
    ///
    /// The value, if there is one already or somebody is making it.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        self.inner.set(value)
    }

    /// As [`tokio::sync::OnceCell::get_or_init`].
    #[track_caller]
    pub fn get_or_init<F, Fut>(&self, f: F) -> impl Future<Output = &T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        let at = Location::caller();
        async move {
            if let Some(value) = self.inner.get() {
                return value;
            }
            let call = Call::new(&self.record, at);
            let init = || call.initialise(f);
            call.run(self.inner.get_or_init(init)).await
        }
    }

    /// As [`tokio::sync::OnceCell::get_or_try_init`].
    ///
    /// # Errors
    ///
    /// What `f` gives.
    #[track_caller]
    pub fn get_or_try_init<E, F, Fut>(&self, f: F) -> impl Future<Output = Result<&T, E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let at = Location::caller();
        async move {
            if let Some(value) = self.inner.get() {
                return Ok(value);
            }
            let call = Call::new(&self.record, at);
            let init = || call.initialise(f);
            call.run(self.inner.get_or_try_init(init)).await
        }
    }

    /// As [`tokio::sync::OnceCell::into_inner`].
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// As [`tokio::sync::OnceCell::take`].
    pub fn take(&mut self) -> Option<T> {
        self.inner.take()
    }
}

/// As [`tokio::sync::SetOnce`].
pub struct SetOnce<T> {
    inner: tokio_sync::SetOnce<T>,
    record: Lazy,
}

impl<T> SetOnce<T> {
    #[track_caller]
    const fn around(inner: tokio_sync::SetOnce<T>) -> Self {
        SetOnce {
            inner,
            record: Lazy::constant(ResourceKind::SetOnce, None, Location::caller()),
        }
    }

    /// As [`tokio::sync::SetOnce::new`].
    #[track_caller]
    pub fn new() -> Self {
        SetOnce::around(tokio_sync::SetOnce::new())
    }

    /// As [`tokio::sync::SetOnce::const_new`].
    #[track_caller]
    pub const fn const_new() -> Self {
        SetOnce::around(tokio_sync::SetOnce::const_new())
    }

    /// As [`tokio::sync::SetOnce::new_with`].
    #[track_caller]
    pub fn new_with(value: Option<T>) -> Self {
        SetOnce::around(tokio_sync::SetOnce::new_with(value))
    }

    /// As [`tokio::sync::SetOnce::const_new_with`].
    #[track_caller]
    pub const fn const_new_with(value: T) -> Self {
        SetOnce::around(tokio_sync::SetOnce::const_new_with(value))
    }

    /// As [`tokio::sync::SetOnce::initialized`].
    pub fn initialized(&self) -> bool {
        self.inner.initialized()
    }

    /// As [`tokio::sync::SetOnce::get`].
    pub fn get(&self) -> Option<&T> {
        self.inner.get()
    }

    /// As [`tokio::sync::SetOnce::set`].
    ///
    /// # Errors
    ///
    /// The value, if there is one already.
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        self.inner.set(value)
    }

    /// As [`tokio::sync::SetOnce::into_inner`].
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// As [`tokio::sync::SetOnce::wait`].
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = &T> {
        let at = Location::caller();
        async move {
            if let Some(value) = self.inner.get() {
                return value;
            }
            self.record
                .wait(Operation::Init, 1, at, self.inner.wait())
                .await
        }
    }
}

macro_rules! as_tokios {
    ($($name:ident)*) => {
        $(
            impl<T> Default for $name<T> {
                #[track_caller]
                fn default() -> Self {
                    $name::new()
                }
            }

            impl<T: fmt::Debug> fmt::Debug for $name<T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.inner.fmt(f)
                }
            }

            impl<T: Clone> Clone for $name<T> {
                #[track_caller]
                fn clone(&self) -> Self {
                    $name::around(self.inner.clone())
                }
            }

            impl<T: PartialEq> PartialEq for $name<T> {
                fn eq(&self, other: &Self) -> bool {
                    self.inner == other.inner
                }
            }

            impl<T: Eq> Eq for $name<T> {}

            impl<T> From<T> for $name<T> {
                #[track_caller]
                fn from(value: T) -> Self {
                    $name::new_with(Some(value))
                }
            }

            impl<T> From<tokio_sync::$name<T>> for $name<T> {
                #[track_caller]
                fn from(inner: tokio_sync::$name<T>) -> Self {
                    $name::around(inner)
                }
            }

            impl<T> From<$name<T>> for tokio_sync::$name<T> {
                fn from(cell: $name<T>) -> Self {
                    cell.inner
                }
            }
        )*
    };
}

as_tokios!(OnceCell SetOnce);
