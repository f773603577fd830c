//! `leakguard::sync` and `task` behave as tokio's do, `sync::blocking` and `thread` as std does, `sync::parking_lot` as parking_lot does; what it records is tested inside the crate.
//! `tests/sync/tokio/run` drives tokio's own tests.

mod alike;
mod drive;
#[cfg(not(any(debug_assertions, feature = "always")))]
mod identity;
mod parking_alike;
mod std_alike;
mod task_alike;
