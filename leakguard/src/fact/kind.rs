//! The kinds of channels, locks and signals, and what a waiter does with one.

/// The permits that a writer of a std or parking_lot lock acquires. No reader count gets that high.
pub(crate) const MANY_READERS: usize = u32::MAX as usize;

/// The permits that an upgradable reader of parking_lot acquires. Only one fits, beside plain readers.
pub(crate) const UPGRADABLE: usize = MANY_READERS / 2 + 1;

/// The kind of a channel, lock or signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ResourceKind {
    Mpsc,
    UnboundedMpsc,
    Oneshot,
    Broadcast,
    Watch,
    Mutex,
    RwLock,
    Semaphore,
    Notify,
    Barrier,
    OnceCell,
    SetOnce,
    Token,
    /// Not waited on. See `Tracked`.
    Value,
    /// Locks of std have no fair queue, so no waiter is ever granted one.
    StdMutex,
    StdRwLock,
    /// Locks of parking_lot have none either, but a waiting writer is served before readers.
    #[cfg_attr(
        not(feature = "parking_lot"),
        expect(dead_code, reason = "only locks of parking_lot are one")
    )]
    ParkingMutex,
    ParkingRwLock,
    Condvar,
    /// The end of threads.
    Join,
    /// The end of one task.
    JoinTask,
    JoinSet,
}

impl ResourceKind {
    pub(crate) fn is_channel(self) -> bool {
        self <= ResourceKind::Watch
    }

    /// Whether it is the end of a thread or task.
    pub(crate) fn is_join(self) -> bool {
        matches!(self, ResourceKind::Join | ResourceKind::JoinTask | ResourceKind::JoinSet)
    }

    /// Whether a task or thread can hold it.
    pub(crate) fn is_lock(self) -> bool {
        matches!(
            self,
            ResourceKind::Mutex
                | ResourceKind::RwLock
                | ResourceKind::Semaphore
                | ResourceKind::OnceCell
        ) || self.blocks()
    }

    /// Whether a whole thread waits for it.
    pub(crate) fn blocks(self) -> bool {
        matches!(
            self,
            ResourceKind::StdMutex
                | ResourceKind::StdRwLock
                | ResourceKind::ParkingMutex
                | ResourceKind::ParkingRwLock
        )
    }
}

/// One half of a channel, or a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    Sender,
    Receiver,
    /// A clone of a token, which is both halves.
    Handle,
}

/// How the user's code learned that the other side is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `recv` of an mpsc channel.
    None,
    /// `recv_many`.
    Zero,
    /// An error that says nothing else.
    Err,
    /// The variant for a closed channel, of an error type that has others.
    Closed,
    Disconnected,
}

impl Refusal {
    /// In the order of their discriminants.
    pub(crate) const ALL: [Refusal; 5] =
        [Refusal::None, Refusal::Zero, Refusal::Err, Refusal::Closed, Refusal::Disconnected];
}

/// What a waiter waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Operation {
    Receive,
    Send,
    /// The other side is dropped.
    Closed,
    Changed,
    Lock,
    Read,
    /// A read that goes before waiting writers.
    ReadRecursive,
    /// A read that excludes others of its kind.
    #[cfg_attr(
        not(any(test, feature = "parking_lot")),
        expect(dead_code, reason = "only locks of parking_lot have it")
    )]
    Upgradable,
    /// An upgradable reader waits until the other readers are gone.
    Upgrade,
    Write,
    Acquire,
    Notified,
    Barrier,
    /// Another task's initialisation ends, or a value is set.
    Init,
    Cancelled,
    /// A thread or a task ends.
    Join,
}
