//! Instrumented drop-ins for `tokio::sync::oneshot`.

use crate::fact::kind::{Operation, Refusal, ResourceKind, Side};
use crate::record::resource::channel::ChannelRule;
use crate::site::CallSite;
use crate::sync::half::ChannelHalf;
use crate::sync::here;
use crate::sync::waiting::QueueEntry;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot as tokio_oneshot;

pub use tokio::sync::oneshot::error;

use error::{RecvError, TryRecvError};

/// Same as [`tokio::sync::oneshot::channel`].
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    adopt(tokio_oneshot::channel())
}

/// Instruments a new channel of tokio's.
#[track_caller]
pub(crate) fn adopt<T>(
    (sender, receiver): (tokio_oneshot::Sender<T>, tokio_oneshot::Receiver<T>),
) -> (Sender<T>, Receiver<T>) {
    let (send_half, receive_half) =
        ChannelHalf::pair(ResourceKind::Oneshot, Some(1), Location::caller());
    (Sender::new(sender, send_half), Receiver::new(receiver, receive_half))
}

/// Instrumented drop-in for [`tokio::sync::oneshot::Sender`].
pub struct Sender<T> {
    // Dropped first, so that the record is complete when the drop of `inner` wakes a receiver.
    half: ChannelHalf,
    polled: QueueEntry,
    inner: tokio_oneshot::Sender<T>,
}

impl<T> Sender<T> {
    fn new(inner: tokio_oneshot::Sender<T>, half: ChannelHalf) -> Self {
        Sender { half, polled: QueueEntry::default(), inner }
    }

    /// Returns tokio's own sender, which is no longer recorded.
    pub fn into_inner(self) -> tokio_oneshot::Sender<T> {
        self.half.set_outside();
        self.inner
    }

    /// Same as [`tokio::sync::oneshot::Sender::send`].
    ///
    /// # Errors
    ///
    /// The value, if the receiver was dropped or has closed the channel.
    #[track_caller]
    pub fn send(self, t: T) -> Result<(), T> {
        let at = Location::caller();
        self.half.before_only_send(at);
        let sent = self.inner.send(t);
        if sent.is_err() {
            self.half.undo_failed_send(at);
        }
        sent
    }

    /// Same as [`tokio::sync::oneshot::Sender::closed`].
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = ()> {
        self.polled.leave();
        let at = Location::caller();
        self.half.wait(Operation::Closed, at, self.inner.closed())
    }

    /// Same as [`tokio::sync::oneshot::Sender::poll_closed`].
    #[track_caller]
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let at = Location::caller();
        let poll = self.inner.poll_closed(cx);
        self.half.settle(&mut self.polled, (Operation::Closed, at), cx, poll)
    }

    forward! { "oneshot::Sender";
        fn is_closed(&self) -> bool;
    }
}

/// Instrumented drop-in for [`tokio::sync::oneshot::Receiver`].
pub struct Receiver<T> {
    // Dropped first, so that a value that is left inside is counted after it is dropped.
    inner: tokio_oneshot::Receiver<T>,
    polled: QueueEntry,
    half: ChannelHalf,
}

impl<T> Receiver<T> {
    fn new(inner: tokio_oneshot::Receiver<T>, half: ChannelHalf) -> Self {
        Receiver { inner, polled: QueueEntry::default(), half }
    }

    pub(crate) fn set_rule(&self, rule: &'static ChannelRule) {
        self.half.set_rule(rule);
    }

    /// Returns tokio's own receiver, which is no longer recorded.
    pub fn into_inner(self) -> tokio_oneshot::Receiver<T> {
        self.half.set_outside();
        self.inner
    }

    /// Same as [`tokio::sync::oneshot::Receiver::close`].
    #[track_caller]
    pub fn close(&mut self) {
        self.half.close(Location::caller());
        self.inner.close();
    }

    /// Same as [`tokio::sync::oneshot::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// If no value was sent so far, or the sender was dropped.
    #[track_caller]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let received = self.inner.try_recv();
        let at = Location::caller();
        match received {
            Ok(_) => self.half.received_one(None, at),
            Err(TryRecvError::Empty) => self.half.touch(at),
            Err(TryRecvError::Closed) => self.half.sender_dropped(Refusal::Closed, at),
        }
        received
    }

    /// Same as [`tokio::sync::oneshot::Receiver::blocking_recv`].
    ///
    /// # Errors
    ///
    /// If the sender was dropped without sending.
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        let at = Location::caller();
        let wait = self.half.block(Operation::Receive, at);
        let received = self.inner.blocking_recv();
        drop(wait);
        note(&self.half, &received, at);
        received
    }

    forward! { "oneshot::Receiver";
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn is_terminated(&self) -> bool;
        #[cfg(not(leakguard_tokio_before = "1.44"))]
        fn is_empty(&self) -> bool;
    }
}

fn note<T>(half: &ChannelHalf, received: &Result<T, RecvError>, at: CallSite) {
    match received {
        Ok(_) => half.received_one(None, at),
        Err(_) => half.sender_dropped(Refusal::Err, here::user_place(at)),
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    // The compiler calls this at the user's `.await`.
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let at = Location::caller();
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll(cx);
        if let Poll::Ready(received) = &poll {
            note(&this.half, received, at);
        }
        this.half.settle(&mut this.polled, (Operation::Receive, at), cx, poll)
    }
}

impl<T> From<tokio_oneshot::Sender<T>> for Sender<T> {
    #[track_caller]
    fn from(inner: tokio_oneshot::Sender<T>) -> Self {
        let (kind, at) = (ResourceKind::Oneshot, Location::caller());
        Sender::new(inner, ChannelHalf::foreign(Side::Sender, kind, Some(1), at))
    }
}

impl<T> From<Sender<T>> for tokio_oneshot::Sender<T> {
    fn from(sender: Sender<T>) -> Self {
        sender.into_inner()
    }
}

impl<T> From<tokio_oneshot::Receiver<T>> for Receiver<T> {
    #[track_caller]
    fn from(inner: tokio_oneshot::Receiver<T>) -> Self {
        let (kind, at) = (ResourceKind::Oneshot, Location::caller());
        Receiver::new(inner, ChannelHalf::foreign(Side::Receiver, kind, Some(1), at))
    }
}

impl<T> From<Receiver<T>> for tokio_oneshot::Receiver<T> {
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
