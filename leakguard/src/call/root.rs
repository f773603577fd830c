//! Scopes that gather what every scope inside them finds: tests, `main`, and the same by hand.

use crate::call::future::{Scoped, Verified};
use crate::call::{self, ticket};
use crate::config;
use crate::record::options::{Action, Options};
use crate::report::{Report, emit};
use crate::site::{Site, SiteKind};
use std::future::Future;

/// Not public API. The body of an annotated async function.
pub fn scope<F: Future>(site: &'static Site, options: Options, body: F) -> Verified<F> {
    let rule = config::rule(&options, Action::Log);
    Verified::new(body, call::open(site, &options, rule, false))
}

/// Not public API. The body of an async test.
pub fn test<F: Future>(site: &'static Site, options: Options, body: F) -> Verified<F> {
    Verified::new(
        body,
        call::open(site, &options, call::test_rule(&options), true),
    )
}

/// Not public API. The body of a sync test.
pub fn test_sync<T>(site: &'static Site, options: Options, body: impl FnOnce() -> T) -> T {
    let (output, report) = ticket::gather(site, &options, call::test_rule(&options), body);
    if let Some(report) = report {
        panic!("\n{report}");
    }
    output
}

/// Not public API. The body of an async `main`, which reports at its end.
pub async fn main<F: Future>(site: &'static Site, options: Options, body: F) -> F::Output {
    let rule = config::rule(&options, Action::Log);
    let (output, report) = Scoped::new(body, call::open(site, &options, rule, true)).await;
    act(rule.on_leak, report);
    output
}

/// Not public API. The body of a sync `main`.
pub fn main_sync<T>(site: &'static Site, options: Options, body: impl FnOnce() -> T) -> T {
    let rule = config::rule(&options, Action::Log);
    let (output, report) = ticket::gather(site, &options, rule, body);
    act(rule.on_leak, report);
    output
}

fn act(action: Action, report: Option<Report>) {
    match report {
        Some(report) if action == Action::Panic => panic!("\n{report}"),
        Some(report) => emit::log(&report),
        None => {}
    }
}

/// The site of the scopes that are opened by hand.
static BY_HAND: Site = Site::new(SiteKind::Function, "leakguard::find", "", "leakguard");

/// Runs `body` and waits until all that was started in it has ended, 100 ms at the most unless
/// [`Config::grace`](crate::Config::grace) says otherwise.
///
/// What any annotated function inside it finds comes back here, instead of being logged.
///
/// # Errors
///
/// The report on all that did not end.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// #[leakguard::track]
/// async fn forgetful() {
///     tokio::spawn(std::future::pending::<()>());
/// }
///
/// let report = leakguard::find(forgetful()).await.unwrap_err();
/// assert_eq!(report.findings().len(), 1);
/// # }
/// ```
pub async fn find<F: Future>(body: F) -> Result<F::Output, Report> {
    let options = Options::new();
    let rule = config::rule(&options, Action::Panic);
    let (output, report) = Scoped::new(body, call::open(&BY_HAND, &options, rule, true)).await;
    report.map_or(Ok(output), Err)
}

/// As [`find`].
///
/// # Panics
///
/// With the report, if anything did not end.
pub async fn verify<F: Future>(body: F) -> F::Output {
    match find(body).await {
        Ok(output) => output,
        Err(report) => panic!("\n{report}"),
    }
}
