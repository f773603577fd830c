//! Instrumented drop-ins for `tokio::sync::broadcast`.

use crate::fact::kind::{Operation, Refusal, ResourceKind, Side};
use crate::record::resource::channel::ChannelRule;
use crate::site::CallSite;
use crate::sync::half::ChannelHalf;
use std::future::Future;
use std::panic::Location;
use tokio::sync::broadcast as tokio_broadcast;

#[doc(no_inline)]
pub use tokio::sync::broadcast::*;

use error::{RecvError, SendError, TryRecvError};

/// Same as [`tokio::sync::broadcast::channel`].
///
/// # Panics
///
/// If `capacity` is 0 or greater than `usize::MAX / 2`.
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    pair(tokio_broadcast::channel(capacity), Some(capacity))
}

/// Instruments a new channel of tokio's, which does not report its capacity.
#[track_caller]
pub(crate) fn adopt<T>(
    created: (tokio_broadcast::Sender<T>, tokio_broadcast::Receiver<T>),
) -> (Sender<T>, Receiver<T>) {
    pair(created, None)
}

#[track_caller]
fn pair<T>(
    (sender, receiver): (tokio_broadcast::Sender<T>, tokio_broadcast::Receiver<T>),
    capacity: Option<usize>,
) -> (Sender<T>, Receiver<T>) {
    let (kind, at) = (ResourceKind::Broadcast, Location::caller());
    let (send_half, receive_half) = ChannelHalf::pair(kind, capacity, at);
    (Sender { half: send_half, inner: sender }, Receiver { inner: receiver, half: receive_half })
}

/// Instrumented drop-in for [`tokio::sync::broadcast::Sender`].
pub struct Sender<T> {
    // Dropped first, so that the record is complete when the drop of `inner` wakes a receiver.
    half: ChannelHalf,
    inner: tokio_broadcast::Sender<T>,
}

impl<T> Sender<T> {
    /// Same as [`tokio::sync::broadcast::Sender::new`].
    ///
    /// # Panics
    ///
    /// If `capacity` is 0 or greater than `usize::MAX / 2`.
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        let inner = tokio_broadcast::Sender::new(capacity);
        let (half, _) =
            ChannelHalf::pair(ResourceKind::Broadcast, Some(capacity), Location::caller());
        Sender { half, inner }
    }

    /// Returns tokio's own sender, which is no longer recorded.
    pub fn into_inner(self) -> tokio_broadcast::Sender<T> {
        self.half.set_outside();
        self.inner
    }

    /// Same as [`tokio::sync::broadcast::Sender::send`].
    ///
    /// # Errors
    ///
    /// The value, if there are no receivers.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let at = Location::caller();
        self.half.before_send(at);
        let sent = self.inner.send(value);
        if sent.is_err() {
            self.half.undo_failed_send(at);
        }
        sent
    }

    /// Same as [`tokio::sync::broadcast::Sender::subscribe`].
    #[track_caller]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver {
            inner: self.inner.subscribe(),
            half: self.half.sibling(Side::Receiver, Location::caller()),
        }
    }

    /// Same as [`tokio::sync::broadcast::Sender::downgrade`].
    #[cfg(not(leakguard_tokio_before = "1.44"))]
    #[must_use = "Downgrade creates a WeakSender without destroying the original non-weak sender."]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { half: self.half.weak(), inner: self.inner.downgrade() }
    }

    /// Same as [`tokio::sync::broadcast::Sender::same_channel`].
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Same as [`tokio::sync::broadcast::Sender::closed`].
    #[cfg(not(leakguard_tokio_before = "1.44"))]
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        let at = Location::caller();
        self.half.wait(Operation::Closed, at, self.inner.closed())
    }

    forward! { "broadcast::Sender";
        fn len(&self) -> usize;
        fn is_empty(&self) -> bool;
        fn receiver_count(&self) -> usize;
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn strong_count(&self) -> usize;
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn weak_count(&self) -> usize;
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

/// Instrumented drop-in for [`tokio::sync::broadcast::WeakSender`].
#[cfg(not(leakguard_tokio_before = "1.44"))]
pub struct WeakSender<T> {
    half: crate::sync::half::WeakHalf,
    inner: tokio_broadcast::WeakSender<T>,
}

#[cfg(not(leakguard_tokio_before = "1.44"))]
impl<T> WeakSender<T> {
    /// Same as [`tokio::sync::broadcast::WeakSender::upgrade`].
    #[must_use]
    #[track_caller]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let inner = self.inner.upgrade()?;
        let half = self.half.join(Side::Sender, Location::caller());
        Some(Sender { half, inner })
    }

    forward! { "broadcast::WeakSender";
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn strong_count(&self) -> usize;
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn weak_count(&self) -> usize;
    }
}

