//! Why a wait does not end.

/// Why a wait does not end. Known only for the types of [`leakguard::sync`](crate::sync).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The waiting task itself holds what it waits for, or was the last to use it.
    HeldByItself,
    /// Another task holds it, or was the last to use it.
    HeldByAnother,
    /// Code outside of the scope holds it, or may hold it.
    HeldOutside,
    /// The task that used it last has ended and left it alive, for example in a struct.
    LeftBehind,
    /// Tasks wait for one another.
    Cycle,
    /// The lock was granted to a future that its task no longer polls.
    GrantedButNotPolled,
    /// The signal came before the wait began, and was not stored.
    NotifiedTooEarly,
    /// The signal was never given.
    NeverSignalled,
    /// The wait asks for more permits than there are, or a barrier waits for more tasks than are left.
    TooFew,
    /// The waiting task sent a message just before, such as the request for this reply, and that message was lost.
    LostMessage,
}
