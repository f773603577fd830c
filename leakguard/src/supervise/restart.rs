//! Runs a function, and starts it again when it fails or its heart stops.

use crate::supervise::beat::Beat;
use crate::supervise::failure::{Failure, GaveUp};
use crate::supervise::history::{History, Limit};
use crate::supervise::seen::{self, Mark};
use crate::supervise::stop::Stop;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

pub(crate) type OnFailure<E> = dyn FnMut(&Failure<E>) + Send;

/// Runs a function as a task of its own, with a heartbeat and a token, and starts it again when it
/// fails.
///
/// It fails when it returns an error, when it panics, and when no [`Beat`] comes for
/// [`timeout`](Restart::timeout). Then it is told to stop, what it was stuck on is reported, and it is
/// started again after a pause, with a limit as supervisors in Erlang have: at most so many restarts
/// in so long a time, or the supervision gives up. A run that returns `Ok` ends the supervision.
///
/// Runs do not overlap: the next one begins when the last one has ended, unless that ignores its
/// token for longer than [`grace`](Restart::grace). Such a run is not waited for; where leakguard
/// watches it is the finding LG012.
///
/// It works in every build. Each failure goes to [`on_failure`](Restart::on_failure) and, with the
/// feature `tracing`, to the subscriber, as an error with the target `leakguard`; to standard error if
/// neither is there.
///
/// ```
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let mut first = true;
/// let ended = leakguard::supervise::restart(move |beat, stop| {
///     let hangs = std::mem::take(&mut first);
///     async move {
///         for _ in 0..10 {
///             tokio::time::sleep(Duration::from_millis(20)).await;
///             beat.beat();
///         }
///         if hangs {
///             // The beat stops here, so the token is told after 100 ms, and there is another run.
///             stop.stopped().await;
///         }
///         Ok::<(), std::io::Error>(())
///     }
/// });
/// assert!(ended.timeout(Duration::from_millis(100)).run().await.is_ok());
/// # }
/// ```
#[track_caller]
pub fn restart<F, R, E>(run: F) -> Restart<F, E>
where
    F: FnMut(Beat, Stop) -> R,
    R: Future<Output = Result<(), E>> + Send + 'static,
    E: Send + 'static,
{
    Restart {
        function: run,
        at: Location::caller(),
        name: "",
        timeout: None,
        grace: Duration::from_millis(100),
        limit: Limit {
            restarts: 3,
            period: Duration::from_secs(5),
            pause: Duration::from_millis(10),
            longest_pause: Duration::from_secs(1),
        },
        permanent: false,
        aborts: false,
        stop: Stop::new(),
        on_failure: None,
    }
}

/// A supervision that is set up; made by [`restart`].
#[must_use = "nothing runs before `run` is awaited"]
pub struct Restart<F, E> {
    function: F,
    at: &'static Location<'static>,
    name: &'static str,
    timeout: Option<Duration>,
    grace: Duration,
    limit: Limit,
    permanent: bool,
    aborts: bool,
    stop: Stop,
    on_failure: Option<Box<OnFailure<E>>>,
}

impl<F, E> Restart<F, E> {
    /// What reports call it; nothing unless set.
    pub fn name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// How long a run may go without a beat, its first one included; no limit unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long a run has to end after it was told to stop; 100 ms unless set.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// At most so many restarts within `period`, any period; 3 in 5 s unless set.
    pub fn at_most(mut self, restarts: usize, period: Duration) -> Self {
        self.limit.restarts = restarts;
        self.limit.period = period;
        self
    }

    /// The pause before a restart: `first`, and twice as long for each restart that lies no longer
    /// back than the period of [`at_most`](Restart::at_most), up to `longest`; 10 ms and 1 s unless set.
    pub fn back_off(mut self, first: Duration, longest: Duration) -> Self {
        self.limit.pause = first;
        self.limit.longest_pause = longest;
        self
    }

    /// Whether a run that returns `Ok` is started again too, which counts as a restart; it ends the
    /// supervision unless set.
    pub fn permanent(mut self, permanent: bool) -> Self {
        self.permanent = permanent;
        self
    }

    /// Whether a run that ignores its token for longer than the `grace` is aborted; it goes on unless
    /// set. One that does not come to an await goes on all the same.
    pub fn abort_ignoring(mut self, abort: bool) -> Self {
        self.aborts = abort;
        self
    }

    /// Has the supervision end when `stop` is told.
    pub fn stop_on(mut self, stop: impl Into<Stop>) -> Self {
        self.stop = stop.into();
        self
    }

    /// Has each failure given to `callback` before the restart or the giving up.
    pub fn on_failure(mut self, callback: impl FnMut(&Failure<E>) + Send + 'static) -> Self {
        self.on_failure = Some(Box::new(callback));
        self
    }