#[cfg(not(leakguard_tokio_before = "1.44"))]
impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        WeakSender { half: self.half.clone(), inner: self.inner.clone() }
    }
}

/// Instrumented drop-in for [`tokio::sync::broadcast::Receiver`].
pub struct Receiver<T> {
    inner: tokio_broadcast::Receiver<T>,
    half: ChannelHalf,
}

impl<T> Receiver<T> {
    /// A broadcast without receivers loses nothing, nor does a receiver that missed messages.
    pub(crate) fn set_rule(&self, _: &'static ChannelRule) {}

    /// Returns tokio's own receiver, which is no longer recorded.
    pub fn into_inner(self) -> tokio_broadcast::Receiver<T> {
        self.half.set_outside();
        self.inner
    }

    /// Same as [`tokio::sync::broadcast::Receiver::same_channel`].
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    forward! { "broadcast::Receiver";
        fn len(&self) -> usize;
        fn is_empty(&self) -> bool;
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn sender_strong_count(&self) -> usize;
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn sender_weak_count(&self) -> usize;
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn is_closed(&self) -> bool;
    }
}

impl<T: Clone> Receiver<T> {
    /// Same as [`tokio::sync::broadcast::Receiver::resubscribe`].
    #[track_caller]
    pub fn resubscribe(&self) -> Self {
        Receiver {
            inner: self.inner.resubscribe(),
            half: self.half.sibling(Side::Receiver, Location::caller()),
        }
    }

    /// Same as [`tokio::sync::broadcast::Receiver::recv`].
    ///
    /// # Errors
    ///
    /// If all senders were dropped, or if this receiver missed messages.
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Result<T, RecvError>> {
        let at = Location::caller();
        async move {
            let recv = self.inner.recv();
            let received = self.half.wait(Operation::Receive, at, recv).await;
            note(&self.half, &received, at);
            received
        }
    }

    /// Same as [`tokio::sync::broadcast::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// If there is no message, or as [`Receiver::recv`].
    #[track_caller]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let received = self.inner.try_recv();
        let at = Location::caller();
        match &received {
            Ok(_) => self.half.received_shared(1, 0, at),
            Err(TryRecvError::Empty) => self.half.touch(at),
            Err(TryRecvError::Closed) => self.half.refused(Refusal::Closed, at),
            Err(TryRecvError::Lagged(missed)) => self.half.received_shared(0, *missed, at),
        }
        received
    }

    /// Same as [`tokio::sync::broadcast::Receiver::blocking_recv`].
    ///
    /// # Errors
    ///
    /// Same as [`Receiver::recv`].
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        let at = Location::caller();
        let wait = self.half.block(Operation::Receive, at);
        let received = self.inner.blocking_recv();
        drop(wait);
        note(&self.half, &received, at);
        received
    }
}

fn note<T>(half: &ChannelHalf, received: &Result<T, RecvError>, at: CallSite) {
    match received {
        Ok(_) => half.received_shared(1, 0, at),
        Err(RecvError::Closed) => half.refused(Refusal::Closed, at),
        Err(RecvError::Lagged(missed)) => half.received_shared(0, *missed, at),
    }
}

impl<T> From<tokio_broadcast::Sender<T>> for Sender<T> {
    #[track_caller]
    fn from(inner: tokio_broadcast::Sender<T>) -> Self {
        let (kind, at) = (ResourceKind::Broadcast, Location::caller());
        let half = ChannelHalf::foreign(Side::Sender, kind, None, at);
        Sender { half, inner }
    }
}

impl<T> From<Sender<T>> for tokio_broadcast::Sender<T> {
    fn from(sender: Sender<T>) -> Self {
        sender.into_inner()
    }
}

impl<T> From<tokio_broadcast::Receiver<T>> for Receiver<T> {
    #[track_caller]
    fn from(inner: tokio_broadcast::Receiver<T>) -> Self {
        let (kind, at) = (ResourceKind::Broadcast, Location::caller());
        let half = ChannelHalf::foreign(Side::Receiver, kind, None, at);
        Receiver { inner, half }
    }
}

impl<T> From<Receiver<T>> for tokio_broadcast::Receiver<T> {
    fn from(receiver: Receiver<T>) -> Self {
        receiver.into_inner()
    }
}

shown_as_inner!(Sender<T>, Receiver<T>);
#[cfg(not(leakguard_tokio_before = "1.44"))]
shown_as_inner!(WeakSender<T>);

crate::sync::handover::hand_over!(Sender, Receiver);
