//! The numbers of a monitor, as they were at one moment.

/// What the calls of a [`Monitor`](crate::supervise::Monitor) have come to, all read at one moment.
///
/// Two sums always hold: `started == active + ended`, and
/// `timed_out + dropped == ended_late + cancelled` plus the abandoned calls that are still active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Calls that run now, those that nobody waits for any more included.
    pub active: usize,
    /// Calls that were let in, so far.
    pub started: u64,
    /// Calls that are over, in whatever way.
    pub ended: u64,
    /// Calls that were refused, because `max_active` were running.
    pub busy: u64,
    /// Calls whose caller was told [`CallError::TimedOut`](crate::supervise::CallError::TimedOut).
    pub timed_out: u64,
    /// Calls whose caller went away before, by dropping the future that waits for the call.
    pub dropped: u64,
    /// Calls that came to their end by themselves after they had timed out or their caller had gone.
    pub ended_late: u64,
    /// Calls that were cancelled then, by the monitor or with their runtime.
    pub cancelled: u64,
    /// Alerts that were raised, one for each stall.
    pub alerts: u64,
}
