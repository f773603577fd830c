//! The twins behave like their originals: `leakguard::sync` and `task` like tokio's, `sync::blocking` and `thread` like
//! std's, and `sync::parking_lot` like parking_lot's. What they record is tested inside the crate.
//! `tests/sync/tokio/run` runs tokio's own tests against them.

mod alike;
mod drive;
#[cfg(not(any(debug_assertions, feature = "always")))]
mod identity;
mod parking_alike;
mod runtime_alike;
mod std_alike;
mod task_alike;
