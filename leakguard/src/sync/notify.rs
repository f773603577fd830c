//! The twin of `tokio::sync::Notify` and its futures.

use crate::fact::kind::{Operation, ResourceKind};
use crate::record::resource::wait::Intent;
use crate::site::CallSite;
use crate::sync::lazy::Lazy;
use crate::sync::notice::note;
use crate::sync::waiting::QueueEntry;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tokio::sync as tokio_sync;
use tokio::sync::futures as tokio_futures;

/// Instrumented drop-in for [`tokio::sync::Notify`].
pub struct Notify {
    // Shared, because tokio's owned future needs an `Arc` of tokio's type. Created when first used,
    // because a constant cannot create one.
    inner: OnceLock<Arc<tokio_sync::Notify>>,
    record: Lazy,
}

impl UnwindSafe for Notify {}
impl RefUnwindSafe for Notify {}

impl Notify {
    /// Same as [`tokio::sync::Notify::new`].
    #[track_caller]
    pub fn new() -> Notify {
        Notify::around(tokio_sync::Notify::new(), Location::caller())
    }

    /// Same as [`tokio::sync::Notify::const_new`].
    #[track_caller]
    pub const fn const_new() -> Notify {
        Notify {
            inner: OnceLock::new(),
            record: Lazy::const_new(ResourceKind::Notify, None, Location::caller()),
        }
    }

    fn around(inner: tokio_sync::Notify, at: CallSite) -> Self {
        Notify {
            inner: OnceLock::from(Arc::new(inner)),
            record: Lazy::new(ResourceKind::Notify, None, at),
        }
    }

    /// Returns tokio's own type, whose notifications are no longer recorded.
    pub fn into_inner(self) -> Arc<tokio_sync::Notify> {
        self.inner().clone()
    }

    fn inner(&self) -> &Arc<tokio_sync::Notify> {
        self.inner.get_or_init(Arc::default)
    }

    fn intent(&self, at: CallSite) -> Intent {
        let notices = self.record.resource().and_then(|r| r.notices());
        Intent {
            seen: notices.map_or(0, |n| n.waiters.times()),
            ..Intent::new(Operation::Notified, at)
        }
    }

    /// Same as [`tokio::sync::Notify::notified`].
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        Notified {
            // Set first, so that a notification that comes in between counts as not seen.
            intent: self.intent(Location::caller()),
            inner: self.inner().notified(),
            notify: self,
            entry: QueueEntry::default(),
        }
    }

    /// Same as [`tokio::sync::Notify::notified_owned`].
    #[cfg(not(leakguard_tokio_before = "1.47"))]
    #[track_caller]
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        OwnedNotified {
            intent: self.intent(Location::caller()),
            inner: self.inner().clone().notified_owned(),
            notify: self,
            entry: QueueEntry::default(),
        }
    }

    /// Same as [`tokio::sync::Notify::notify_one`].
    #[track_caller]
    pub fn notify_one(&self) {
        note(&self.record, |notices| &notices.one, Location::caller());
        self.inner().notify_one();
    }

    /// Same as [`tokio::sync::Notify::notify_last`].
    #[track_caller]
    pub fn notify_last(&self) {
        note(&self.record, |notices| &notices.last, Location::caller());
        self.inner().notify_last();
    }

    /// Same as [`tokio::sync::Notify::notify_waiters`].
    #[track_caller]
    pub fn notify_waiters(&self) {
        note(&self.record, |notices| &notices.waiters, Location::caller());
        self.inner().notify_waiters();
    }
}

impl Default for Notify {
    #[track_caller]
    fn default() -> Notify {
        Notify::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner().fmt(f)
    }
}

impl From<tokio_sync::Notify> for Notify {
    #[track_caller]
    fn from(inner: tokio_sync::Notify) -> Self {
        Notify::around(inner, Location::caller())
    }
}

impl From<Notify> for Arc<tokio_sync::Notify> {
    fn from(notify: Notify) -> Self {
        notify.into_inner()
    }
}

pin_project! {
    /// Instrumented drop-in for [`tokio::sync::futures::Notified`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Notified<'a> {
        #[pin]
        inner: tokio_futures::Notified<'a>,
        notify: &'a Notify,
        intent: Intent,
        entry: QueueEntry,
    }
}

#[cfg(not(leakguard_tokio_before = "1.47"))]
pin_project! {
    /// Instrumented drop-in for [`tokio::sync::futures::OwnedNotified`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct OwnedNotified {
        #[pin]
        inner: tokio_futures::OwnedNotified,
        notify: Arc<Notify>,
        intent: Intent,
        entry: QueueEntry,
    }
}

macro_rules! notified {
    ($name:ident $(<$life:lifetime>)?, $text:literal) => {
        impl $name$(<$life>)? {
            #[doc = concat!("Same as [`tokio::sync::futures::", $text, "::enable`].")]
            pub fn enable(self: Pin<&mut Self>) -> bool {
                self.project().inner.enable()
            }
        }

        impl Future for $name$(<$life>)? {
            type Output = ();

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                let this = self.project();
                let poll = this.inner.poll(cx);
                let resource = this.notify.record.resource();
                this.entry.settle(resource, *this.intent, cx, poll)
            }
        }

        impl fmt::Debug for $name$(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

notified!(Notified<'_>, "Notified");
#[cfg(not(leakguard_tokio_before = "1.47"))]
notified!(OwnedNotified, "OwnedNotified");
