//! The body of a test, and how a test fails that leaves something behind.

use crate::call::failure::{fail, show};
use crate::call::future::{Find, Scoped};
use crate::call::output::StoredOutput;
use crate::call::unseen::{KnownRuntime, UnseenCheck};
use crate::call::{self, guard};
use crate::check::summary;
use crate::context;
use crate::fact::finding::Finding;
use crate::fact::id::Role;
use crate::fact::options::{Options, Rule};
use crate::registry::home::Home;
use crate::report::{Report, emit};
use crate::site::Site;
use crate::vocabulary::Action;
use std::future::Future;
use std::panic::resume_unwind;
use std::process::Termination;

/// The payload of the panic that ends a test whose body was cancelled, and that asks for another panic.
pub(super) struct Unasked;

/// How a test shows what it leaves behind, and whether it fails for it.
struct TestFailure<T> {
    site: &'static Site,
    should_panic: Option<&'static str>,
    rule: Rule,
    /// Shows the error that the test returned.
    show_error: fn(T),
}

impl<T> TestFailure<T> {
    /// Passes a test that only logs, and fails any other one with `report`.
    fn end(self, output: Option<T>, report: &Report) -> T {
        let is_asked_for = is_asked_for(report, self.should_panic);
        if self.should_panic.is_some() && is_asked_for {
            // It is what the test is for.
            self.fail(output, report);
        }
        let is_shown = emit::raise(report);
        match output {
            Some(output) if !is_shown => output,
            Some(output) if only_logs(self.site, &self.rule, report) => {
                summary::add(self.site, report, true);
                emit::to_own_output(&report.to_string());
                output
            }
            output => {
                summary::add(self.site, report, false);
                if is_asked_for { self.fail(output, report) } else { self.show(output, report) }
            }
        }
    }

    /// Shows the error of the test itself first, because it may be the reason for what was left behind.
    fn fail(self, output: Option<T>, report: &Report) -> ! {
        output.into_iter().for_each(self.show_error);
        fail(self.site, report)
    }

    /// For a test that asks for another panic. The harness fails it if it does not panic.
    fn show(self, output: Option<T>, report: &Report) -> T {
        show(self.site, report);
        output.unwrap_or_else(|| resume_unwind(Box::new(Unasked)))
    }
}

/// Whether a test with this rule passes in spite of `report`. The overrun of its own function has a rule of its own.
fn only_logs(site: &'static Site, rule: &Rule, report: &Report) -> bool {
    let is_test = |f: &Finding| {
        f.task().is_some_and(|task| task.kind.is_call() && std::ptr::eq(task.site, site))
    };
    rule.on_leak == Action::Log && (rule.on_overrun == Action::Log || !report.iter().any(is_test))
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
    let failure = TestFailure { site, should_panic: options.should_panic, rule, show_error };
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
    let failure = TestFailure { site, should_panic: options.should_panic, rule, show_error };
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
