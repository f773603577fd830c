//! The receivers of both kinds of channel.

use crate::fact::kind::{Operation, Refusal, ResourceKind, Side};
use crate::record::resource::channel::ChannelRule;
use crate::sync::half::ChannelHalf;
use crate::sync::waiting::QueueEntry;
use std::future::Future;
use std::panic::Location;
use std::task::{Context, Poll};
use tokio::sync::mpsc as tokio_mpsc;
use tokio::sync::mpsc::error::TryRecvError;

/// How `recv` returns that a channel has no senders.
fn none<T>(got: &Option<T>) -> Option<Refusal> {
    got.is_none().then_some(Refusal::None)
}

macro_rules! receiver {
    ($name:ident, $text:literal, $kind:expr, $capacity:expr) => {
        #[doc = concat!("Instrumented drop-in for [`tokio::sync::", $text, "`].")]
        pub struct $name<T> {
            // Dropped first, so that messages that are left inside are counted after they are dropped.
            inner: tokio_mpsc::$name<T>,
            polled: QueueEntry,
            half: ChannelHalf,
        }

        impl<T> $name<T> {
            pub(super) fn new(inner: tokio_mpsc::$name<T>, half: ChannelHalf) -> Self {
                $name { inner, polled: QueueEntry::default(), half }
            }

            /// Returns tokio's own receiver, which is no longer recorded.
            pub fn into_inner(self) -> tokio_mpsc::$name<T> {
                self.half.set_outside();
                self.inner
            }

            pub(crate) fn set_rule(&self, rule: &'static ChannelRule) {
                self.half.set_rule(rule);
            }

            #[doc = concat!("Same as [`tokio::sync::", $text, "::recv`].")]
            #[track_caller]
            pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
                let at = Location::caller();
                async move {
                    self.polled.leave();
                    let recv = self.inner.recv();
                    let got = self.half.wait(Operation::Receive, at, recv).await;
                    self.half.received_one(none(&got), at);
                    got
                }
            }

            #[doc = concat!("Same as [`tokio::sync::", $text, "::recv_many`].")]
            #[track_caller]
            pub fn recv_many(
                &mut self,
                buffer: &mut Vec<T>,
                limit: usize,
            ) -> impl Future<Output = usize> {
                let at = Location::caller();
                async move {
                    self.polled.leave();
                    let recv = self.inner.recv_many(buffer, limit);
                    let got = self.half.wait(Operation::Receive, at, recv).await;
                    if limit > 0 {
                        self.half.received_many(got, at);
                    }
                    got
                }
            }

            #[doc = concat!("Same as [`tokio::sync::", $text, "::try_recv`].")]
            ///
            /// # Errors
            ///
            /// If the channel is empty, or empty and closed.
            #[track_caller]
            pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
                let got = self.inner.try_recv();
                let at = Location::caller();
                match got {
                    Ok(_) => self.half.received_one(None, at),
                    Err(TryRecvError::Disconnected) => {
                        self.half.refused(Refusal::Disconnected, at);
                    }
                    Err(TryRecvError::Empty) => self.half.touch(at),
                }
                got
            }

            #[doc = concat!("Same as [`tokio::sync::", $text, "::blocking_recv`].")]
            ///
            /// # Panics
            ///
            /// If called inside an asynchronous context.
            #[track_caller]
            pub fn blocking_recv(&mut self) -> Option<T> {
                let at = Location::caller();
                let wait = self.half.block(Operation::Receive, at);
                let got = self.inner.blocking_recv();
                drop(wait);
                self.half.received_one(none(&got), at);
                got
            }

            #[doc = concat!("Same as [`tokio::sync::", $text, "::blocking_recv_many`].")]
            ///
            /// # Panics
            ///
            /// If called inside an asynchronous context.
            #[cfg(not(leakguard_tokio_before = "1.41"))]
            #[track_caller]
            pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
                let at = Location::caller();
                let wait = self.half.block(Operation::Receive, at);
                let got = self.inner.blocking_recv_many(buffer, limit);
                drop(wait);
                if limit > 0 {
                    self.half.received_many(got, at);
                }
                got
            }

            #[doc = concat!("Same as [`tokio::sync::", $text, "::poll_recv`].")]
            #[track_caller]
            pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
                let at = Location::caller();
                let poll = self.inner.poll_recv(cx);
                if let Poll::Ready(got) = &poll {
                    self.half.received_one(none(got), at);
                }
                self.half.settle(&mut self.polled, (Operation::Receive, at), cx, poll)
            }

            #[doc = concat!("Same as [`tokio::sync::", $text, "::poll_recv_many`].")]
            #[track_caller]
            pub fn poll_recv_many(
                &mut self,
                cx: &mut Context<'_>,
                buffer: &mut Vec<T>,
                limit: usize,
            ) -> Poll<usize> {
                let at = Location::caller();
                let poll = self.inner.poll_recv_many(cx, buffer, limit);
                if let (Poll::Ready(got), true) = (&poll, limit > 0) {
                    self.half.received_many(*got, at);
                }
                self.half.settle(&mut self.polled, (Operation::Receive, at), cx, poll)
            }

            #[doc = concat!("Same as [`tokio::sync::", $text, "::close`].")]
            #[track_caller]
            pub fn close(&mut self) {
                self.half.close(Location::caller());
                self.inner.close();
            }

            forward! { $text;
                fn is_closed(&self) -> bool;
                fn is_empty(&self) -> bool;
                fn len(&self) -> usize;
                #[cfg(not(leakguard_tokio_before = "1.39"))]
                fn sender_strong_count(&self) -> usize;
                #[cfg(not(leakguard_tokio_before = "1.39"))]
                fn sender_weak_count(&self) -> usize;
            }
        }

        impl<T> From<tokio_mpsc::$name<T>> for $name<T> {
            #[track_caller]
            fn from(inner: tokio_mpsc::$name<T>) -> Self {
                let capacity = $capacity(&inner);
                let half =
                    ChannelHalf::foreign(Side::Receiver, $kind, capacity, Location::caller());
                $name::new(inner, half)
            }
        }

        impl<T> From<$name<T>> for tokio_mpsc::$name<T> {
            fn from(receiver: $name<T>) -> Self {
                receiver.into_inner()
            }
        }

        // Nothing in it is pinned.
        impl<T> Unpin for $name<T> {}

        shown_as_inner!($name<T>);
    };
}

receiver!(Receiver, "mpsc::Receiver", ResourceKind::Mpsc, |inner: &tokio_mpsc::Receiver<T>| Some(
    inner.max_capacity()
));
receiver!(UnboundedReceiver, "mpsc::UnboundedReceiver", ResourceKind::UnboundedMpsc, |_: &_| None);

impl<T> Receiver<T> {
    forward! { "mpsc::Receiver";
        fn capacity(&self) -> usize;
        fn max_capacity(&self) -> usize;
    }
}

crate::sync::handover::hand_over!(Receiver, UnboundedReceiver);
