//! Keeps a paused clock of tokio's from advancing past the limit of a scope while the scope waits for its tasks. Otherwise
//! that wait would let each of their timers fire, and a leaked sleep of an hour would end at once.

use crate::check::due::ROUNDING;
use crate::record::scope::ScopeRecord;
use crate::{clock, deadline};
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll};
use std::time;
use tokio::runtime::Handle;
use tokio::time::Sleep;

/// The clock of the runtime that polls a call which waits for its tasks.
#[derive(Debug)]
pub enum PausedClock {
    /// It is not paused, or has no timers.
    Runs,
    /// It is paused, and may advance until this is over: tasks may use their time.
    Advances(Pin<Box<Sleep>>),
    /// It stands still until this is dropped.
    Stands(Sender<()>),
}

impl PausedClock {
    /// The clock of the current runtime, in which the tasks of `scope` have as long as its rule allows.
    pub(crate) fn of(scope: &ScopeRecord) -> Self {
        let span = scope.span().filter(|_| is_paused());
        span.map_or(PausedClock::Runs, |(returned, limit)| {
            let left = limit.since(returned) + ROUNDING;
            PausedClock::Advances(Box::pin(tokio::time::sleep(left)))
        })
    }

    /// Stops the clock and has the tasks of `scope` judged once their time is up.
    pub(crate) fn poll(&mut self, scope: &ScopeRecord, cx: &mut Context<'_>) {
        let PausedClock::Advances(sleep) = self else {
            return;
        };
        if let Poll::Ready(()) = sleep.as_mut().poll(cx) {
            *self = PausedClock::stand();
            scope.progress.hasten();
            deadline::arm(clock::now());
        }
    }

    /// A paused clock does not advance while a blocking call runs.
    fn stand() -> Self {
        let (end, ended) = channel();
        drop(tokio::task::spawn_blocking(move || ended.recv()));
        PausedClock::Stands(end)
    }
}

/// Whether the clock of tokio's does not follow the real one. Only current-thread runtimes can pause theirs.
fn is_paused() -> bool {
    if Handle::try_current().is_err() {
        return false;
    }
    let (before, real) = (tokio::time::Instant::now(), time::Instant::now());
    while real.elapsed().is_zero() {
        std::hint::spin_loop();
    }
    tokio::time::Instant::now() == before
}

// It is only polled by the call that it belongs to, and dropped with it.
impl UnwindSafe for PausedClock {}
impl RefUnwindSafe for PausedClock {}
