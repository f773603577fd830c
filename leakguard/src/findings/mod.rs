//! One page for each code a report can bear: what it means, the smallest program that shows it, and the fix.
//!
//! | code | name | when |
//! |---|---|---|
//! | [LG001](lg001) | overrun | the function itself is still running at its timeout |
//! | [LG002](lg002) | leaked task | a task is alive at the limit, and no other code says it better |
//! | [LG003](lg003) | abandoned receiver | it waits to receive, a sender lives, and nobody sends |
//! | [LG004](lg004) | forgotten sender | it waits to send, the receiver lives, and nobody receives |
//! | [LG005](lg005) | lost message | a send failed or a channel closed with messages inside |
//! | [LG006](lg006) | broken promise | a sender was dropped without a value while somebody waited for it |
//! | [LG007](lg007) | stuck task | nothing can wake it: its last poll registered no waker |
//! | [LG008](lg008) | lost wakeup | it moved on only because leakguard polled it |
//! | [LG009](lg009) | deadlock | each task waits for what the next one holds, or one for what it holds itself |
//! | [LG010](lg010) | channel over its bound | the queue of an unbounded channel is longer than `capacity` |
//! | [LG011](lg011) | busy executor | one poll has lasted longer than the threshold |
//! | [LG012](lg012) | ignored cancellation | a token was cancelled and its task is still there |
//! | [LG013](lg013) | leaked thread or blocking call | as LG002, for threads and `spawn_blocking` |
//! | [LG014](lg014) | swallowed panic | a task panicked and nobody will ever join it |
//! | [LG015](lg015) | kept resource | a `Tracked` value outlived its scope |
//! | [LG016](lg016) | growing tasks | of one spawn ever more are alive; only where `Growth` looks for it |
//! | [LG017](lg017) | spin on a closed channel | it asks a closed channel again and again |
//! | [LG018](lg018) | unreaped tasks | ever more tasks have ended, and nobody takes their results; only where `Growth` looks for it |
//!
//! LG003, LG004 and LG009 are said of the types of [`leakguard::sync`](crate::sync), which know who sends, receives and
//! holds; of tokio's own types it is LG001 or LG002. LG012 is said of [`leakguard::sync`](crate::sync)'s token,
//! LG017 of its channels, and LG018 of the types of [`leakguard::task`](crate::task).
//!
//! LG005, LG006 and LG010 are said of channels that are made in a function with
//! [`bounded_channel`](macro@crate::bounded_channel), and of no others.
//!
//! A finding that is meant to be is allowed by its code, its function or its spawn site, as in
//! `#[leakguard::must_terminate(allow = "LG002")]`; a task that is meant to go on is wrapped in
//! [`leakguard::background`](crate::background).

/// LG001, overrun.
pub mod lg001 {
    #![doc = include_str!("lg001.md")]
}

/// LG002, leaked task.
pub mod lg002 {
    #![doc = include_str!("lg002.md")]
}

/// LG003, abandoned receiver.
pub mod lg003 {
    #![doc = include_str!("lg003.md")]
}

/// LG004, forgotten sender.
pub mod lg004 {
    #![doc = include_str!("lg004.md")]
}

/// LG005, lost message.
pub mod lg005 {
    #![doc = include_str!("lg005.md")]
}

/// LG006, broken promise.
pub mod lg006 {
    #![doc = include_str!("lg006.md")]
}

/// LG007, stuck task.
pub mod lg007 {
    #![doc = include_str!("lg007.md")]
}

/// LG008, lost wakeup.
pub mod lg008 {
    #![doc = include_str!("lg008.md")]
}

/// LG009, deadlock.
pub mod lg009 {
    #![doc = include_str!("lg009.md")]
}

/// LG010, channel over its bound.
pub mod lg010 {
    #![doc = include_str!("lg010.md")]
}

/// LG011, busy executor.
pub mod lg011 {
    #![doc = include_str!("lg011.md")]
}

/// LG012, ignored cancellation.
pub mod lg012 {
    // Its programs use a token, which is there with the feature alone.
    #![cfg_attr(feature = "tokio-util", doc = include_str!("lg012.md"))]
    #![cfg_attr(
        not(feature = "tokio-util"),
        doc = "Said only with the feature `tokio-util`."
    )]
}

/// LG013, leaked thread or blocking call.
pub mod lg013 {
    #![doc = include_str!("lg013.md")]
}

/// LG014, swallowed panic.
pub mod lg014 {
    #![doc = include_str!("lg014.md")]
}

/// LG015, kept resource.
pub mod lg015 {
    #![doc = include_str!("lg015.md")]
}

/// LG016, growing tasks.
pub mod lg016 {
    #![doc = include_str!("lg016.md")]
}

/// LG017, spin on a closed channel.
pub mod lg017 {
    #![doc = include_str!("lg017.md")]
}

/// LG018, unreaped tasks.
pub mod lg018 {
    #![doc = include_str!("lg018.md")]
}
