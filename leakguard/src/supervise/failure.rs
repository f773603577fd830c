//! Why a run is restarted, and the error of a supervision that no longer restarts it.

use crate::Dump;
use crate::supervise::delivery::deliver;
use crate::time::readable;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// The user's callback.
pub(crate) type OnFailure<E> = dyn FnMut(&Failure<E>) + Send;

/// Why a run under [`restart`](crate::supervise::restart()) failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure<E> {
    /// No beat came for the `timeout`.
    #[non_exhaustive]
    MissedBeat {
        /// The time since its last beat, or since its start.
        silent_for: Duration,
        /// Whether it ignored its stop signal, so that it was left behind.
        ignored_stop: bool,
        /// Where it was stuck: the dump of this one task. Empty in builds that do not watch.
        dump: Dump,
    },
    /// It panicked with this message.
    Panicked(String),
    /// It returned this error.
    Failed(E),
    /// It returned `Ok`, although it is [`permanent`](crate::supervise::Restart::permanent).
    Ended,
}

impl<E> Failure<E> {
    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Failure::Panicked(text.unwrap_or_else(|| "a value that is no text".to_owned()))
    }

    /// What is known for any `E`.
    fn describe(&self) -> String {
        match self {
            Failure::MissedBeat { silent_for, ignored_stop, .. } => {
                let ignored = if *ignored_stop { ", and it ignored its stop signal" } else { "" };
                format!("no beat came for {}{ignored}", readable(*silent_for))
            }
            Failure::Panicked(text) => format!("it panicked: {text}"),
            Failure::Failed(_) => "it returned an error".to_owned(),
            Failure::Ended => "it ended".to_owned(),
        }
    }

    /// Delivers it to the callback and to `tracing`, or to stderr if there is neither.
    pub(crate) fn report(&self, name: &'static str, callback: Option<&mut OnFailure<E>>) {
        let text = || {
            let name = if name.is_empty() { "a run" } else { name };
            let dump = match self {
                Failure::MissedBeat { dump, .. } => dump.to_string(),
                _ => String::new(),
            };
            format!("restart: `{name}` failed: {}\n{dump}", self.describe())
        };
        deliver(callback.map(|callback| || callback(self)), || send(name, text().trim_end()), text);
    }
}

#[cfg(feature = "tracing")]
fn send(name: &str, text: &str) {
    tracing::error!(target: "leakguard", run = name, "{text}");
}

#[cfg(not(feature = "tracing"))]
fn send(_: &str, _: &str) {}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Failed(error) => write!(f, "it returned an error: {error}"),
            other => f.write_str(&other.describe()),
        }
    }
}

/// A supervision ended because of too many restarts in too short a time.
#[derive(Debug)]
#[non_exhaustive]
pub struct GaveUp<E> {
    /// Number of restarts since the beginning.
    pub restarts: u64,
    /// Why the last run failed.
    pub last: Failure<E>,
}

impl<E: fmt::Display> fmt::Display for GaveUp<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gave up after {} restarts; of the last run: {}", self.restarts, self.last)
    }
}

impl<E: fmt::Debug + fmt::Display> Error for GaveUp<E> {}
