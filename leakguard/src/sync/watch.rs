//! Instrumented drop-ins for `tokio::sync::watch`.

use crate::fact::kind::{Operation, Refusal, ResourceKind, Side};
use crate::record::resource::channel::ChannelRule;
use crate::site::CallSite;
use crate::sync::half::ChannelHalf;
use std::future::Future;
use std::panic::Location;
use tokio::sync::watch as tokio_watch;

pub use tokio::sync::watch::{Ref, error};

use error::{RecvError, SendError};

/// Same as [`tokio::sync::watch::channel`].
#[track_caller]
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    adopt(tokio_watch::channel(init))
}

/// Instruments a new channel of tokio's.
#[track_caller]
pub(crate) fn adopt<T>(
    (sender, receiver): (tokio_watch::Sender<T>, tokio_watch::Receiver<T>),
) -> (Sender<T>, Receiver<T>) {
    let (send_half, receive_half) =
        ChannelHalf::pair(ResourceKind::Watch, Some(1), Location::caller());
    (Sender { half: send_half, inner: sender }, Receiver { inner: receiver, half: receive_half })
}

/// Instrumented drop-in for [`tokio::sync::watch::Sender`].
pub struct Sender<T> {
    // Dropped first, so that the record is complete when the drop of `inner` wakes a receiver.
    half: ChannelHalf,
    inner: tokio_watch::Sender<T>,
}

impl<T> Sender<T> {
    /// Same as [`tokio::sync::watch::Sender::new`].
    #[track_caller]
    pub fn new(init: T) -> Self {
        let (half, _) = ChannelHalf::pair(ResourceKind::Watch, Some(1), Location::caller());
        let inner = tokio_watch::Sender::new(init);
        Sender { half, inner }
    }

    /// Returns tokio's own sender, which is no longer recorded.
    pub fn into_inner(self) -> tokio_watch::Sender<T> {
        self.half.set_outside();
        self.inner
    }

    /// Same as [`tokio::sync::watch::Sender::send`].
    ///
    /// # Errors
    ///
    /// The value, if there are no receivers.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        let at = Location::caller();
        self.half.before_send(at);
        let sent = self.inner.send(value);
        if sent.is_err() {
            self.half.undo_failed_send(at);
        }
        sent
    }

    /// Same as [`tokio::sync::watch::Sender::send_modify`].
    #[track_caller]
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.half.before_send(Location::caller());
        self.inner.send_modify(modify);
    }

    /// Same as [`tokio::sync::watch::Sender::send_if_modified`].
    #[track_caller]
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let half = &self.half;
        half.touch(Location::caller());
        let at = Location::caller();
        self.inner.send_if_modified(|value| {
            let modified = modify(value);
            if modified {
                // No receiver sees the value before this closure returns.
                half.before_send(at);
            }
            modified
        })
    }

    /// Same as [`tokio::sync::watch::Sender::send_replace`].
    #[track_caller]
    pub fn send_replace(&self, value: T) -> T {
        self.half.before_send(Location::caller());
        self.inner.send_replace(value)
    }

    /// Same as [`tokio::sync::watch::Sender::borrow`].
    pub fn borrow(&self) -> Ref<'_, T> {
        self.inner.borrow()
    }

    /// Same as [`tokio::sync::watch::Sender::closed`].
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        let at = Location::caller();
        self.half.wait(Operation::Closed, at, self.inner.closed())
    }

    /// Same as [`tokio::sync::watch::Sender::subscribe`].
    #[track_caller]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver {
            inner: self.inner.subscribe(),
            half: self.half.sibling(Side::Receiver, Location::caller()),
        }
    }

    /// Same as [`tokio::sync::watch::Sender::same_channel`].
    #[cfg(not(leakguard_tokio_before = "1.39"))]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    forward! { "watch::Sender";
        fn is_closed(&self) -> bool;
        fn receiver_count(&self) -> usize;
        #[cfg(not(leakguard_tokio_before = "1.41"))]
        fn sender_count(&self) -> usize;
    }
}

impl<T> Clone for Sender<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Sender {
            half: self.half.sibling(Side::Sender, Location::caller()),
            inner: self.inner.clone(),
        }
    }
}

#[cfg(not(leakguard_tokio_before = "1.39"))]
impl<T: Default> Default for Sender<T> {
    #[track_caller]
    fn default() -> Self {
        Sender::new(T::default())
    }
}

