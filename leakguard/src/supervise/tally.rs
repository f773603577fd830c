//! The numbers of a monitor at one instant.

/// The numbers of a [`Monitor`](crate::supervise::Monitor), all read at one instant.
///
/// Two sums always hold: `started == active + ended`, and
/// `timed_out + dropped == ended_late + cancelled` plus the abandoned calls that are still active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Calls that run now, including abandoned calls.
    pub active: usize,
    /// Calls that were admitted.
    pub started: u64,
    /// Calls that have ended in any way.
    pub ended: u64,
    /// Calls that were refused, because `max_active` were running.
    pub busy: u64,
    /// Calls whose caller got [`CallError::TimedOut`](crate::supervise::CallError::TimedOut).
    pub timed_out: u64,
    /// Calls whose caller dropped the future that waits for the call before that.
    pub dropped: u64,
    /// Calls that ended by themselves after they had timed out or were dropped by their caller.
    pub ended_late: u64,
    /// Calls that were cancelled then, by the monitor or with their runtime.
    pub cancelled: u64,
    /// Alerts that were raised, one for each stall.
    pub alerts: u64,
}
