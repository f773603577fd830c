//! A limit, a deadline and an alert around calls that may not be cancellable.

use crate::supervise::builder::MonitorBuilder;
use crate::supervise::error::CallError;
use crate::supervise::registration::{self, CallRecord};
use crate::supervise::slot::CallSlot;
use crate::supervise::stall::watch_for_stall;
use crate::supervise::state::MonitorState;
use crate::supervise::tally::Tally;
use crate::supervise::wait::CallWait;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What all handles share, and calls do not: it is dropped with the last handle.
struct MonitorHandles(Arc<MonitorState>);

impl Drop for MonitorHandles {
    fn drop(&mut self) {
        self.0.closed.stop();
    }
}

/// Supervises calls that may take too long and may not be cancellable. It limits their number, gives each a deadline, and
/// raises an alert when none ends.
///
/// A call returns its value, or [`CallError::Busy`] at once if `max_active` calls are running, or
/// [`CallError::TimedOut`] after `call_timeout`. A call that timed out continues, because it may not be cancellable, and
/// counts as active until it ends. So at most `max_active` calls hang behind the monitor, however many are made.
///
/// An [`Alert`](crate::supervise::Alert) is raised when the monitor is full and no call ends for `alert_after`. The next
/// alert is raised only after a call has ended and the monitor is full again. An alert goes to the callback and, with the
/// feature `tracing`, to the subscriber, as an error with the target `leakguard`. If there is neither it goes to stderr.
///
/// It works in every build. In builds that watch, each call is a task of the scope in which it was made. An abandoned call
/// that still runs at the limit of that scope is reported as a leak. [`MonitorBuilder::cancel_abandoned`] or a longer limit
/// prevents that. The monitor's own task is never reported.
///
/// Clones are handles of one monitor. When the last is dropped, no more alerts are raised and the monitor's task ends.
/// Abandoned calls continue.
///
/// ```
/// use leakguard::supervise::{CallError, Monitor};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let upstream = Monitor::builder()
///     .max_active(1)
///     .call_timeout(Duration::from_millis(50))
///     .build();
/// assert_eq!(upstream.call(async { "page" }).await, Ok("page"));
///
/// let never = std::future::pending::<&str>();
/// assert_eq!(upstream.call(never).await, Err(CallError::TimedOut));
/// // It is still running, and occupies the only slot.
/// assert_eq!(upstream.call(async { "page" }).await, Err(CallError::Busy));
/// assert_eq!(upstream.tally().active, 1);
/// # }
/// ```
#[derive(Clone)]
pub struct Monitor(Arc<MonitorHandles>);

impl Monitor {
    /// A monitor without a limit, deadline or alert, until they are set.
    pub fn builder() -> MonitorBuilder {
        MonitorBuilder::default()
    }

    pub(crate) fn new(state: MonitorState) -> Self {
        Monitor(Arc::new(MonitorHandles(Arc::new(state))))
    }

    /// Runs `future` as a task of its own, and returns its value.
    ///
    /// Nothing begins before the first poll of the returned future.
    ///
    /// # Errors
    ///
    /// [`CallError::Busy`] at once if `max_active` calls are running, [`CallError::TimedOut`] after `call_timeout`, and
    /// [`CallError::Cancelled`] if the runtime is shut down during the call.
    ///
    /// # Panics
    ///
    /// If the call panics while its caller waits. Also outside of a tokio runtime, and in a runtime without a timer if
    /// there is a `call_timeout` or `alert_after`.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the returned future abandons the call, as its timeout does: it continues and counts as active, or is
    /// cancelled with [`MonitorBuilder::cancel_abandoned`].
    #[track_caller]
    pub fn call<F>(&self, future: F) -> impl Future<Output = Result<F::Output, CallError>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let at = Location::caller();
        self.supervise(move |slot, name| {
            let (call, record) = registration::call(future, name, "Monitor::call", at);
            (tokio::spawn(run_in(slot, call)), record)
        })
    }

    /// As [`call`](Monitor::call), for a future that is not `Send`. It stays on this thread.
    ///
    /// # Errors
    ///
    /// As [`call`](Monitor::call).
    ///
    /// # Panics
    ///
    /// As [`call`](Monitor::call), and outside of a [`LocalSet`](tokio::task::LocalSet).
    #[track_caller]
    pub fn call_local<F>(&self, future: F) -> impl Future<Output = Result<F::Output, CallError>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let at = Location::caller();
        self.supervise(move |slot, name| {
            let (call, record) = registration::call(future, name, "Monitor::call_local", at);
            (tokio::task::spawn_local(run_in(slot, call)), record)
        })
    }

    /// Runs `job` on a thread for blocking calls, and returns its value.
    ///
    /// A closure that has begun cannot be cancelled, not even with
    /// [`cancel_abandoned`](MonitorBuilder::cancel_abandoned). A closure that waits for a thread can.
    ///
    /// # Errors
    ///
    /// As [`call`](Monitor::call).
    ///
    /// # Panics
    ///
    /// As [`call`](Monitor::call).
    ///
    /// # Cancellation safety
    ///
    /// As [`call`](Monitor::call).
    #[track_caller]
    pub fn call_blocking<T, F>(&self, job: F) -> impl Future<Output = Result<T, CallError>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let at = Location::caller();
        self.supervise(move |mut slot, name| {
            let (job, record) = registration::job(job, name, "Monitor::call_blocking", at);
            let held = move || {
                let value = job();
                slot.set_ended();
                value
            };
            (tokio::task::spawn_blocking(held), record)
        })
    }

    /// The numbers of all calls so far.
    pub fn tally(&self) -> Tally {
        self.state().load.lock().tally()
    }

    fn state(&self) -> &Arc<MonitorState> {
        &self.0.0
    }

    async fn supervise<T>(
        &self,
        begin: impl FnOnce(CallSlot, &'static str) -> (JoinHandle<T>, CallRecord),
    ) -> Result<T, CallError> {
        let state = self.state();
        let slot = CallSlot::acquire(&state.load);
        // Also for a refused call: the watch may have ended with the runtime of the call that got the last slot.
        watch_for_stall(state);
        let slot = slot.ok_or(CallError::Busy)?;
        let number = slot.number;
        let (handle, record) = begin(slot, state.name);
        state.load.lock().set_record(number, record);
        let wait = CallWait { state, number, handle };
        wait.value().await
    }
}

async fn run_in<F: Future>(mut slot: CallSlot, call: F) -> F::Output {
    let value = call.await;
    slot.set_ended();
    value
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("name", &self.state().name)
            .field("tally", &self.tally())
            .finish_non_exhaustive()
    }
}
