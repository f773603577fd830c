//! A limit, a deadline and an alert around calls that may not be cancellable.

use crate::supervise::alert::Alert;
use crate::supervise::call::CallError;
use crate::supervise::load::{Load, Why};
use crate::supervise::seen::{self, Mark};
use crate::supervise::slot::{Shelf, Slot};
use crate::supervise::stall::{Lookout, look_out};
use crate::supervise::stop::Stop;
use crate::supervise::tally::Tally;
use std::fmt;
use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinError, JoinHandle, yield_now};
use tokio::time::timeout;

type OnAlert = Box<dyn Fn(&Alert) + Send + Sync>;

/// What outlives the handles, as long as a call runs.
pub(crate) struct Core {
    pub(crate) name: &'static str,
    call_timeout: Option<Duration>,
    cancels: bool,
    pub(crate) on_alert: Option<OnAlert>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) lookout: Lookout,
    /// Told when the last handle is dropped.
    pub(crate) closed: Stop,
}

/// What all handles share; calls do not, so that it is dropped with the last handle.
struct Hold(Arc<Core>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.closed.stop();
    }
}

/// Supervises calls that may take too long and may not be cancellable: so many at a time, each with
/// a deadline, and an alert when none comes back.
///
/// A call gives its value, or [`CallError::Busy`] at once when `max_active` calls run, or
/// [`CallError::TimedOut`] after `call_timeout`. A call that timed out goes on, because it may be
/// one that nobody can cancel, and counts as active until it ends: so what hangs behind the monitor
/// is never more than `max_active` calls, however many are asked for.
///
/// When all places are taken and no call ends for `alert_after`, an [`Alert`] is raised: once, until
/// a call has ended and all places have been taken again. It goes to the callback and, with the
/// feature `tracing`, to the subscriber, as an error with the target `leakguard`; to standard error
/// if neither is there.
///
/// It works in every build. Where leakguard watches, each call is a task of the scope in which it was
/// made: one that is abandoned and still runs at the limit of that scope *is* a leak, and is reported
/// as one; [`cancel_abandoned`](MonitorBuilder::cancel_abandoned) or a limit that allows for it
/// mends that. The monitor's own task is never reported.
///
/// Clones are handles of one monitor. With the last one everything is let go: no alert is raised any
/// more and no task of the monitor's goes on; calls that are abandoned go on by themselves.
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
/// // It is still there, and takes the only place.
/// assert_eq!(upstream.call(async { "page" }).await, Err(CallError::Busy));
/// assert_eq!(upstream.tally().active, 1);
/// # }
/// ```
#[derive(Clone)]
pub struct Monitor(Arc<Hold>);

impl Monitor {
    /// A monitor without a limit, deadline or alert, until they are set.
    pub fn builder() -> MonitorBuilder {
        MonitorBuilder::default()
    }

    /// Runs `future` as a task of its own, and gives its value.
    ///
    /// Nothing begins before the first poll of what this returns.
    ///
    /// # Errors
    ///
    /// [`CallError::Busy`] at once if `max_active` calls run, [`CallError::TimedOut`] after
    /// `call_timeout`, and [`CallError::Cancelled`] if the runtime is shut down under the call.
    ///
    /// # Panics
    ///
    /// As the call does: its panic goes on here, if somebody still waits for it. Also outside of a
    /// tokio runtime, and in one without a timer where there is a `call_timeout` or `alert_after`.
    ///
    /// # Cancellation safety
    ///
    /// Dropping what this returns abandons the call, as its timeout does: it goes on and counts as
    /// active, or is cancelled where [`MonitorBuilder::cancel_abandoned`] says so.
    #[track_caller]
    pub fn call<F>(&self, future: F) -> impl Future<Output = Result<F::Output, CallError>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let at = Location::caller();
        self.supervise(move |slot, name| {
            let (call, mark) = seen::call(future, name, "Monitor::call", at);
            (tokio::spawn(hold(slot, call)), mark)
        })
    }

    /// As [`call`](Monitor::call), for a future that is not `Send`; it stays on this thread.
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
            let (call, mark) = seen::call(future, name, "Monitor::call_local", at);
            (tokio::task::spawn_local(hold(slot, call)), mark)
        })
    }

    /// Runs `job` on a thread for blocking calls, and gives its value.
    ///
    /// A closure that has begun cannot be cancelled, whatever
    /// [`cancel_abandoned`](MonitorBuilder::cancel_abandoned) says; one that waits for a thread can.
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
            let (job, mark) = seen::job(job, name, "Monitor::call_blocking", at);
            let held = move || {
                let value = job();
                slot.is_over();
                value
            };
            (tokio::task::spawn_blocking(held), mark)
        })
    }

    /// The numbers of all calls so far.
    pub fn tally(&self) -> Tally {
        self.core().shelf.lock().tally()
    }

    fn core(&self) -> &Arc<Core> {
        &self.0.0
    }

    async fn supervise<T>(
        &self,
        begin: impl FnOnce(Slot, &'static str) -> (JoinHandle<T>, Mark),
    ) -> Result<T, CallError> {
        let core = self.core();
        let slot = Slot::take(&core.shelf);
        // A refused call too: the task may have gone with the runtime of the call that took the last place.
        look_out(core);
        let slot = slot.ok_or(CallError::Busy)?;
        let number = slot.number;
        let (handle, mark) = begin(slot, core.name);
        core.shelf.lock().mark(number, mark);
        Waiting {
            core,
            number,
            handle,
        }
        .value()
        .await
    }
}

