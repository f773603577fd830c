//! What kinds of channels, locks and signals there are, and what a waiter does with one.

/// What a writer of std's or parking_lot's takes. No reader counts that far.
pub(crate) const MANY_READERS: usize = u32::MAX as usize;

/// What an upgradable reader of parking_lot's takes: there can be one, beside others who only read.
pub(crate) const UPGRADABLE: usize = MANY_READERS / 2 + 1;

/// What it is.
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
    /// Not waited on: see `Tracked`.
    Value,
    /// Those of std have no fair queue: nobody is granted anything.
    StdMutex,
    StdRwLock,
    /// Nor those of parking_lot, but a writer that waits goes first.
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

    /// Whether it is the end of something.
    pub(crate) fn is_join(self) -> bool {
        matches!(
            self,
            ResourceKind::Join | ResourceKind::JoinTask | ResourceKind::JoinSet
        )
    }

    /// Whether somebody can hold it.
    pub(crate) fn is_lock(self) -> bool {
        matches!(
            self,
            ResourceKind::Mutex
                | ResourceKind::RwLock
                | ResourceKind::Semaphore
                | ResourceKind::OnceCell
        ) || self.blocks()
    }

    /// Whether it is a lock for which a thread waits as a whole.
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

/// Which half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    Sender,
    Receiver,
    /// A clone of a token, which is both.
    Handle,
}

/// The words in which the user's code was told that the other side is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `recv` of an mpsc channel.
    None,
    /// `recv_many`.
    Zero,
    /// An error that says nothing else.
    Err,
    /// Where an error may also say that one has to wait, or was too slow, the one that does not.
    Closed,
    Disconnected,
}

impl Refusal {
    /// In the order of their numbers.
    pub(crate) const ALL: [Refusal; 5] = [
        Refusal::None,
        Refusal::Zero,
        Refusal::Err,
        Refusal::Closed,
        Refusal::Disconnected,
    ];
}

/// What a waiter asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Operation {
    Receive,
    Send,
    /// That the other side goes away.
    Closed,
    Changed,
    Lock,
    Read,
    /// A read that passes writers who wait.
    ReadRecursive,
    /// A read beside which there is no other of its kind.
    Upgradable,
    /// That the other readers go, for one that has read upgradably.
    Upgrade,
    Write,
    Acquire,
    Notified,
    Barrier,
    /// That somebody else's initialisation ends, or that a value is set.
    Init,
    Cancelled,
    /// That a thread or a task ends.
    Join,
}
