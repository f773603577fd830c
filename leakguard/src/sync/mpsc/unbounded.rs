//! The sender of an unbounded channel.

use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::sync::half::ChannelHalf;
use crate::sync::mpsc::receiver::UnboundedReceiver;
use crate::sync::mpsc::weak::WeakUnboundedSender;
use std::future::Future;
use std::panic::Location;
use tokio::sync::mpsc as tokio_mpsc;
use tokio::sync::mpsc::error::SendError;

/// Same as [`tokio::sync::mpsc::unbounded_channel`].
#[track_caller]
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    adopt(tokio_mpsc::unbounded_channel())
}

/// Instruments a new channel of tokio's.
#[track_caller]
pub(crate) fn adopt<T>(
    (inner, receiver): (tokio_mpsc::UnboundedSender<T>, tokio_mpsc::UnboundedReceiver<T>),
) -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let (half, receive_half) =
        ChannelHalf::pair(ResourceKind::UnboundedMpsc, None, Location::caller());
    half.carrying::<T>();
    (UnboundedSender { half, inner }, UnboundedReceiver::new(receiver, receive_half))
}

/// Instrumented drop-in for [`tokio::sync::mpsc::UnboundedSender`].
pub struct UnboundedSender<T> {
    // Dropped first, so that the record is complete when the drop of `inner` wakes a receiver.
    pub(super) half: ChannelHalf,
    pub(super) inner: tokio_mpsc::UnboundedSender<T>,
}

impl<T> UnboundedSender<T> {
    /// Returns tokio's own sender, which is no longer recorded.
    pub fn into_inner(self) -> tokio_mpsc::UnboundedSender<T> {
        self.half.set_outside();
        self.inner
    }

    /// Same as [`tokio::sync::mpsc::UnboundedSender::send`].
    ///
    /// # Errors
    ///
    /// The value, if the receiver was dropped or has closed the channel.
    #[track_caller]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        let at = Location::caller();
        self.half.before_send(at);
        let sent = self.inner.send(message);
        if sent.is_ok() {
            self.half.after_send(at);
        } else {
            self.half.undo_failed_send(at);
        }
        sent
    }

    /// Same as [`tokio::sync::mpsc::UnboundedSender::closed`].
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        let at = Location::caller();
        self.half.wait(Operation::Closed, at, self.inner.closed())
    }

    /// Same as [`tokio::sync::mpsc::UnboundedSender::same_channel`].
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Same as [`tokio::sync::mpsc::UnboundedSender::downgrade`].
    #[must_use = "Downgrade creates a WeakSender without destroying the original non-weak sender."]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender::new(self.inner.downgrade(), self.half.weak())
    }

    forward! { "mpsc::UnboundedSender";
        fn is_closed(&self) -> bool;
        fn strong_count(&self) -> usize;
        fn weak_count(&self) -> usize;
    }
}

impl<T> Clone for UnboundedSender<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        UnboundedSender {
            half: self.half.sibling(Side::Sender, Location::caller()),
            inner: self.inner.clone(),
        }
    }
}

impl<T> From<tokio_mpsc::UnboundedSender<T>> for UnboundedSender<T> {
    #[track_caller]
    fn from(inner: tokio_mpsc::UnboundedSender<T>) -> Self {
        let (kind, at) = (ResourceKind::UnboundedMpsc, Location::caller());
        let half = ChannelHalf::foreign(Side::Sender, kind, None, at);
        UnboundedSender { half, inner }
    }
}

impl<T> From<UnboundedSender<T>> for tokio_mpsc::UnboundedSender<T> {
    fn from(sender: UnboundedSender<T>) -> Self {
        sender.into_inner()
    }
}

shown_as_inner!(UnboundedSender<T>);

crate::sync::handover::hand_over!(UnboundedSender);
