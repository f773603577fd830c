//! Not public API. What the code of `#[leakguard::monitor]` uses, in every build.

use crate::supervise::error::CallError;
use crate::supervise::monitor::Monitor;
use std::future::Future;

pub use std::sync::LazyLock as Lazy;
pub use std::time::Duration;

/// What a function under `#[leakguard::monitor]` may return.
#[diagnostic::on_unimplemented(
    message = "a function under `#[leakguard::monitor]` returns a `Result`, and not `{Self}`",
    label = "this cannot hold the error of a call that was refused or timed out",
    note = "return a `Result<_, E>` whose `E` is `From<leakguard::supervise::CallError>`"
)]
pub trait Outcome {
    /// The call returned no value.
    fn failed(error: CallError) -> Self;
}

impl<T, E: From<CallError>> Outcome for Result<T, E> {
    fn failed(error: CallError) -> Self {
        Err(error.into())
    }
}

/// Runs the body of a function in its monitor.
#[track_caller]
pub fn supervised<F>(
    monitor: &'static Monitor,
    body: F,
) -> impl Future<Output = Result<F::Output, CallError>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    monitor.call(body)
}

/// What the function returns. It is separate from the call, so that a wrong type is one error.
pub fn outcome<T: Outcome>(called: Result<T, CallError>) -> T {
    called.unwrap_or_else(T::failed)
}
