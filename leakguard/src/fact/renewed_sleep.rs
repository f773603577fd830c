//! A place where a task creates a sleep anew, again and again, as known at one instant.

use crate::fact::id::TaskId;
use crate::site::CallSite;

/// The last sleeps of one task at one place. Each but the last was not due when the next one was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RenewedSleep {
    pub(crate) task: TaskId,
    pub(crate) created: CallSite,
    /// In how many polls it created one.
    pub(crate) times: u64,
}
