//! Supervises calls and workers, in every build.
//!
//! | item | meaning |
//! |---|---|
//! | [`Monitor`], [`MonitorBuilder`] | calls with a limit, a deadline and an alert |
//! | [`CallError`], [`Alert`], [`Tally`] | what a caller gets instead of a value, the alert, the numbers |
//! | [`restart()`], [`Restart`] | a worker with a heartbeat that is restarted when it fails |
//! | [`Beat`], [`Stop`] | its heartbeat and its stop signal |
//! | [`Failure`], [`GaveUp`] | why a run failed, and the error after too many restarts |
//!
//! [`monitor`](macro@crate::monitor) puts all calls of one function into a [`Monitor`].

mod alert;
pub(crate) mod attribute;
mod beat;
mod builder;
mod delivery;
mod error;
mod failure;
mod history;
mod load;
mod monitor;
#[cfg(any(debug_assertions, feature = "always"))]
mod registration;
#[cfg(not(any(debug_assertions, feature = "always")))]
#[path = "registration_off.rs"]
mod registration;
mod restart;
mod run;
mod slot;
mod stall;
mod state;
mod stop;
mod tally;
mod wait;

pub use alert::Alert;
pub use beat::Beat;
pub use builder::MonitorBuilder;
pub use error::CallError;
pub use failure::{Failure, GaveUp};
pub use monitor::Monitor;
pub use restart::{Restart, restart};
pub use stop::Stop;
pub use tally::Tally;
