//! Both senders, and the functions that create channels.

use super::like_std;
use super::receiver::Receiver;
use crate::fact::kind::{Operation, Refusal, ResourceKind, Side};
use crate::site::CallSite;
use crate::sync::half::ChannelHalf;
use std::panic::Location;
use std::sync::mpsc as std_mpsc;
use std::sync::mpsc::{SendError, TrySendError};

/// Same as [`std::sync::mpsc::channel`].
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = std_mpsc::channel();
    let (half, receive_half) =
        ChannelHalf::pair(ResourceKind::UnboundedMpsc, None, Location::caller());
    let sender = Sender { half, inner: sender };
    (sender, Receiver::new(receiver, receive_half))
}

/// Same as [`std::sync::mpsc::sync_channel`].
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let (sender, receiver) = std_mpsc::sync_channel(bound);
    let (half, receive_half) =
        ChannelHalf::pair(ResourceKind::Mpsc, Some(bound), Location::caller());
    let sender = SyncSender { half, inner: sender };
    (sender, Receiver::new(receiver, receive_half))
}

/// Instrumented drop-in for [`std::sync::mpsc::Sender`].
pub struct Sender<T> {
    // Dropped first, so that a receiver which is woken by the drop of `inner` finds the record complete.
    half: ChannelHalf,
    inner: std_mpsc::Sender<T>,
}

/// Instrumented drop-in for [`std::sync::mpsc::SyncSender`].
pub struct SyncSender<T> {
    half: ChannelHalf,
    inner: std_mpsc::SyncSender<T>,
}

like_std!(Sender, Sender, UnboundedMpsc);
like_std!(SyncSender, Sender, Mpsc);

impl<T> Sender<T> {
    /// Same as [`std::sync::mpsc::Sender::send`].
    ///
    /// # Errors
    ///
    /// The value, if the receiver has been dropped.
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        let at = Location::caller();
        self.half.before_send(at);
        let sent = self.inner.send(t);
        settle(&self.half, sent.is_ok(), at);
        sent
    }
}

impl<T> SyncSender<T> {
    /// Same as [`std::sync::mpsc::SyncSender::send`].
    ///
    /// # Errors
    ///
    /// The value, if the receiver has been dropped.
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        let at = Location::caller();
        self.half.before_send(at);
        let sent = match self.inner.try_send(t) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(t)) => Err(SendError(t)),
            Err(TrySendError::Full(t)) => {
                let _entry = self.half.block(Operation::Send, at);
                self.inner.send(t)
            }
        };
        settle(&self.half, sent.is_ok(), at);
        sent
    }

    /// Same as [`std::sync::mpsc::SyncSender::try_send`].
    ///
    /// # Errors
    ///
    /// The value, if the channel is full or the receiver has been dropped.
    #[track_caller]
    pub fn try_send(&self, t: T) -> Result<(), TrySendError<T>> {
        let at = Location::caller();
        self.half.before_send(at);
        let sent = self.inner.try_send(t);
        match &sent {
            Ok(()) => self.half.after_send(at),
            Err(TrySendError::Full(_)) => self.half.undo_send(),
            Err(TrySendError::Disconnected(_)) => {
                self.half.undo_send();
                self.half.send_refused(Refusal::Disconnected, at);
            }
        }
        sent
    }
}

/// Records whether a message that was counted has been sent.
fn settle(half: &ChannelHalf, sent: bool, at: CallSite) {
    if sent {
        half.after_send(at);
    } else {
        half.undo_failed_send(at);
    }
}

macro_rules! cloned {
    ($($sender:ident)*) => {
        $(impl<T> Clone for $sender<T> {
            #[track_caller]
            fn clone(&self) -> Self {
                $sender {
                    half: self.half.sibling(Side::Sender, Location::caller()),
                    inner: self.inner.clone(),
                }
            }
        })*
    };
}

cloned!(Sender SyncSender);

crate::sync::handover::hand_over!(Sender, SyncSender);
