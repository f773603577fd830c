//! The body of a test, and how a test fails that leaves something behind.

use crate::call::failure::{fail, show};
use crate::call::future::{Find, Scoped};
use crate::call::output::StoredOutput;
use crate::call::unseen::{KnownRuntime, UnseenCheck};
use crate::call::{self, guard};
use crate::context;
use crate::fact::id::Role;
use crate::fact::options::Options;
use crate::registry::home::Home;
use crate::report::Report;
use crate::site::Site;
use crate::vocabulary::Action;
use std::future::Future;
use std::panic::resume_unwind;
use std::process::Termination;

/// The payload of the panic that ends a test whose body was cancelled, and that asks for another panic.
pub(super) struct Unasked;

/// How a test fails.
struct TestFailure<T> {
    site: &'static Site,
    should_panic: Option<&'static str>,
    /// Shows the error that the test returned.
    show_error: fn(T),
}

impl<T> TestFailure<T> {
    /// Shows the error of the test itself first, because it may be the reason for what was left behind.
    fn end(self, output: Option<T>, report: &Report) -> T {
        match (output, is_asked_for(report, self.should_panic)) {
            (Some(output), false) => {
                // The harness fails a test that did not panic.
                show(self.site, report);
                output
            }
            (None, false) => {
                show(self.site, report);
                resume_unwind(Box::new(Unasked))
            }
            (output, true) => {
                output.into_iter().for_each(self.show_error);
                fail(self.site, report)
            }
        }
    }
}

/// Whether a test may panic with `report`: a report is no panic that a test asks for with `#[should_panic]`, unless it names
/// the code.
pub(super) fn is_asked_for(report: &Report, should_panic: Option<&str>) -> bool {
    should_panic.is_none_or(|text| text.contains("LG") && report.to_string().contains(text))
}

async fn run_async<F: Future>(
    site: &'static Site,
    options: Options,
    show_error: fn(F::Output),
    body: F,
) -> F::Output {
    let rule = call::test_rule(&options);
    let failure = TestFailure { site, should_panic: options.should_panic, show_error };
    let _known = KnownRuntime::here();
    let unseen = UnseenCheck::begin(site, &options, &rule);
    let body = async move {
        // No longer than the body, because the scope may settle after that.
        let _home = context::heritage().scope.and_then(Home::open);
        body.await
    };
    let scoped: Scoped<_, StoredOutput<_>, Find> =
        Scoped::new(site, &options, rule, Role::Collect, body);
    let (output, mut report) = scoped.await;
    if report.is_none() && rule.on_leak != Action::Ignore {
        report = unseen.report().await;
    }
    match (output, report) {
        (Some(output), None) => output,
        (output, Some(report)) => failure.end(output, &report),
        (None, None) => unreachable!("a body is cancelled with a report"),
    }
}

fn run<T>(site: &'static Site, options: Options, show_error: fn(T), body: impl FnOnce() -> T) -> T {
    let rule = call::test_rule(&options);
    let (output, report) = guard::run(site, &options, rule, Role::Collect, body);
    let failure = TestFailure { site, should_panic: options.should_panic, show_error };
    match report {
        Some(report) => failure.end(Some(output), &report),
        None => output,
    }
}

/// As the harness does.
fn show_error(output: impl Termination) {
    output.report();
}

/// Not public API. The body of an async test.
pub fn test<F: Future>(
    site: &'static Site,
    options: Options,
    body: F,
) -> impl Future<Output = F::Output> {
    run_async(site, options, drop, body)
}

/// Not public API. The body of an async test that may return an error.
pub fn test_with_result<F: Future<Output: Termination>>(
    site: &'static Site,
    options: Options,
    body: F,
) -> impl Future<Output = F::Output> {
    run_async(site, options, show_error, body)
}

/// Not public API. The body of a sync test.
pub fn test_sync<T>(site: &'static Site, options: Options, body: impl FnOnce() -> T) -> T {
    run(site, options, drop, body)
}

/// Not public API. The body of a sync test that may return an error.
pub fn test_sync_with_result<T: Termination>(
    site: &'static Site,
    options: Options,
    body: impl FnOnce() -> T,
) -> T {
    run(site, options, show_error, body)
}
