//! The sender of a bounded channel.

use crate::fact::kind::{Operation, Refusal, ResourceKind, Side};
use crate::site::CallSite;
use crate::sync::half::ChannelHalf;
use crate::sync::mpsc::permit::{OwnedPermit, Permit, PermitIterator};
use crate::sync::mpsc::receiver::Receiver;
use crate::sync::mpsc::weak::WeakSender;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;
use tokio::sync::mpsc as tokio_mpsc;
use tokio::sync::mpsc::error::{SendError, SendTimeoutError, TrySendError};

/// Same as [`tokio::sync::mpsc::channel`].
///
/// # Panics
///
/// If `buffer` is 0 or greater than `Semaphore::MAX_PERMITS`.
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    adopt(tokio_mpsc::channel(buffer))
}

/// Instruments a new channel of tokio's.
#[track_caller]
pub(crate) fn adopt<T>(
    (sender, receiver): (tokio_mpsc::Sender<T>, tokio_mpsc::Receiver<T>),
) -> (Sender<T>, Receiver<T>) {
    let (at, kind) = (Location::caller(), ResourceKind::Mpsc);
    let (send_half, receive_half) = ChannelHalf::pair(kind, Some(sender.max_capacity()), at);
    send_half.carrying::<T>();
    (Sender::new(sender, send_half), Receiver::new(receiver, receive_half))
}

/// Instrumented drop-in for [`tokio::sync::mpsc::Sender`].
pub struct Sender<T> {
    // Dropped first, so that the record is complete when the drop of `inner` wakes a receiver.
    pub(super) half: ChannelHalf,
    pub(super) inner: tokio_mpsc::Sender<T>,
}

impl<T> Sender<T> {
    pub(super) fn new(inner: tokio_mpsc::Sender<T>, half: ChannelHalf) -> Self {
        Sender { half, inner }
    }

    /// Returns tokio's own sender, which is no longer recorded.
    pub fn into_inner(self) -> tokio_mpsc::Sender<T> {
        self.half.set_outside();
        self.inner
    }

