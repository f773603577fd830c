//! What happens on a finding.

/// What happens when something is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Reports it by a `tracing` event or on stderr. The function is never delayed. A [`test`](macro@crate::test) prints
    /// its report in its own output and passes.
    Log,
    /// Panics in the function, which waits at its return until its tasks have ended or are judged.
    Panic,
    /// Reports it and aborts the process.
    Abort,
    /// Does nothing.
    Ignore,
}
