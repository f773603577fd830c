//! The receiver of a channel, and its iterators.

use super::like_std;
use crate::fact::kind::{Operation, Refusal, ResourceKind, Side};
use crate::sync::half::ChannelHalf;
use std::panic::Location;
use std::sync::mpsc as std_mpsc;
use std::sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError};
use std::time::Duration;

/// Instrumented drop-in for [`std::sync::mpsc::Receiver`].
pub struct Receiver<T> {
    // Dropped first, so that `end` counts the messages that are lost with it.
    inner: std_mpsc::Receiver<T>,
    half: ChannelHalf,
}

like_std!(Receiver, Receiver, UnboundedMpsc);

impl<T> Receiver<T> {
    pub(super) fn new(inner: std_mpsc::Receiver<T>, half: ChannelHalf) -> Self {
        Receiver { inner, half }
    }

    /// Same as [`std::sync::mpsc::Receiver::recv`].
    ///
    /// # Errors
    ///
    /// If the channel is empty and every sender has been dropped.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        let at = Location::caller();
        let received = match self.inner.try_recv() {
            Ok(value) => Ok(value),
            Err(TryRecvError::Disconnected) => Err(RecvError),
            Err(TryRecvError::Empty) => {
                let _entry = self.half.block(Operation::Receive, at);
                self.inner.recv()
            }
        };
        self.half.received_one(received.is_err().then_some(Refusal::Err), at);
        received
    }

    /// Same as [`std::sync::mpsc::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// If the channel is empty. The error shows whether every sender has been dropped.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let at = Location::caller();
        let received = self.inner.try_recv();
        match &received {
            Err(TryRecvError::Empty) => self.half.touch(at),
            Err(_) => self.half.refused(Refusal::Disconnected, at),
            Ok(_) => self.half.received_one(None, at),
        }
        received
    }

    /// Same as [`std::sync::mpsc::Receiver::recv_timeout`]. The wait ends on its own, so it is not recorded.
    ///
    /// # Errors
    ///
    /// If the channel stays empty. The error shows whether every sender has been dropped.
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        let at = Location::caller();
        let received = self.inner.recv_timeout(timeout);
        match &received {
            Err(RecvTimeoutError::Timeout) => self.half.touch(at),
            Err(_) => self.half.refused(Refusal::Disconnected, at),
            Ok(_) => self.half.received_one(None, at),
        }
        received
    }

    /// Same as [`std::sync::mpsc::Receiver::iter`].
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { rx: self }
    }

    /// Same as [`std::sync::mpsc::Receiver::try_iter`].
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { rx: self }
    }
}

/// Instrumented drop-in for [`std::sync::mpsc::Iter`].
#[derive(Debug)]
pub struct Iter<'a, T: 'a> {
    rx: &'a Receiver<T>,
}

/// Instrumented drop-in for [`std::sync::mpsc::TryIter`].
#[derive(Debug)]
pub struct TryIter<'a, T: 'a> {
    rx: &'a Receiver<T>,
}

/// Instrumented drop-in for [`std::sync::mpsc::IntoIter`].
#[derive(Debug)]
pub struct IntoIter<T> {
    rx: Receiver<T>,
}

macro_rules! iterator {
    ($([$($generic:tt)*] $iter:ty, $receive:ident;)*) => {
        $(impl<$($generic)*> Iterator for $iter {
            type Item = T;

            #[track_caller]
            fn next(&mut self) -> Option<T> {
                self.rx.$receive().ok()
            }
        })*
    };
}

iterator! {
    [T] Iter<'_, T>, recv;
    [T] TryIter<'_, T>, try_recv;
    [T] IntoIter<T>, recv;
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { rx: self }
    }
}

crate::sync::handover::hand_over!(Receiver);
