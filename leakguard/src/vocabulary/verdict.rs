//! What is known of a task that should have ended.

use std::time::Duration;

/// What is known of a task that should have ended. Only [`Verdict::Stuck`] is certain to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Certain: nothing can wake it, because its last poll registered no waker.
    Stuck,
    /// It has waited on something for this long.
    Blocked(Duration),
    /// It has waited on a timer or on I/O for this long.
    TimerOrIo(Duration),
    /// It is still making progress.
    Running,
    /// It has been inside one poll or one blocking call for this long.
    Busy(Duration),
    /// One of its polls lasted this long, and has ended.
    WasBusy(Duration),
    /// It was spawned this long ago and has never been polled or begun.
    NeverBegun(Duration),
    /// It moved on when it was polled, although it had not been woken for this long.
    WakeupLost(Duration),
    /// The function returned by itself, this long after its entry.
    Late(Duration),
    /// It panicked.
    Panicked,
    /// It happened to a channel, or a value was created, this long ago; or it has continued for this long.
    Happened(Duration),
}
