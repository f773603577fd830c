//! Twins of `tokio::sync::oneshot`.

use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::fact::kind::{Refusal, Side};
use crate::record::resource::channel::ChannelRule;
use crate::site::CallSite;
use crate::sync::end::End;
use crate::sync::waiting::Entry;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot as tokio_oneshot;

pub use tokio::sync::oneshot::error;

use error::{RecvError, TryRecvError};

/// As [`tokio::sync::oneshot::channel`].
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    adopt(tokio_oneshot::channel())
}

/// Makes a channel of tokio's, new and unused, one of these.
#[track_caller]
pub(crate) fn adopt<T>(
    (sender, receiver): (tokio_oneshot::Sender<T>, tokio_oneshot::Receiver<T>),
) -> (Sender<T>, Receiver<T>) {
    let (send_end, receive_end) = End::pair(ResourceKind::Oneshot, Some(1), Location::caller());
    (
        Sender::new(sender, send_end),
        Receiver::new(receiver, receive_end),
    )
}

/// As [`tokio::sync::oneshot::Sender`].
pub struct Sender<T> {
    // First: a receiver that is woken by the end of the other field finds the record complete.
    end: End,
    polled: Entry,
    inner: tokio_oneshot::Sender<T>,
}

impl<T> Sender<T> {
    fn new(inner: tokio_oneshot::Sender<T>, end: End) -> Self {
        Sender {
            end,
            polled: Entry::default(),
            inner,
        }
    }

    /// Gives tokio's own sender, which is no longer seen.
    pub fn into_inner(self) -> tokio_oneshot::Sender<T> {
        self.end.set_outside();
        self.inner
    }

    /// As [`tokio::sync::oneshot::Sender::send`].
    ///
    /// # Errors
    ///
    /// The value, if the receiver is gone or has closed the channel.
    #[track_caller]
    pub fn send(self, t: T) -> Result<(), T> {
        let at = Location::caller();
        self.end.sends_once(at);
        let sent = self.inner.send(t);
        if sent.is_err() {
            self.end.unsent(at);
        }
        sent
    }

    /// As [`tokio::sync::oneshot::Sender::closed`].
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = ()> {
        self.polled.leave();
        let at = Location::caller();
        self.end.wait(Operation::Closed, at, self.inner.closed())
    }

    /// As [`tokio::sync::oneshot::Sender::poll_closed`].
    #[track_caller]
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let at = Location::caller();
        let poll = self.inner.poll_closed(cx);
        self.end
            .settle(&mut self.polled, Operation::Closed, at, poll)
    }

    forward! { "oneshot::Sender";
        fn is_closed(&self) -> bool;
    }
}

/// As [`tokio::sync::oneshot::Receiver`].
pub struct Receiver<T> {
    // First: a value that is left inside when it goes has died, and is then counted.
    inner: tokio_oneshot::Receiver<T>,
    polled: Entry,
    end: End,
}

impl<T> Receiver<T> {
    fn new(inner: tokio_oneshot::Receiver<T>, end: End) -> Self {
        Receiver {
            inner,
            polled: Entry::default(),
            end,
        }
    }

    pub(crate) fn context(&self, rule: &'static ChannelRule) {
        self.end.context(rule);
    }

    /// Gives tokio's own receiver, which is no longer seen.
    pub fn into_inner(self) -> tokio_oneshot::Receiver<T> {
        self.end.set_outside();
        self.inner
    }

    /// As [`tokio::sync::oneshot::Receiver::close`].
    #[track_caller]
    pub fn close(&mut self) {
        self.end.closes(Location::caller());
        self.inner.close();
    }

    /// As [`tokio::sync::oneshot::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// If there is no value yet, or none will come.
    #[track_caller]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let got = self.inner.try_recv();
        let at = Location::caller();
        match got {
            Ok(_) => self.end.received(1, at),
            Err(TryRecvError::Empty) => self.end.touch(at),
            Err(TryRecvError::Closed) => self.end.sender_dropped(Refusal::Closed, at),
        }
        got
    }

    /// As [`tokio::sync::oneshot::Receiver::blocking_recv`].
    ///
    /// # Errors
    ///
    /// If the sender went without sending.
    ///
    /// # Panics
    ///
    /// Inside an asynchronous context.
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        let at = Location::caller();
        let wait = self.end.block(Operation::Receive, at);
        let got = self.inner.blocking_recv();
        drop(wait);
        note(&self.end, &got, at);
        got
    }

    forward! { "oneshot::Receiver";
        fn is_terminated(&self) -> bool;
        fn is_empty(&self) -> bool;
    }
}

fn note<T>(end: &End, got: &Result<T, RecvError>, at: CallSite) {
    match got {
        Ok(_) => end.received(1, at),
        Err(_) => end.sender_dropped(Refusal::Err, at),
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
        if let Poll::Ready(got) = &poll {
            note(&this.end, got, at);
        }
        this.end
            .settle(&mut this.polled, Operation::Receive, at, poll)
    }
}

impl<T> From<tokio_oneshot::Sender<T>> for Sender<T> {
    #[track_caller]
    fn from(inner: tokio_oneshot::Sender<T>) -> Self {
        let (kind, at) = (ResourceKind::Oneshot, Location::caller());
        Sender::new(inner, End::foreign(Side::Sender, kind, Some(1), at))
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
        Receiver::new(inner, End::foreign(Side::Receiver, kind, Some(1), at))
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

crate::sync::given::given!(Sender, Receiver);