    /// Same as [`tokio::sync::mpsc::Sender::send`].
    ///
    /// # Errors
    ///
    /// The value, if the receiver was dropped or has closed the channel.
    #[track_caller]
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        let at = Location::caller();
        async move {
            let reserve = self.inner.reserve();
            match self.half.wait(Operation::Send, at, reserve).await {
                Ok(permit) => {
                    self.half.before_send(at);
                    permit.send(value);
                    self.half.after_send(at);
                    Ok(())
                }
                Err(SendError(())) => {
                    self.half.send_refused(Refusal::Err, at);
                    Err(SendError(value))
                }
            }
        }
    }

    /// Same as [`tokio::sync::mpsc::Sender::closed`].
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        let at = Location::caller();
        self.half.wait(Operation::Closed, at, self.inner.closed())
    }

    /// Same as [`tokio::sync::mpsc::Sender::try_send`].
    ///
    /// # Errors
    ///
    /// The value, if the channel is full or closed.
    #[track_caller]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let at = Location::caller();
        match self.inner.try_reserve() {
            Ok(permit) => {
                self.half.before_send(at);
                permit.send(message);
                self.half.after_send(at);
                Ok(())
            }
            Err(TrySendError::Full(())) => {
                self.half.touch(at);
                Err(TrySendError::Full(message))
            }
            Err(TrySendError::Closed(())) => {
                self.half.send_refused(Refusal::Closed, at);
                Err(TrySendError::Closed(message))
            }
        }
    }

    /// Same as [`tokio::sync::mpsc::Sender::send_timeout`].
    ///
    /// # Errors
    ///
    /// The value, if the timeout elapsed or the channel is closed.
    ///
    /// # Panics
    ///
    /// If called outside of a runtime with a timer.
    #[track_caller]
    pub fn send_timeout(
        &self,
        value: T,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), SendTimeoutError<T>>> {
        let at = Location::caller();
        async move {
            let reserve = self.half.wait(Operation::Send, at, self.inner.reserve());
            match tokio::time::timeout(timeout, reserve).await {
                Ok(Ok(permit)) => {
                    self.half.before_send(at);
                    permit.send(value);
                    self.half.after_send(at);
                    Ok(())
                }
                Ok(Err(SendError(()))) => {
                    self.half.send_refused(Refusal::Closed, at);
                    Err(SendTimeoutError::Closed(value))
                }
                Err(_) => Err(SendTimeoutError::Timeout(value)),
            }
        }
    }

    /// Same as [`tokio::sync::mpsc::Sender::blocking_send`].
    ///
    /// # Errors
    ///
    /// The value, if the receiver was dropped or has closed the channel.
    ///
    /// # Panics
    ///
    /// If called inside an asynchronous context.
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        let at = Location::caller();
        let mut sending = Sending::new(&self.half, at);
        let wait = self.half.block(Operation::Send, at);
        let sent = self.inner.blocking_send(value);
        drop(wait);
        sending.is_open = false;
        match sent {
            Ok(()) => self.half.after_send(at),
            Err(_) => self.half.undo_failed_send(at),
        }
        sent
    }

    /// Same as [`tokio::sync::mpsc::Sender::reserve`].
    ///
    /// # Errors
    ///
    /// If the receiver was dropped or has closed the channel.
    #[track_caller]
    pub fn reserve(&self) -> impl Future<Output = Result<Permit<'_, T>, SendError<()>>> {
        let at = Location::caller();
        async move {
            let reserve = self.inner.reserve();
            let reserved = self.half.wait(Operation::Send, at, reserve).await;
            let inner = reserved.inspect_err(|_| self.half.refused(Refusal::Err, at))?;
            self.half.touch(at);
            Ok(Permit::new(inner, &self.half))
        }
    }

    /// Same as [`tokio::sync::mpsc::Sender::reserve_many`].
    ///
    /// # Errors
    ///
    /// If the receiver was dropped or has closed the channel, or if `n` exceeds its capacity.
    #[track_caller]
    pub fn reserve_many(
        &self,
        n: usize,
    ) -> impl Future<Output = Result<PermitIterator<'_, T>, SendError<()>>> {
        let at = Location::caller();
        async move {
            let reserve = self.inner.reserve_many(n);
            let got = self.half.wait_for(Operation::Send, n, at, reserve).await;
            let inner = got.inspect_err(|_| self.refused_if_closed(Refusal::Err, at))?;
            self.half.touch(at);
            Ok(PermitIterator::new(inner, &self.half))
        }
    }

    /// Same as [`tokio::sync::mpsc::Sender::reserve_owned`].
    ///
    /// # Errors
    ///
    /// If the receiver was dropped or has closed the channel.
    #[track_caller]
    pub fn reserve_owned(self) -> impl Future<Output = Result<OwnedPermit<T>, SendError<()>>> {
        let at = Location::caller();
        async move {
            let Sender { half, inner } = self;
            let reserve = inner.reserve_owned();
            let inner = half.wait(Operation::Send, at, reserve).await?;
            half.touch(at);
            Ok(OwnedPermit::new(inner, half))
        }
    }

    /// Same as [`tokio::sync::mpsc::Sender::try_reserve`].
    ///
    /// # Errors
    ///
    /// If the channel is full or closed.
    #[track_caller]
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        let at = Location::caller();
        let got = self.inner.try_reserve();
        let inner = got.inspect_err(|_| self.refused_if_closed(Refusal::Closed, at))?;
        self.half.touch(at);
        Ok(Permit::new(inner, &self.half))
    }

    /// Same as [`tokio::sync::mpsc::Sender::try_reserve_many`].
    ///
    /// # Errors
    ///
    /// If the channel is full or closed, or if `n` exceeds its capacity.
    #[track_caller]
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        let at = Location::caller();
        let got = self.inner.try_reserve_many(n);
        let inner = got.inspect_err(|_| self.refused_if_closed(Refusal::Closed, at))?;
        self.half.touch(at);
        Ok(PermitIterator::new(inner, &self.half))
    }

    /// Same as [`tokio::sync::mpsc::Sender::try_reserve_owned`].
    ///
    /// # Errors
    ///
    /// The sender, if the channel is full or closed.
    #[track_caller]
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        let at = Location::caller();
        let Sender { half, inner } = self;
        match inner.try_reserve_owned() {
            Ok(inner) => {
                half.touch(at);
                Ok(OwnedPermit::new(inner, half))
            }
            Err(TrySendError::Full(inner)) => Err(TrySendError::Full(Sender { half, inner })),
            Err(TrySendError::Closed(inner)) => {
                half.refused(Refusal::Closed, at);
                Err(TrySendError::Closed(Sender { half, inner }))
            }
        }
    }

    /// There are no slots: either too few are free, or the channel is closed.
    #[cold]
    fn refused_if_closed(&self, refusal: Refusal, at: CallSite) {
        if self.inner.is_closed() {
            self.half.refused(refusal, at);
        }
    }

    /// Same as [`tokio::sync::mpsc::Sender::same_channel`].
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Same as [`tokio::sync::mpsc::Sender::downgrade`].
    #[must_use = "Downgrade creates a WeakSender without destroying the original non-weak sender."]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender::new(self.inner.downgrade(), self.half.weak())
    }

    forward! { "mpsc::Sender";
        fn is_closed(&self) -> bool;
        fn capacity(&self) -> usize;
        fn max_capacity(&self) -> usize;
        fn strong_count(&self) -> usize;
        fn weak_count(&self) -> usize;
    }
}

/// A message that is counted before a call that may wait. A panic of the call undoes that.
pub(super) struct Sending<'a> {
    half: &'a ChannelHalf,
    pub(super) is_open: bool,
}

impl<'a> Sending<'a> {
    pub(super) fn new(half: &'a ChannelHalf, at: CallSite) -> Self {
        half.before_send(at);
        Sending { half, is_open: true }
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.half.undo_send();
        }
    }
}

impl<T> Clone for Sender<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        let half = self.half.sibling(Side::Sender, Location::caller());
        Sender::new(self.inner.clone(), half)
    }
}

impl<T> From<tokio_mpsc::Sender<T>> for Sender<T> {
    #[track_caller]
    fn from(inner: tokio_mpsc::Sender<T>) -> Self {
        let capacity = Some(inner.max_capacity());
        let half =
            ChannelHalf::foreign(Side::Sender, ResourceKind::Mpsc, capacity, Location::caller());
        Sender { half, inner }
    }
}

impl<T> From<Sender<T>> for tokio_mpsc::Sender<T> {
    fn from(sender: Sender<T>) -> Self {
        sender.into_inner()
    }
}

shown_as_inner!(Sender<T>);

crate::sync::handover::hand_over!(Sender);
