//! The alert of a full monitor.

use crate::Dump;
use crate::supervise::delivery::deliver;
use crate::time::readable;
use std::fmt;
use std::time::Duration;

/// A [`Monitor`](crate::supervise::Monitor) has been full for `alert_after`, and no call has ended.
///
/// Its `Display` is one line, with the dump below it if there is one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Alert {
    /// The name of the monitor. Empty if it has none.
    pub name: &'static str,
    /// Number of running calls. Abandoned calls count.
    pub active: usize,
    /// How long the monitor had been full when the alert was raised.
    pub full_for: Duration,
    /// Number of calls that were refused meanwhile.
    pub refused: u64,
    /// What was alive, with the stacks of the running calls. Empty in builds that do not watch.
    pub dump: Dump,
}

impl Alert {
    /// Delivers it to the callback and to `tracing`, or to stderr if there is neither.
    pub(crate) fn raise(&self, callback: Option<&(dyn Fn(&Alert) + Send + Sync)>) {
        deliver(callback.map(|callback| || callback(self)), || self.send(), || self.to_string());
    }

    #[cfg(feature = "tracing")]
    fn send(&self) {
        tracing::error!(
            target: "leakguard",
            monitor = self.name,
            active = self.active,
            refused = self.refused,
            full_for_ms = u64::try_from(self.full_for.as_millis()).unwrap_or(u64::MAX),
            "{self}",
        );
    }

    #[cfg(not(feature = "tracing"))]
    fn send(&self) {}
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Alert { name, active, full_for, refused, dump } = self;
        f.write_str("alert: ")?;
        if !name.is_empty() {
            write!(f, "`{name}`: ")?;
        }
        match active {
            1 => f.write_str("1 call is running")?,
            more => write!(f, "{more} calls are running")?,
        }
        write!(
            f,
            ", which is the limit, and none has ended for {}; {refused} refused",
            readable(*full_for)
        )?;
        let dump = dump.to_string();
        if dump.is_empty() {
            return Ok(());
        }
        write!(f, "\n{}", dump.trim_end())
    }
}
