//! One run of a restarted function.

use crate::Dump;
use crate::supervise::beat::Beat;
use crate::supervise::failure::Failure;
use crate::supervise::registration::{self, CallRecord};
use crate::supervise::stop::Stop;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::time::Duration;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout;

/// The settings of each run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunSettings {
    pub(crate) at: &'static Location<'static>,
    pub(crate) name: &'static str,
    pub(crate) timeout: Option<Duration>,
    pub(crate) grace: Duration,
    pub(crate) is_permanent: bool,
    pub(crate) aborts_ignoring: bool,
}

/// How a run ended.
pub(crate) enum RunEnd<E> {
    Done,
    Stopped,
    Failed(Failure<E>),
}

impl RunSettings {
    /// Runs `function` once, until it ends, misses a beat, or the supervision gets the signal of `outer`.
    pub(crate) async fn run<R, E>(
        &self,
        function: &mut impl FnMut(Beat, Stop) -> R,
        outer: &Stop,
    ) -> RunEnd<E>
    where
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Send + 'static,
    {
        if outer.is_stopped() {
            return RunEnd::Stopped;
        }
        let (beat, stop) = (Beat::new(), Stop::new());
        let begin = || function(beat.clone(), stop.clone());
        let future = match catch_unwind(AssertUnwindSafe(begin)) {
            Ok(future) => future,
            Err(payload) => return RunEnd::Failed(Failure::panicked(&*payload)),
        };
        let callee = "leakguard::supervise::restart";
        let (call, record) = registration::call(future, self.name, callee, self.at);
        let mut run =
            Run { handle: tokio::spawn(call), stop, record, aborts: self.aborts_ignoring };
        tokio::select! {
            biased;
            () = outer.stopped() => {
                run.end(self.grace).await;
                RunEnd::Stopped
            }
            joined = &mut run.handle => self.ended(joined),
            silent_for = beat.missed(self.timeout) => {
                // The dump comes first, because the stop signal moves the run on.
                let dump = run.dump(outer).await;
                let ignored_stop = run.end(self.grace).await;
                RunEnd::Failed(Failure::MissedBeat { silent_for, ignored_stop, dump })
            }
        }
    }

    fn ended<E>(&self, joined: Result<Result<(), E>, JoinError>) -> RunEnd<E> {
        match joined {
            Ok(Ok(())) if self.is_permanent => RunEnd::Failed(Failure::Ended),
            Ok(Ok(())) => RunEnd::Done,
            Ok(Err(error)) => RunEnd::Failed(Failure::Failed(error)),
            // It was not cancelled here, so the runtime is being shut down.
            Err(error) => error
                .try_into_panic()
                .map_or(RunEnd::Stopped, |payload| RunEnd::Failed(Failure::panicked(&*payload))),
        }
    }
}

/// A run. It gets its stop signal when this is dropped.
struct Run<T> {
    handle: JoinHandle<T>,
    stop: Stop,
    record: CallRecord,
    aborts: bool,
}

impl<T> Run<T> {
    async fn dump(&self, outer: &Stop) -> Dump {
        tokio::select! {
            biased;
            () = outer.stopped() => registration::dump_at_once(&self.record),
            dump = registration::dump_of_one(&self.record) => dump,
        }
    }

    /// Gives the stop signal and waits until the run has ended, at most for `grace`. Returns whether it ignored the
    /// signal.
    async fn end(&mut self, grace: Duration) -> bool {
        self.stop.stop();
        if timeout(grace, &mut self.handle).await.is_ok() {
            return false;
        }
        registration::note_ignored_stop(&self.record);
        if self.aborts {
            self.handle.abort();
            // An aborted task ends at its next await, which may not come.
            let _ = timeout(grace, &mut self.handle).await;
        }
        true
    }
}

impl<T> Drop for Run<T> {
    fn drop(&mut self) {
        self.stop.stop();
        if self.aborts {
            self.handle.abort();
        }
    }
}
