//! Delivers alerts and failures to a callback, a `tracing` subscriber or stderr.

use std::io::{Write, stderr};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls the user's `callback` if there is one, and sends an event if a subscriber wants it. Writes `text` to stderr if
/// there is neither. A panic in the user's code must not end the supervision.
pub(crate) fn deliver(
    callback: Option<impl FnOnce()>,
    event: impl FnOnce(),
    text: impl FnOnce() -> String,
) {
    let called = callback.map(|callback| catch_unwind(AssertUnwindSafe(callback)));
    let sent = catch_unwind(AssertUnwindSafe(|| send_event(event))).unwrap_or(true);
    if called.is_none() && !sent {
        let text = format!("{}\n", text().trim_end());
        // stderr may be closed.
        let _ = stderr().lock().write_all(text.as_bytes());
    }
}

/// Sends the event if a subscriber wants leakguard's errors. Returns whether it did.
#[cfg(feature = "tracing")]
fn send_event(event: impl FnOnce()) -> bool {
    let wanted = tracing::dispatcher::has_been_set()
        && tracing::enabled!(target: "leakguard", tracing::Level::ERROR);
    wanted.then(event).is_some()
}

#[cfg(not(feature = "tracing"))]
fn send_event(_: impl FnOnce()) -> bool {
    false
}