async fn hold<F: Future>(mut slot: Slot, call: F) -> F::Output {
    let value = call.await;
    slot.is_over();
    value
}

/// The caller, for as long as it waits.
struct Waiting<'a, T> {
    core: &'a Core,
    number: u64,
    handle: JoinHandle<T>,
}

/// So often the caller of a call that is cancelled steps aside, so that the call is gone when the
/// caller goes on. One inside a long poll is not waited for.
const YIELDS: usize = 16;

impl<T> Waiting<'_, T> {
    async fn value(mut self) -> Result<T, CallError> {
        let joined = match self.core.call_timeout {
            Some(limit) => timeout(limit, &mut self.handle).await.ok(),
            None => Some((&mut self.handle).await),
        };
        match joined {
            Some(joined) => value(joined),
            None if self.give_up(Why::TimedOut) => {
                self.see_off().await;
                Err(CallError::TimedOut)
            }
            // It ended just now.
            None => value((&mut self.handle).await),
        }
    }

    fn give_up(&self, why: Why) -> bool {
        let abandoned = self.core.shelf.lock().abandon(self.number, why);
        if abandoned && self.core.cancels {
            self.handle.abort();
        }
        abandoned
    }

    async fn see_off(&self) {
        let mut left = if self.core.cancels { YIELDS } else { 0 };
        while left > 0 && !self.handle.is_finished() {
            left -= 1;
            yield_now().await;
        }
    }
}

impl<T> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        self.give_up(Why::Dropped);
    }
}

fn value<T>(joined: Result<T, JoinError>) -> Result<T, CallError> {
    joined.map_err(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => CallError::Cancelled,
    })
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("name", &self.core().name)
            .field("tally", &self.tally())
            .finish_non_exhaustive()
    }
}

/// How a [`Monitor`] is set up; made by [`Monitor::builder`].
#[derive(Default)]
#[must_use = "call `build`"]
pub struct MonitorBuilder {
    name: &'static str,
    max_active: Option<usize>,
    call_timeout: Option<Duration>,
    alert_after: Option<Duration>,
    cancels: bool,
    on_alert: Option<OnAlert>,
}

impl MonitorBuilder {
    /// What alerts and reports call it; nothing unless set.
    pub fn name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// How many calls may run at a time, abandoned ones included; no limit unless set.
    ///
    /// # Panics
    ///
    /// If `calls` is 0.
    pub fn max_active(mut self, calls: usize) -> Self {
        assert!(calls > 0, "a monitor that lets no call in is of no use");
        self.max_active = Some(calls);
        self
    }

    /// How long a caller waits for its call; no limit unless set.
    pub fn call_timeout(mut self, limit: Duration) -> Self {
        self.call_timeout = Some(limit);
        self
    }

    /// How long all places may be taken without a call that ends before an alert is raised; none is
    /// unless set. It needs a `max_active`.
    pub fn alert_after(mut self, limit: Duration) -> Self {
        self.alert_after = Some(limit);
        self
    }

    /// Whether a call that times out, or whose caller goes away, is cancelled; it is not unless set.
    ///
    /// A cancelled call is dropped where it awaits and takes no place any more; one that does not come
    /// to an await counts as active until it does.
    pub fn cancel_abandoned(mut self, cancel: bool) -> Self {
        self.cancels = cancel;
        self
    }

    /// Has each alert given to `callback`, in a task of the monitor's. It should not block.
    pub fn on_alert(mut self, callback: impl Fn(&Alert) + Send + Sync + 'static) -> Self {
        self.on_alert = Some(Box::new(callback));
        self
    }

    /// The monitor.
    pub fn build(self) -> Monitor {
        let load = Load::new(self.max_active.unwrap_or(usize::MAX), self.alert_after);
        Monitor(Arc::new(Hold(Arc::new(Core {
            name: self.name,
            call_timeout: self.call_timeout,
            cancels: self.cancels,
            on_alert: self.on_alert,
            shelf: Arc::new(Shelf::new(load)),
            lookout: Lookout::default(),
            closed: Stop::new(),
        }))))
    }
}

impl fmt::Debug for MonitorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorBuilder")
            .field("name", &self.name)
            .field("max_active", &self.max_active)
            .field("call_timeout", &self.call_timeout)
            .field("alert_after", &self.alert_after)
            .field("cancel_abandoned", &self.cancels)
            .finish_non_exhaustive()
    }
}
