//! The receiver of both kinds of channel, and its iterators.

use super::like_std;
use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::fact::kind::{Refusal, Side};
use crate::sync::end::End;
use std::panic::Location;
use std::sync::mpsc as std_mpsc;
use std::sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError};
use std::time::Duration;

/// As [`std::sync::mpsc::Receiver`].
pub struct Receiver<T> {
    // First: what is left inside when it goes has died, and is then counted.
    inner: std_mpsc::Receiver<T>,
    end: End,
}

like_std!(Receiver, Receiver, UnboundedMpsc);

impl<T> Receiver<T> {
    pub(super) fn new(inner: std_mpsc::Receiver<T>, end: End) -> Self {
        Receiver { inner, end }
    }

    /// As [`std::sync::mpsc::Receiver::recv`].
    ///
    /// # Errors
    ///
    /// If the channel is empty and every sender gone.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        let at = Location::caller();
        let got = match self.inner.try_recv() {
            Ok(value) => Ok(value),
            Err(TryRecvError::Disconnected) => Err(RecvError),
            Err(TryRecvError::Empty) => {
                let _entry = self.end.block(Operation::Receive, at);
                self.inner.recv()
            }
        };
        self.end.answered(got.is_err().then_some(Refusal::Err), at);
        got
    }

    /// As [`std::sync::mpsc::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// If the channel is empty, or empty and every sender gone.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let at = Location::caller();
        let got = self.inner.try_recv();
        match &got {
            Err(TryRecvError::Empty) => self.end.touch(at),
            Err(_) => self.end.refused(Refusal::Disconnected, at),
            Ok(_) => self.end.received(1, at),
        }
        got
    }

    /// As [`std::sync::mpsc::Receiver::recv_timeout`]. It ends by itself, so that no record shows it.
    ///
    /// # Errors
    ///
    /// If the channel stays empty, or is empty and every sender gone.
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        let at = Location::caller();
        let got = self.inner.recv_timeout(timeout);
        match &got {
            Err(RecvTimeoutError::Timeout) => self.end.touch(at),
            Err(_) => self.end.refused(Refusal::Disconnected, at),
            Ok(_) => self.end.received(1, at),
        }
        got
    }

    /// As [`std::sync::mpsc::Receiver::iter`].
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { rx: self }
    }

    /// As [`std::sync::mpsc::Receiver::try_iter`].
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { rx: self }
    }
}

/// As [`std::sync::mpsc::Iter`].
#[derive(Debug)]
pub struct Iter<'a, T: 'a> {
    rx: &'a Receiver<T>,
}

/// As [`std::sync::mpsc::TryIter`].
#[derive(Debug)]
pub struct TryIter<'a, T: 'a> {
    rx: &'a Receiver<T>,
}

/// As [`std::sync::mpsc::IntoIter`].
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

crate::sync::given::given!(Receiver);