    fn tell(&mut self, failure: &Failure<E>) {
        failure.tell(self.name, self.on_failure.as_deref_mut());
    }
}

/// How one run ended.
enum End<E> {
    Done,
    Stopped,
    Failed(Failure<E>),
}

impl<F, R, E> Restart<F, E>
where
    F: FnMut(Beat, Stop) -> R,
    R: Future<Output = Result<(), E>> + Send + 'static,
    E: Send + 'static,
{
    /// Runs the function until it returns `Ok`, or until the `Stop` of [`stop_on`](Restart::stop_on)
    /// is told: then the run is told too, and this returns when it has ended, after the `grace` at the
    /// most. In a pause it returns at once.
    ///
    /// # Errors
    ///
    /// When there would be more restarts than are allowed.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with a timer.
    ///
    /// # Cancellation safety
    ///
    /// Dropping this future tells the current run to stop, and aborts it where
    /// [`abort_ignoring`](Restart::abort_ignoring) is set; there is no other run.
    pub async fn run(mut self) -> Result<(), GaveUp<E>> {
        let (mut history, mut restarts) = (History::default(), 0);
        loop {
            let failure = match self.once().await {
                End::Failed(failure) if !self.stop.is_stopped() => failure,
                _ => return Ok(()),
            };
            self.tell(&failure);
            let Some(pause) = history.pause(&self.limit, Instant::now()) else {
                return Err(GaveUp {
                    restarts,
                    last: failure,
                });
            };
            if !passes(pause, &self.stop).await {
                return Ok(());
            }
            history.restarted(Instant::now());
            restarts += 1;
        }
    }

    async fn once(&mut self) -> End<E> {
        if self.stop.is_stopped() {
            return End::Stopped;
        }
        let (beat, stop) = (Beat::new(), Stop::new());
        let begin = || (self.function)(beat.clone(), stop.clone());
        let future = match catch_unwind(AssertUnwindSafe(begin)) {
            Ok(future) => future,
            Err(payload) => return End::Failed(Failure::panicked(&*payload)),
        };
        let (call, mark) = seen::call(future, self.name, "leakguard::supervise::restart", self.at);
        let mut running = Running {
            handle: tokio::spawn(call),
            stop,
            mark,
            aborts: self.aborts,
        };
        tokio::select! {
            biased;
            () = self.stop.stopped() => {
                running.end(self.grace).await;
                End::Stopped
            }
            joined = &mut running.handle => match joined {
                Ok(Ok(())) if self.permanent => End::Failed(Failure::Ended),
                Ok(Ok(())) => End::Done,
                Ok(Err(error)) => End::Failed(Failure::Failed(error)),
                // It was not ours to cancel: the runtime is being shut down.
                Err(error) => error.try_into_panic().map_or(End::Stopped, |payload| {
                    End::Failed(Failure::panicked(&*payload))
                }),
            },
            silent_for = beat.missed(self.timeout) => {
                // First the dump: a run that is told to stop is somewhere else.
                let dump = running.dump(&self.stop).await;
                let ignored_stop = running.end(self.grace).await;
                End::Failed(Failure::MissedBeat { silent_for, ignored_stop, dump })
            }
        }
    }
}

/// `false` if the supervision is to end meanwhile.
async fn passes(pause: Duration, stop: &Stop) -> bool {
    tokio::select! {
        biased;
        () = stop.stopped() => false,
        () = sleep(pause) => true,
    }
}

/// One run; told to stop when it is let go.
struct Running<T> {
    handle: JoinHandle<T>,
    stop: Stop,
    mark: Mark,
    aborts: bool,
}

impl<T> Running<T> {
    async fn dump(&self, stop: &Stop) -> crate::Dump {
        tokio::select! {
            biased;
            () = stop.stopped() => seen::dump_at_once(&self.mark),
            dump = seen::dump_of_one(&self.mark) => dump,
        }
    }

    /// Tells it to stop and waits until it has ended, for `grace` at the most; whether it ignored that.
    async fn end(&mut self, grace: Duration) -> bool {
        self.stop.stop();
        if timeout(grace, &mut self.handle).await.is_ok() {
            return false;
        }
        seen::ignored(&self.mark);
        if self.aborts {
            self.handle.abort();
            // An aborted task ends at its next await, which may not come.
            let _ = timeout(grace, &mut self.handle).await;
        }
        true
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.stop.stop();
        if self.aborts {
            self.handle.abort();
        }
    }
}

impl<F, E> fmt::Debug for Restart<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restart")
            .field("name", &self.name)
            .field("timeout", &self.timeout)
            .field("grace", &self.grace)
            .field("limit", &self.limit)
            .field("permanent", &self.permanent)
            .field("abort_ignoring", &self.aborts)
            .finish_non_exhaustive()
    }
}