/// Instrumented drop-in for [`tokio::sync::watch::Receiver`].
pub struct Receiver<T> {
    inner: tokio_watch::Receiver<T>,
    half: ChannelHalf,
}

impl<T> Receiver<T> {
    pub(crate) fn set_rule(&self, rule: &'static ChannelRule) {
        self.half.set_rule(rule);
    }

    /// Returns tokio's own receiver, which is no longer recorded.
    pub fn into_inner(self) -> tokio_watch::Receiver<T> {
        self.half.set_outside();
        self.inner
    }

    /// Same as [`tokio::sync::watch::Receiver::borrow`].
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        self.half.touch(Location::caller());
        self.inner.borrow()
    }

    /// Same as [`tokio::sync::watch::Receiver::borrow_and_update`].
    #[track_caller]
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        self.half.touch(Location::caller());
        self.inner.borrow_and_update()
    }

    /// Same as [`tokio::sync::watch::Receiver::has_changed`].
    ///
    /// # Errors
    ///
    /// If all senders were dropped.
    #[track_caller]
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        let at = Location::caller();
        let changed = self.inner.has_changed();
        match &changed {
            Ok(_) => self.half.touch(at),
            Err(_) => self.half.refused(Refusal::Err, at),
        }
        changed
    }

    /// Same as [`tokio::sync::watch::Receiver::is_closed`].
    #[cfg(not(leakguard_tokio_before = "1.54"))]
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Same as [`tokio::sync::watch::Receiver::mark_changed`].
    pub fn mark_changed(&mut self) {
        self.inner.mark_changed();
    }

    /// Same as [`tokio::sync::watch::Receiver::mark_unchanged`].
    pub fn mark_unchanged(&mut self) {
        self.inner.mark_unchanged();
    }

    /// Same as [`tokio::sync::watch::Receiver::changed`].
    ///
    /// # Errors
    ///
    /// If all senders were dropped.
    #[track_caller]
    pub fn changed(&mut self) -> impl Future<Output = Result<(), RecvError>> {
        let at = Location::caller();
        async move {
            let changed = self.inner.changed();
            let got = self.half.wait(Operation::Changed, at, changed).await;
            note(&self.half, got.is_ok(), at);
            got
        }
    }

    /// Same as [`tokio::sync::watch::Receiver::wait_for`].
    ///
    /// # Errors
    ///
    /// If all senders were dropped.
    #[track_caller]
    pub fn wait_for(
        &mut self,
        f: impl FnMut(&T) -> bool,
    ) -> impl Future<Output = Result<Ref<'_, T>, RecvError>> {
        let at = Location::caller();
        async move {
            let wait = self.inner.wait_for(f);
            let got = self.half.wait(Operation::Changed, at, wait).await;
            note(&self.half, got.is_ok(), at);
            got
        }
    }

    /// Same as [`tokio::sync::watch::Receiver::same_channel`].
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }
}

fn note(half: &ChannelHalf, changed: bool, at: CallSite) {
    if changed {
        half.received_shared(1, 0, at);
    } else {
        half.sender_dropped(Refusal::Err, at);
    }
}

impl<T> Clone for Receiver<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Receiver {
            inner: self.inner.clone(),
            half: self.half.sibling(Side::Receiver, Location::caller()),
        }
    }
}

impl<T> From<tokio_watch::Sender<T>> for Sender<T> {
    #[track_caller]
    fn from(inner: tokio_watch::Sender<T>) -> Self {
        let at = Location::caller();
        let half = ChannelHalf::foreign(Side::Sender, ResourceKind::Watch, Some(1), at);
        Sender { half, inner }
    }
}

impl<T> From<Sender<T>> for tokio_watch::Sender<T> {
    fn from(sender: Sender<T>) -> Self {
        sender.into_inner()
    }
}

impl<T> From<tokio_watch::Receiver<T>> for Receiver<T> {
    #[track_caller]
    fn from(inner: tokio_watch::Receiver<T>) -> Self {
        let at = Location::caller();
        let half = ChannelHalf::foreign(Side::Receiver, ResourceKind::Watch, Some(1), at);
        Receiver { inner, half }
    }
}

impl<T> From<Receiver<T>> for tokio_watch::Receiver<T> {
    fn from(receiver: Receiver<T>) -> Self {
        receiver.into_inner()
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

crate::sync::handover::hand_over!(Sender, Receiver);
