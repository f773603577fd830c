//! Reserved slots of a bounded channel.

use crate::fact::kind::{ResourceKind, Side};
use crate::sync::half::ChannelHalf;
use crate::sync::mpsc::bounded::Sender;
use std::iter::FusedIterator;
use std::panic::Location;
use tokio::sync::mpsc as tokio_mpsc;

/// Instrumented drop-in for [`tokio::sync::mpsc::Permit`].
pub struct Permit<'a, T> {
    inner: tokio_mpsc::Permit<'a, T>,
    half: &'a ChannelHalf,
}

impl<'a, T> Permit<'a, T> {
    pub(super) fn new(inner: tokio_mpsc::Permit<'a, T>, half: &'a ChannelHalf) -> Self {
        Permit { inner, half }
    }

    /// Same as [`tokio::sync::mpsc::Permit::send`].
    #[track_caller]
    pub fn send(self, value: T) {
        let at = Location::caller();
        self.half.before_send(at);
        self.inner.send(value);
        self.half.after_send(at);
    }
}

/// Instrumented drop-in for [`tokio::sync::mpsc::PermitIterator`].
pub struct PermitIterator<'a, T> {
    inner: tokio_mpsc::PermitIterator<'a, T>,
    half: &'a ChannelHalf,
}

impl<'a, T> PermitIterator<'a, T> {
    pub(super) fn new(inner: tokio_mpsc::PermitIterator<'a, T>, half: &'a ChannelHalf) -> Self {
        PermitIterator { inner, half }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Self::Item> {
        let inner = self.inner.next()?;
        Some(Permit::new(inner, self.half))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}
impl<T> FusedIterator for PermitIterator<'_, T> {}

/// Instrumented drop-in for [`tokio::sync::mpsc::OwnedPermit`].
pub struct OwnedPermit<T> {
    half: ChannelHalf,
    inner: tokio_mpsc::OwnedPermit<T>,
}

impl<T> OwnedPermit<T> {
    pub(super) fn new(inner: tokio_mpsc::OwnedPermit<T>, half: ChannelHalf) -> Self {
        OwnedPermit { half, inner }
    }

    /// Returns tokio's own permit, which is no longer recorded.
    pub fn into_inner(self) -> tokio_mpsc::OwnedPermit<T> {
        self.half.set_outside();
        self.inner
    }

    /// Same as [`tokio::sync::mpsc::OwnedPermit::send`].
    #[track_caller]
    pub fn send(self, value: T) -> Sender<T> {
        let at = Location::caller();
        self.half.before_send(at);
        let inner = self.inner.send(value);
        self.half.after_send(at);
        Sender::new(inner, self.half)
    }

    /// Same as [`tokio::sync::mpsc::OwnedPermit::release`].
    pub fn release(self) -> Sender<T> {
        Sender::new(self.inner.release(), self.half)
    }

    /// Same as [`tokio::sync::mpsc::OwnedPermit::same_channel`].
    #[cfg(not(leakguard_tokio_before = "1.46"))]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Same as [`tokio::sync::mpsc::OwnedPermit::same_channel_as_sender`].
    #[cfg(not(leakguard_tokio_before = "1.46"))]
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.inner.same_channel_as_sender(&sender.inner)
    }
}

impl<T> From<tokio_mpsc::OwnedPermit<T>> for OwnedPermit<T> {
    #[track_caller]
    fn from(inner: tokio_mpsc::OwnedPermit<T>) -> Self {
        let at = Location::caller();
        let half = ChannelHalf::foreign(Side::Sender, ResourceKind::Mpsc, None, at);
        half.touch(at);
        OwnedPermit::new(inner, half)
    }
}

impl<T> From<OwnedPermit<T>> for tokio_mpsc::OwnedPermit<T> {
    fn from(permit: OwnedPermit<T>) -> Self {
        permit.into_inner()
    }
}

shown_as_inner!(Permit<'a, T>, PermitIterator<'a, T>, OwnedPermit<T>);
