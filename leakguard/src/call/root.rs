//! What generated code calls for a function and `main`.

use crate::call::boxed::Boxed;
use crate::call::future::{CallStart, Find, Scoped, Verify};
use crate::call::guard;
use crate::call::output::{OutputSlot, StoredOutput};
use crate::call::unseen::{KnownRuntime, UnseenCheck};
use crate::config;
use crate::fact::id::Role;
use crate::fact::options::Options;
use crate::report::{Report, emit};
use crate::site::Site;
use crate::vocabulary::Action;
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

/// Not public API. The body of an async `main`, which reports at its end.
pub async fn main<F: Future>(site: &'static Site, options: Options, body: F) -> F::Output {
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
            deliver(rule.on_leak, report);
            output
        }
        (None, report) => panic!("\n{}", report.expect("a body is cancelled with a report")),
    }
}

/// Not public API. The body of a sync `main`.
pub fn main_sync<T>(site: &'static Site, options: Options, body: impl FnOnce() -> T) -> T {
    let rule = config::rule(&options, Action::Log);
    let (output, report) = guard::run(site, &options, rule, Role::Main, body);
    deliver(rule.on_leak, report);
    output
}

fn deliver(action: Action, report: Option<Report>) {
    match report {
        Some(report) if action == Action::Panic => panic!("\n{report}"),
        Some(report) => emit::log(&report),
        None => {}
    }
}
