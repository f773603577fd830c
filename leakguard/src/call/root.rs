//! What generated code calls for a function and `main`.

use crate::call::boxed::Boxed;
use crate::call::future::{CallStart, Find, Scoped, Verify};
use crate::call::guard;
use crate::call::output::{OutputSlot, StoredOutput};
use crate::call::unseen::{KnownRuntime, UnseenCheck};
use crate::check::repeat;
use crate::config;
use crate::fact::id::Role;
use crate::fact::options::Options;
use crate::report::{Report, emit};
use crate::site::Site;
use crate::vocabulary::Action;
use pin_project_lite::pin_project;
use std::future::Future;

/// Not public API. The body of an annotated async function.
pub fn scope<F: Future, K: OutputSlot<F::Output>>(
    site: &'static Site,
    options: &'static Options,
    _: K,
    body: F,
) -> Scoped<Boxed<F>, K, Verify> {
    Scoped::call(CallStart { site, options }, Boxed::new(body))
}

pin_project! {
    /// Panics with the report of `main`, at the line of its caller.
    struct PanicAtCaller<F> {
        #[pin]
        main: F,
    }
}

/// See `call/failure.rs`.
mod __rust_end_short_backtrace {
    use super::PanicAtCaller;
    use crate::call::failure::panic_at_caller;
    use crate::report::Report;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    impl<T, F: Future<Output = Result<T, Report>>> Future for PanicAtCaller<F> {
        type Output = T;

        #[track_caller]
        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
            match ready!(self.project().main.poll(cx)) {
                Ok(output) => Poll::Ready(output),
                Err(report) => panic_at_caller(report),
            }
        }
    }
}

/// Not public API. The body of an async `main`, which reports at its end.
pub fn main<F: Future>(
    site: &'static Site,
    options: Options,
    body: F,
) -> impl Future<Output = F::Output> {
    PanicAtCaller { main: run(site, options, body) }
}

/// Returns the report if it is to panic.
async fn run<F: Future>(
    site: &'static Site,
    options: Options,
    body: F,
) -> Result<F::Output, Report> {
    let rule = config::rule(&options, Action::Log);
    let _known = KnownRuntime::here();
    let unseen = UnseenCheck::begin(site, &options, &rule);
    let scoped: Scoped<_, StoredOutput<_>, Find> =
        Scoped::new(site, &options, rule, Role::Main, body);
    match scoped.await {
        (Some(output), mut report) => {
            if report.is_none() && rule.on_leak != Action::Ignore {
                report = unseen.report().await;
            }
            log(rule.on_leak, report).map_or(Ok(output), Err)
        }
        (None, report) => {
            let report = report.expect("a body is cancelled with a report");
            emit::raise(&report);
            Err(report)
        }
    }
}

/// Runs the body of a sync `main`. Returns the report if it is to panic.
pub(crate) fn run_sync<T>(
    site: &'static Site,
    options: Options,
    body: impl FnOnce() -> T,
) -> Result<T, Report> {
    let rule = config::rule(&options, Action::Log);
    let (output, report) = guard::run(site, &options, rule, Role::Main, body);
    log(rule.on_leak, report).map_or(Ok(output), Err)
}

/// Logs the report, or returns it if it is to panic. What was logged is written before `main` ends.
fn log(action: Action, report: Option<Report>) -> Option<Report> {
    repeat::tell_all();
    let report = log_one(action, report);
    emit::finish();
    report
}

fn log_one(action: Action, report: Option<Report>) -> Option<Report> {
    match report {
        Some(report) if action != Action::Panic || config::is_json_only() => {
            emit::log(&report);
            None
        }
        report => {
            report.iter().for_each(|report| _ = emit::raise(report));
            report
        }
    }
}
