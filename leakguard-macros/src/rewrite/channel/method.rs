//! The methods that a twin's endpoints share with tokio's, by kind of channel.

/// The kinds of channels, each as a bit, with the trait that makes it a twin.
pub(super) const KINDS: [&str; 5] = ["Mpsc", "UnboundedMpsc", "Oneshot", "Broadcast", "WatchValue"];
const MPSC: u8 = 1;
const UNBOUNDED: u8 = 2;
const ONESHOT: u8 = 4;
const BROADCAST: u8 = 8;
const WATCH: u8 = 16;
const QUEUE: u8 = MPSC | UNBOUNDED;
pub(super) const ALL: u8 = QUEUE | ONESHOT | BROADCAST | WATCH;

/// Methods whose result is the same type with a twin, with the kinds whose sender and whose receiver have one of that
/// name. Where tokio's endpoint has none, the method is that of a trait, which the twin does not implement.
#[rustfmt::skip]
const METHODS: &[(&str, u8, u8)] = &[
    ("await", 0, ONESHOT),
    ("blocking_recv", 0, QUEUE | ONESHOT | BROADCAST),
    ("blocking_recv_many", 0, QUEUE),
    ("blocking_send", MPSC, 0),
    ("borrow", WATCH, WATCH),
    ("borrow_and_update", 0, WATCH),
    ("capacity", MPSC, MPSC),
    ("changed", 0, WATCH),
    ("close", 0, QUEUE | ONESHOT),
    ("closed", ALL, 0),
    ("has_changed", 0, WATCH),
    ("is_closed", QUEUE | ONESHOT | WATCH, QUEUE | BROADCAST),
    ("is_empty", BROADCAST, QUEUE | ONESHOT | BROADCAST),
    ("len", BROADCAST, QUEUE | BROADCAST),
    ("max_capacity", MPSC, MPSC),
    ("receiver_count", BROADCAST | WATCH, 0),
    ("recv", 0, QUEUE | BROADCAST),
    ("recv_many", 0, QUEUE),
    ("send", ALL, 0),
    ("send_if_modified", WATCH, 0),
    ("send_modify", WATCH, 0),
    ("send_replace", WATCH, 0),
    ("send_timeout", MPSC, 0),
    ("sender_strong_count", 0, QUEUE | BROADCAST),
    ("strong_count", QUEUE | BROADCAST, 0),
    ("try_recv", 0, QUEUE | ONESHOT | BROADCAST),
    ("try_send", MPSC, 0),
    ("wait_for", 0, WATCH),
];

/// Methods that create another endpoint, with its half if it is another one, and the kinds whose sender and whose
/// receiver have them.
const COPIES: &[(&str, Option<Half>, u8, u8)] = &[
    ("clone", None, ALL - ONESHOT, WATCH),
    ("resubscribe", None, 0, BROADCAST),
    ("subscribe", Some(Half::Receiver), BROADCAST | WATCH, 0),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Sender,
    Receiver,
}

impl Half {
    /// The kinds whose endpoints of this half have `method`, with the same result.
    pub(super) fn kinds_with(self, method: &str) -> u8 {
        let known = METHODS.iter().find(|(name, ..)| *name == method);
        known.map_or(0, |(_, sender, receiver)| self.of(*sender, *receiver))
    }

    /// The half of the endpoint that `method` creates, and the kinds that have the method.
    pub(super) fn copied_by(self, method: &str) -> Option<(Half, u8)> {
        let (_, half, sender, receiver) = COPIES.iter().find(|(name, ..)| *name == method)?;
        Some((half.unwrap_or(self), self.of(*sender, *receiver)))
    }

    fn of(self, sender: u8, receiver: u8) -> u8 {
        match self {
            Half::Sender => sender,
            Half::Receiver => receiver,
        }
    }
}
