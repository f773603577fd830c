//! One page for each code a report can bear: what it means, the smallest program that shows it, and the fix.
//!
//! | code | name | when |
//! |---|---|---|
//! | [LG001](lg001) | overrun | the function itself is still running at its timeout |
//! | [LG002](lg002) | leaked task | a task is alive at the limit, and no other code says it better |
//! | [LG007](lg007) | stuck task | nothing can wake it: its last poll registered no waker |
//! | [LG008](lg008) | lost wakeup | it moved on only because leakguard polled it |
//! | [LG011](lg011) | busy executor | one poll has lasted longer than the threshold |
//! | [LG013](lg013) | leaked thread or blocking call | as LG002, for threads and `spawn_blocking` |
//! | [LG014](lg014) | swallowed panic | a task panicked and nobody will ever join it |
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

/// LG007, stuck task.
pub mod lg007 {
    #![doc = include_str!("lg007.md")]
}

/// LG008, lost wakeup.
pub mod lg008 {
    #![doc = include_str!("lg008.md")]
}

/// LG011, busy executor.
pub mod lg011 {
    #![doc = include_str!("lg011.md")]
}

/// LG013, leaked thread or blocking call.
pub mod lg013 {
    #![doc = include_str!("lg013.md")]
}

/// LG014, swallowed panic.
pub mod lg014 {
    #![doc = include_str!("lg014.md")]
}
