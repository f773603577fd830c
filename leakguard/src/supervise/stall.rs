//! The task that waits until a stall has lasted long enough. There is one only while all places are
//! taken, and for `alert_after` more at the most.

use crate::lock::Lock;
use crate::supervise::alert::Alert;
use crate::supervise::load::Stall;
use crate::supervise::monitor::Core;
use crate::supervise::seen;
use std::sync::{Arc, MutexGuard};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

/// Whether that task is there.
#[derive(Debug, Default)]
pub(crate) struct Lookout(Lock<bool>);

impl Lookout {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.0.lock()
    }
}

/// Sees to it that the task is there, if there is an alert to wait for.
pub(crate) fn look_out(core: &Arc<Core>) {
    let Ok(runtime) = Handle::try_current() else {
        return;
    };
    let mut manned = core.lookout.lock();
    if *manned || core.shelf.lock().next_alert().is_none() {
        return;
    }
    *manned = true;
    drop(manned);
    runtime.spawn(seen::helper(watch(Watch(core.clone()))));
}

/// Says that the task is gone, should its runtime be shut down before there is nothing left to wait
/// for: then the next call, in another one, starts it again.
struct Watch(Arc<Core>);

impl Drop for Watch {
    fn drop(&mut self) {
        *self.0.lookout.lock() = false;
    }
}

impl Watch {
    /// When to look next. Where there is nothing to wait for, it leaves, and no call can come in
    /// between.
    fn next(self) -> Option<(Self, Instant)> {
        let core = self.0.clone();
        let mut manned = core.lookout.lock();
        match core.shelf.lock().next_alert() {
            Some(at) => Some((self, at)),
            None => {
                *manned = false;
                drop(manned);
                None
            }
        }
    }
}

async fn watch(mut watch: Watch) {
    let core = watch.0.clone();
    let stalls = async move {
        while let Some((next, at)) = watch.next() {
            watch = next;
            sleep_until(at).await;
            let stall = watch.0.shelf.lock().take_alert(Instant::now());
            if let Some(stall) = stall {
                raise(&watch.0, stall).await;
            }
        }
    };
    tokio::select! {
        // Whoever drops the monitor wants to hear no more.
        biased;
        () = core.closed.stopped() => {}
        () = stalls => {}
    }
}

async fn raise(core: &Core, stall: Stall) {
    let full_for = stall.lasted(Instant::now());
    let (active, marks) = {
        let load = core.shelf.lock();
        (load.tally().active, load.marks())
    };
    let alert = Alert {
        name: core.name,
        active,
        full_for,
        refused: stall.refused,
        dump: seen::dump_of_all(marks).await,
    };
    alert.raise(core.on_alert.as_deref());
}
