//! The error of a call that returned no value.

use std::error::Error;
use std::fmt;

/// Why a call of a [`Monitor`](crate::supervise::Monitor) returned no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallError {
    /// `max_active` calls were running, so this one did not begin.
    Busy,
    /// It took longer than `call_timeout`. It continues, unless the monitor cancels abandoned calls.
    TimedOut,
    /// The runtime that ran the call was shut down before the call ended.
    Cancelled,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CallError::Busy => "too many calls are running",
            CallError::TimedOut => "the call took too long",
            CallError::Cancelled => "the runtime of the call was shut down",
        })
    }
}

impl Error for CallError {}
