//! Supervised calls, in every build: a limit, a deadline and an alert around what may not end, and
//! another start for what has stopped beating.

mod alert;
pub(crate) mod attribute;
mod beat;
mod call;
mod failure;
mod history;
mod load;
mod monitor;
mod restart;
mod say;
#[cfg(any(debug_assertions, feature = "always"))]
mod seen;
#[cfg(not(any(debug_assertions, feature = "always")))]
#[path = "unseen.rs"]
mod seen;
mod slot;
mod stall;
mod stop;
mod tally;

pub use alert::Alert;
pub use beat::Beat;
pub use call::CallError;
pub use failure::{Failure, GaveUp};
pub use monitor::{Monitor, MonitorBuilder};
pub use restart::{Restart, restart};
pub use stop::Stop;
pub use tally::Tally;
