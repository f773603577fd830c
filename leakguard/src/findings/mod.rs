//! One page for each code of a report: what it means, the smallest program that shows it, and the fix.
//!
//! | code | name | reported when |
//! |---|---|---|
//! | [LG001](lg001) | overrun | the function itself is still running at its timeout |
//! | [LG002](lg002) | leaked task | a task is alive at its limit, and no more specific code applies |
//! | [LG003](lg003) | abandoned receiver | a task waits to receive, a sender is alive, and nothing is sent |
//! | [LG004](lg004) | forgotten sender | a task waits to send, the receiver is alive, and nothing is received |
//! | [LG005](lg005) | lost message | a send failed, or a channel was closed with messages inside |
//! | [LG006](lg006) | broken promise | a sender was dropped without a value while a receiver waited for it |
//! | [LG007](lg007) | stuck task | nothing can wake the task: its last poll registered no waker |
//! | [LG008](lg008) | lost wakeup | the task moved on only because leakguard polled it |
//! | [LG009](lg009) | deadlock | each task waits for something that the next one holds, or one for a lock that it holds itself |
//! | [LG010](lg010) | channel over its bound | the queue of an unbounded channel is longer than `capacity` |
//! | [LG011](lg011) | busy executor | one poll has lasted longer than the threshold |
//! | [LG012](lg012) | ignored cancellation | a token was cancelled and its task is still alive |
//! | [LG013](lg013) | leaked thread or blocking call | as LG002, for threads and `spawn_blocking` |
//! | [LG014](lg014) | swallowed panic | a task panicked, and its handle was dropped |
//! | [LG015](lg015) | kept resource | a `Tracked` value outlived its scope |
//! | [LG016](lg016) | growing tasks | ever more tasks of one spawn are alive; only where `Growth` is used |
//! | [LG017](lg017) | spin on a closed channel | a task busy-loops on a closed channel |
//! | [LG018](lg018) | unreaped tasks | ever more tasks have ended whose results are never taken; only where `Growth` is used |
//!
//! LG003, LG004 and LG009 are reported for the types of [`leakguard::sync`](crate::sync), which record the tasks that send, receive
//! and hold. With tokio's own types the code is LG001 or LG002. LG012 is reported for the token of
//! [`leakguard::sync`](crate::sync), LG017 for its channels, and LG018 for the types of [`leakguard::task`](crate::task).
//!
//! LG005, LG006 and LG010 are reported only for channels that are created in a function with
//! [`bounded_channel`](macro@crate::bounded_channel).
//!
//! An expected finding is allowed by its code, its function or its spawn site, as in
//! `#[leakguard::must_terminate(allow = "LG002")]`. A task that is meant to keep running is wrapped in
//! [`leakguard::background`](crate::background).

/// Gives each page a module, so that rustdoc shows it and runs its programs.
macro_rules! pages {
    ($($(#[$attribute:meta])* $page:ident)*) => { $(
        $(#[$attribute])*
        pub mod $page {
            #![doc = include_str!(concat!(stringify!($page), ".md"))]
        }
    )* };
}

pages! {
    /// LG001, overrun.
    lg001
    /// LG002, leaked task.
    lg002
    /// LG003, abandoned receiver.
    lg003
    /// LG004, forgotten sender.
    lg004
    /// LG005, lost message.
    lg005
    /// LG006, broken promise.
    lg006
    /// LG007, stuck task.
    lg007
    /// LG008, lost wakeup.
    lg008
    /// LG009, deadlock.
    lg009
    /// LG010, channel over its bound.
    lg010
    /// LG011, busy executor.
    lg011
}

/// LG012, ignored cancellation.
pub mod lg012 {
    // Its programs use a token that exists only with this feature.
    #![cfg_attr(feature = "tokio-util", doc = include_str!("lg012.md"))]
    #![cfg_attr(not(feature = "tokio-util"), doc = "Reported only with the feature `tokio-util`.")]
}

pages! {
    /// LG013, leaked thread or blocking call.
    lg013
    /// LG014, swallowed panic.
    lg014
    /// LG015, kept resource.
    lg015
    /// LG016, growing tasks.
    lg016
    /// LG017, spin on a closed channel.
    lg017
    /// LG018, unreaped tasks.
    lg018
}
