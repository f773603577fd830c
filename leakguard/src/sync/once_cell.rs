//! The twins of `tokio::sync::OnceCell` and `tokio::sync::SetOnce`.

use crate::fact::kind::{Operation, ResourceKind};
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::stack;
use crate::sync::hold::GuardHold;
use crate::sync::lazy::Lazy;
use crate::sync::waiting::QueueEntry;
use crate::watch::singleton;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::sync as tokio_sync;
use tokio::sync::SetError;

/// Instrumented drop-in for [`tokio::sync::OnceCell`].
pub struct OnceCell<T> {
    inner: tokio_sync::OnceCell<T>,
    record: Lazy,
}

/// A call that may initialise a cell. It holds the cell while its own initialisation runs.
struct InitCall<'a> {
    record: &'a Lazy,
    at: CallSite,
    /// Whether the initialisation is this call's own.
    is_own: AtomicBool,
}

impl InitCall<'_> {
    fn new(record: &Lazy, at: CallSite) -> InitCall<'_> {
        InitCall { record, at, is_own: AtomicBool::new(false) }
    }

    async fn init<F: Future>(&self, init: impl FnOnce() -> F) -> F::Output {
        self.is_own.store(true, Relaxed);
        let _hold = GuardHold::new(self.record, 1, self.at);
        if !stack::is_static(ptr::from_ref(self.record).addr()) {
            return init().await;
        }
        // No function of std's shows that an async initialiser runs.
        let mut future = pin!(singleton::initialise(init));
        poll_fn(|cx| singleton::initialise(|| future.as_mut().poll(cx))).await
    }

    /// Waits for the initialisation of another call. Its own is no wait on the cell.
    async fn run<F: Future>(&self, cell: F) -> F::Output {
        let mut cell = pin!(cell);
        let mut entry = QueueEntry::default();
        let intent = Intent::new(Operation::Init, self.at);
        poll_fn(|cx| {
            let poll = cell.as_mut().poll(cx);
            if self.is_own.load(Relaxed) {
                entry.leave();
                return poll;
            }
            entry.settle(self.record.resource(), intent, cx, poll)
        })
        .await
    }
}

impl<T> OnceCell<T> {
    /// Same as [`tokio::sync::OnceCell::get_mut`].
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
    }

    /// Same as [`tokio::sync::OnceCell::set`].
    ///
    /// # Errors
    ///
    /// The value, if there is one already or an initialisation is running.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        self.inner.set(value)
    }

    /// Same as [`tokio::sync::OnceCell::get_or_init`].
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
            let call = InitCall::new(&self.record, at);
            let init = || call.init(f);
            call.run(self.inner.get_or_init(init)).await
        }
    }

    /// Same as [`tokio::sync::OnceCell::get_or_try_init`].
    ///
    /// # Errors
    ///
    /// The error of `f`.
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
            let call = InitCall::new(&self.record, at);
            let init = || call.init(f);
            call.run(self.inner.get_or_try_init(init)).await
        }
    }

    /// Same as [`tokio::sync::OnceCell::take`].
    pub fn take(&mut self) -> Option<T> {
        self.inner.take()
    }
}

/// Instrumented drop-in for [`tokio::sync::SetOnce`].
#[cfg(not(leakguard_tokio_before = "1.47"))]
pub struct SetOnce<T> {
    inner: tokio_sync::SetOnce<T>,
    record: Lazy,
}

#[cfg(not(leakguard_tokio_before = "1.47"))]
impl<T> SetOnce<T> {
    /// Same as [`tokio::sync::SetOnce::set`].
    ///
    /// # Errors
    ///
    /// The value, if there is one already.
    pub fn set(&self, value: T) -> Result<(), tokio_sync::SetOnceError<T>> {
        self.inner.set(value)
    }

    /// Same as [`tokio::sync::SetOnce::wait`].
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = &T> {
        let at = Location::caller();
        async move {
            if let Some(value) = self.inner.get() {
                return value;
            }
            self.record.wait(Operation::Init, 1, at, self.inner.wait()).await
        }
    }
}

/// The methods and traits that both cells have.
macro_rules! cell {
    ($($name:ident $permits:expr;)*) => {
        $(
            impl<T> $name<T> {
                #[track_caller]
                const fn around(inner: tokio_sync::$name<T>) -> Self {
                    $name {
                        inner,
                        record: Lazy::const_new(ResourceKind::$name, $permits, Location::caller()),
                    }
                }

                #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::new`].")]
                #[track_caller]
                pub fn new() -> Self {
                    $name::around(tokio_sync::$name::new())
                }

                #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::const_new`].")]
                #[track_caller]
                pub const fn const_new() -> Self {
                    $name::around(tokio_sync::$name::const_new())
                }

                #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::new_with`].")]
                #[track_caller]
                pub fn new_with(value: Option<T>) -> Self {
                    $name::around(tokio_sync::$name::new_with(value))
                }

                #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::const_new_with`].")]
                #[track_caller]
                pub const fn const_new_with(value: T) -> Self {
                    $name::around(tokio_sync::$name::const_new_with(value))
                }

                #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::initialized`].")]
                pub fn initialized(&self) -> bool {
                    self.inner.initialized()
                }

                #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::get`].")]
                pub fn get(&self) -> Option<&T> {
                    self.inner.get()
                }

                #[doc = concat!("Same as [`tokio::sync::", stringify!($name), "::into_inner`].")]
                pub fn into_inner(self) -> Option<T> {
                    self.inner.into_inner()
                }
            }

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

cell! {
    OnceCell Some(1);
}

#[cfg(not(leakguard_tokio_before = "1.47"))]
cell! {
    SetOnce None;
}
