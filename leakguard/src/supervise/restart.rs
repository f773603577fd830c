//! Runs a function, and restarts it when it fails or its heartbeat stops.

use crate::supervise::beat::Beat;
use crate::supervise::failure::{Failure, GaveUp, OnFailure};
use crate::supervise::history::{RestartHistory, RestartLimit};
use crate::supervise::run::{RunEnd, RunSettings};
use crate::supervise::stop::Stop;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Runs a function as a task of its own, with a heartbeat and a stop signal, and restarts it when it fails.
///
/// It fails when it returns an error, when it panics, and when no [`Beat`] comes for [`timeout`](Restart::timeout). In the
/// last case it gets the stop signal, and a report shows where it was stuck. It is restarted after a pause. As with
/// supervisors in Erlang there is a maximum number of restarts within a period, after which the supervision gives up. A
/// run that returns `Ok` ends the supervision.
///
/// Runs do not overlap: the next one begins when the last one has ended. The exception is a run that ignores its stop
/// signal for longer than [`grace`](Restart::grace), which is left behind. In builds that watch it is the finding LG012.
///
/// It works in every build. Each failure goes to [`on_failure`](Restart::on_failure) and, with the feature `tracing`, to
/// the subscriber, as an error with the target `leakguard`. If there is neither it goes to stderr.
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
///             // The beat stops here, so the signal comes after 100 ms, and there is another run.
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
        settings: RunSettings {
            at: Location::caller(),
            name: "",
            timeout: None,
            grace: Duration::from_millis(100),
            is_permanent: false,
            aborts_ignoring: false,
        },
        limit: RestartLimit {
            restarts: 3,
            period: Duration::from_secs(5),
            pause: Duration::from_millis(10),
            longest_pause: Duration::from_secs(1),
        },
        stop: Stop::new(),
        on_failure: None,
    }
}

/// The settings of a supervision, returned by [`restart`].
#[must_use = "nothing runs before `run` is awaited"]
pub struct Restart<F, E> {
    function: F,
    settings: RunSettings,
    limit: RestartLimit,
    stop: Stop,
    on_failure: Option<Box<OnFailure<E>>>,
}

impl<F, E> Restart<F, E> {
    /// The name in reports. The default is none.
    pub fn name(mut self, name: &'static str) -> Self {
        self.settings.name = name;
        self
    }

    /// How long a run may go without a beat, including the first. The default is no limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = Some(timeout);
        self
    }

    /// How long a run may take to end after its stop signal. The default is 100 ms.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Maximum number of restarts within any `period`. The default is 3 in 5 s.
    pub fn at_most(mut self, restarts: usize, period: Duration) -> Self {
        self.limit.restarts = restarts;
        self.limit.period = period;
        self
    }

    /// The pause before a restart: `first`, and twice as long for each restart within the period of
    /// [`at_most`](Restart::at_most), up to `longest`. The default is 10 ms and 1 s.
    pub fn back_off(mut self, first: Duration, longest: Duration) -> Self {
        self.limit.pause = first;
        self.limit.longest_pause = longest;
        self
    }

    /// Whether a run that returns `Ok` is also restarted, which counts as a restart. By default it ends the supervision.
    pub fn permanent(mut self, permanent: bool) -> Self {
        self.settings.is_permanent = permanent;
        self
    }

    /// Whether a run that ignores its stop signal for longer than the `grace` is aborted. By default it continues. An
    /// aborted run ends at its next await.
    pub fn abort_ignoring(mut self, abort: bool) -> Self {
        self.settings.aborts_ignoring = abort;
        self
    }

    /// Ends the supervision at the signal of `stop`.
    pub fn stop_on(mut self, stop: impl Into<Stop>) -> Self {
        self.stop = stop.into();
        self
    }

    /// Calls `callback` with each failure, before the restart or the end of the supervision.
    pub fn on_failure(mut self, callback: impl FnMut(&Failure<E>) + Send + 'static) -> Self {
        self.on_failure = Some(Box::new(callback));
        self
    }

    fn report(&mut self, failure: &Failure<E>) {
        failure.report(self.settings.name, self.on_failure.as_deref_mut());
    }
}

impl<F, R, E> Restart<F, E>
where
    F: FnMut(Beat, Stop) -> R,
    R: Future<Output = Result<(), E>> + Send + 'static,
    E: Send + 'static,
{
    /// Runs the function until it returns `Ok`, or until the signal of [`stop_on`](Restart::stop_on). The signal is passed
    /// on to the run, and this returns when the run has ended, at most after the `grace`. During a pause it returns at
    /// once.
    ///
    /// # Errors
    ///
    /// If more restarts would be needed than are allowed.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with a timer.
    ///
    /// # Cancellation safety
    ///
    /// Dropping this future gives the stop signal to the current run, and aborts it if
    /// [`abort_ignoring`](Restart::abort_ignoring) is set. There is no other run.
    pub async fn run(mut self) -> Result<(), GaveUp<E>> {
        let (mut history, mut restarts) = (RestartHistory::default(), 0);
        loop {
            let end = self.settings.run(&mut self.function, &self.stop).await;
            let failure = match end {
                RunEnd::Failed(failure) if !self.stop.is_stopped() => failure,
                _ => return Ok(()),
            };
            self.report(&failure);
            let Some(pause) = history.pause(&self.limit, Instant::now()) else {
                return Err(GaveUp { restarts, last: failure });
            };
            if stops_within(pause, &self.stop).await {
                return Ok(());
            }
            history.add(Instant::now());
            restarts += 1;
        }
    }
}

/// Whether the signal comes before the pause is over.
async fn stops_within(pause: Duration, stop: &Stop) -> bool {
    tokio::select! {
        biased;
        () = stop.stopped() => true,
        () = sleep(pause) => false,
    }
}

impl<F, E> fmt::Debug for Restart<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restart")
            .field("settings", &self.settings)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
