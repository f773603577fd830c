//! Kinds of sites.

/// What stands at a [`Site`](crate::Site).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SiteKind {
    /// An annotated function, or the call that created a channel, a value or a join set.
    Function,
    /// A call that spawns a task, a blocking closure or a thread.
    Spawn,
}
