//! Whether there is somebody to be told, and the last resort where there is nobody.

use std::io::{Write, stderr};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls the user's `callback` if there is one, and sends an event if somebody listens; to standard
/// error if neither is there. What panics in the user's code must not end the supervision.
pub(crate) fn tell(
    callback: Option<impl FnOnce()>,
    event: impl FnOnce(),
    text: impl FnOnce() -> String,
) {
    let called = callback.map(|callback| catch_unwind(AssertUnwindSafe(callback)));
    let sent = catch_unwind(AssertUnwindSafe(|| is_sent(event))).unwrap_or(true);
    if called.is_none() && !sent {
        let text = format!("{}\n", text().trim_end());
        // Nobody is there to be told when standard error is closed.
        let _ = stderr().lock().write_all(text.as_bytes());
    }
}

/// Whether a subscriber wants to hear of leakguard's errors, and has this one.
#[cfg(feature = "tracing")]
fn is_sent(event: impl FnOnce()) -> bool {
    let wanted = tracing::dispatcher::has_been_set()
        && tracing::enabled!(target: "leakguard", tracing::Level::ERROR);
    wanted.then(event).is_some()
}

#[cfg(not(feature = "tracing"))]
fn is_sent(_: impl FnOnce()) -> bool {
    false
}
