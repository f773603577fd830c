//! The settings of a monitor.

use crate::lock::Lock;
use crate::supervise::alert::Alert;
use crate::supervise::load::Load;
use crate::supervise::monitor::Monitor;
use crate::supervise::slot::SharedLoad;
use crate::supervise::state::{MonitorState, OnAlert};
use crate::supervise::stop::Stop;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The settings of a [`Monitor`], returned by [`Monitor::builder`].
#[derive(Default)]
#[must_use = "call `build`"]
pub struct MonitorBuilder {
    name: &'static str,
    max_active: Option<usize>,
    call_timeout: Option<Duration>,
    alert_after: Option<Duration>,
    cancels_abandoned: bool,
    on_alert: Option<OnAlert>,
}

impl MonitorBuilder {
    /// The name in alerts and reports. The default is none.
    pub fn name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Maximum number of calls that run at a time, including abandoned calls. The default is no limit.
    ///
    /// # Panics
    ///
    /// If `calls` is 0.
    pub fn max_active(mut self, calls: usize) -> Self {
        assert!(calls > 0, "a monitor must allow at least one call");
        self.max_active = Some(calls);
        self
    }

    /// How long a caller waits for its call. The default is no limit.
    pub fn call_timeout(mut self, limit: Duration) -> Self {
        self.call_timeout = Some(limit);
        self
    }

    /// How long the monitor may be full without a call that ends before an alert is raised. The default is no alert. It
    /// needs a `max_active`.
    pub fn alert_after(mut self, limit: Duration) -> Self {
        self.alert_after = Some(limit);
        self
    }

    /// Whether a call is cancelled when it times out or its caller drops it. The default is `false`.
    ///
    /// A cancelled call is dropped at its next await and frees its slot. It counts as active until then.
    pub fn cancel_abandoned(mut self, cancel: bool) -> Self {
        self.cancels_abandoned = cancel;
        self
    }

    /// Calls `callback` with each alert, in a task of the monitor. It should not block.
    pub fn on_alert(mut self, callback: impl Fn(&Alert) + Send + Sync + 'static) -> Self {
        self.on_alert = Some(Box::new(callback));
        self
    }

    /// The monitor.
    pub fn build(self) -> Monitor {
        let load = Load::new(self.max_active.unwrap_or(usize::MAX), self.alert_after);
        Monitor::new(MonitorState {
            name: self.name,
            call_timeout: self.call_timeout,
            cancels_abandoned: self.cancels_abandoned,
            on_alert: self.on_alert,
            load: Arc::new(SharedLoad::new(load)),
            has_stall_watch: Lock::new(false),
            closed: Stop::new(),
        })
    }
}

impl fmt::Debug for MonitorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorBuilder")
            .field("name", &self.name)
            .field("max_active", &self.max_active)
            .field("call_timeout", &self.call_timeout)
            .field("alert_after", &self.alert_after)
            .field("cancel_abandoned", &self.cancels_abandoned)
            .finish_non_exhaustive()
    }
}
