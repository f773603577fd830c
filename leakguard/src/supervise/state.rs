//! What the handles, the calls and the stall watch of one monitor share.

use crate::lock::Lock;
use crate::supervise::alert::Alert;
use crate::supervise::slot::SharedLoad;
use crate::supervise::stop::Stop;
use std::sync::Arc;
use std::time::Duration;

/// The user's callback.
pub(crate) type OnAlert = Box<dyn Fn(&Alert) + Send + Sync>;

/// It lives longer than the handles if a call is still running.
pub(crate) struct MonitorState {
    pub(crate) name: &'static str,
    pub(crate) call_timeout: Option<Duration>,
    pub(crate) cancels_abandoned: bool,
    pub(crate) on_alert: Option<OnAlert>,
    pub(crate) load: Arc<SharedLoad>,
    /// Whether a task waits for the next stall to last long enough.
    pub(crate) has_stall_watch: Lock<bool>,
    /// Given when the last handle is dropped.
    pub(crate) closed: Stop,
}
