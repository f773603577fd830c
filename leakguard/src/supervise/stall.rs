//! Raises the alert of a stall. Its task exists only while the monitor is full, and for at most `alert_after` longer.

use crate::supervise::alert::Alert;
use crate::supervise::load::Stall;
use crate::supervise::registration;
use crate::supervise::state::MonitorState;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

/// Starts the task, if there is an alert to wait for and no task.
pub(crate) fn watch_for_stall(state: &Arc<MonitorState>) {
    let Ok(runtime) = Handle::try_current() else {
        return;
    };
    let mut has_watch = state.has_stall_watch.lock();
    if *has_watch || state.load.lock().next_alert().is_none() {
        return;
    }
    *has_watch = true;
    drop(has_watch);
    runtime.spawn(registration::helper(watch(StallWatch(state.clone()))));
}

/// Notes the end of the task, also if its runtime is shut down before. The next call, in another runtime, then starts it
/// again.
struct StallWatch(Arc<MonitorState>);

impl Drop for StallWatch {
    fn drop(&mut self) {
        *self.0.has_stall_watch.lock() = false;
    }
}

impl StallWatch {
    /// When the next alert is due. If there is none the watch ends, and no call can come in between.
    fn next(self) -> Option<(Self, Instant)> {
        let state = self.0.clone();
        let mut has_watch = state.has_stall_watch.lock();
        match state.load.lock().next_alert() {
            Some(at) => Some((self, at)),
            None => {
                *has_watch = false;
                drop(has_watch);
                None
            }
        }
    }
}

async fn watch(mut watch: StallWatch) {
    let state = watch.0.clone();
    let stalls = async move {
        while let Some((next, at)) = watch.next() {
            watch = next;
            sleep_until(at).await;
            let stall = watch.0.load.lock().take_alert(Instant::now());
            if let Some(stall) = stall {
                raise(&watch.0, stall).await;
            }
        }
    };
    tokio::select! {
        // A monitor whose last handle is dropped raises no alert.
        biased;
        () = state.closed.stopped() => {}
        () = stalls => {}
    }
}

async fn raise(state: &MonitorState, stall: Stall) {
    let full_for = stall.lasted(Instant::now());
    let (active, records) = {
        let load = state.load.lock();
        (load.tally().active, load.records())
    };
    let alert = Alert {
        name: state.name,
        active,
        full_for,
        refused: stall.refused,
        dump: registration::dump_of_all(records).await,
    };
    alert.raise(state.on_alert.as_deref());
}
