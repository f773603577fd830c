//! Why a wait on a channel or lock does not end, as far as that is known: plain data, which a report puts into words.

use crate::clock::Instant;
use crate::fact::id::{TaskId, TaskKind};
use crate::fact::kind::ResourceKind;
use crate::fact::resource::{ResourceFacts, WaitFacts};
use crate::site::Site;
use std::panic::Location;

/// Why a wait does not end, in one word; known only of [`leakguard::sync`](crate::sync)'s types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The waiting task itself has what it waits for, or was the last to use it.
    HeldByItself,
    /// Another task has it, or was the last to use it.
    HeldByAnother,
    /// What lives outside of the scope has it, or may have it.
    HeldOutside,
    /// Who used it last has ended or returned and left it alive: in a struct, or forgotten.
    LeftBehind,
    /// Tasks wait for one another.
    Cycle,
    /// The lock was handed to a future that its task no longer polls.
    GrantedButNotPolled,
    /// The signal came before the wait began, and was not stored.
    NotifiedTooEarly,
    /// Nobody ever gave the signal.
    NeverSignalled,
    /// More permits are asked for than there are, or a barrier waits for more tasks than there are.
    TooFew,
    /// The waiting task sent something just before, as the request that was to bring the answer, and that was lost.
    LostMessage,
}

/// One task as a report names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskLabel {
    pub(crate) id: TaskId,
    pub(crate) kind: TaskKind,
    pub(crate) site: &'static Site,
}

/// Who has, or last used, what could end a wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Identity {
    /// The one that waits.
    Itself,
    Task(TaskLabel),
    /// The function of the scope, which has returned.
    Returned,
    /// A task that has ended.
    Ended,
    /// Code outside of every watched task.
    Unwatched,
}

/// One holder of a lock, or one live endpoint of the other side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Party {
    pub(crate) who: Identity,
    /// Where the lock was taken, or the endpoint last used.
    pub(crate) at: Option<&'static Location<'static>>,
    /// Since when a lock has been held.
    pub(crate) since: Option<Instant>,
    /// It waits for the lock as well, and is served first.
    pub(crate) ahead: bool,
}

/// What the waiter of one step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitTarget {
    Thing(ResourceKind),
    /// That the next one ends, and perhaps others that it has started.
    End,
}

impl WaitTarget {
    pub(crate) fn is_lock(self) -> bool {
        matches!(self, WaitTarget::Thing(kind) if kind.is_lock())
    }
}

/// One step around a deadlock: `waiter` waits for what the waiter of the next one has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) waiter: TaskLabel,
    pub(crate) wait_at: Option<&'static Location<'static>>,
    pub(crate) wants: WaitTarget,
    /// Where the next one took or last used that.
    pub(crate) held_at: Option<&'static Location<'static>>,
    /// The next one has only asked for it earlier.
    pub(crate) ahead: bool,
}

/// How surely a wait never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prospect {
    /// Somebody may yet end it.
    MayBeWoken,
    /// Nothing else that the task waits for could wake it, and nobody is known who could end this wait.
    NoKnownWaker,
    /// Whoever would have to end it is stuck, whatever code that nobody watches may do.
    Stuck,
}

/// All that is known of one wait that does not end.
#[derive(Clone, Debug)]
pub(crate) struct Blockage {
    pub(crate) cause: Option<Cause>,
    pub(crate) wait: WaitFacts,
    pub(crate) resource: ResourceFacts,
    pub(crate) parties: Vec<Party>,
    /// Not empty for a deadlock alone.
    pub(crate) cycle: Vec<Edge>,
    pub(crate) prospect: Prospect,
    /// The waiting task alone can have the other side.
    pub(crate) own: bool,
    /// Where the waiting task sent something that was lost, after it had made the channel it waits on.
    pub(crate) lost_at: Option<&'static Location<'static>>,
}
