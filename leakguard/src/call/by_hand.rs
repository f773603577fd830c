//! Scopes without an attribute.

use crate::call::future::{Find, Scoped};
use crate::call::output::StoredOutput;
use crate::call::unseen::{KnownRuntime, UnseenCheck};
use crate::call::{failure, guard};
use crate::config;
use crate::fact::id::Role;
use crate::fact::options::{Options, Rule};
use crate::report::{Report, emit};
use crate::site::Site;
use crate::vocabulary::Action;
use std::future::Future;
use std::time::Duration;

/// A scope without an attribute. It owns all that is spawned while its body runs. The findings of every annotated
/// function inside it are returned to its caller instead of logged.
///
/// ```
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// #[leakguard::track]
/// async fn forgetful() {
///     tokio::spawn(std::future::pending::<()>());
/// }
///
/// let scope = leakguard::Scope::new("start-up").grace(Duration::from_millis(20));
/// let report = scope.find(forgetful()).await.unwrap_err();
/// assert_eq!(report.findings().len(), 1);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a scope does nothing until `find` or `verify` runs a body in it"]
pub struct Scope {
    site: &'static Site,
    options: Options,
}

impl Scope {
    /// A scope with the name that reports use.
    #[track_caller]
    pub fn new(name: &'static str) -> Self {
        Scope { site: Site::by_hand(name), options: Options::new() }
    }

    /// How long the body may run, and its tasks may live, counted from its start.
    ///
    /// A body that still runs then is cancelled, and the report shows where it was.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How long tasks may live after the body has ended. The default is 100 ms.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.options.grace = Some(grace);
        self
    }

    /// As [`Config::allow`](crate::Config::allow), for this scope.
    pub fn allow(mut self, what: &'static str) -> Self {
        self.options.allow = Some(what);
        self
    }

    fn rule(&self) -> Rule {
        Rule { on_overrun: Action::Panic, ..config::rule(&self.options, Action::Panic) }
    }

    /// As [`Scope::rule`], for a body that fails its caller.
    fn failing(&self) -> Rule {
        match config::is_json_only() {
            true => config::rule(&self.options, Action::Panic),
            false => self.rule(),
        }
    }

    /// Returns no output if the body was cancelled, which always comes with a report.
    async fn run<F: Future>(self, rule: Rule, body: F) -> (Option<F::Output>, Option<Report>) {
        let _known = KnownRuntime::here();
        let unseen = UnseenCheck::begin(self.site, &self.options, &rule);
        let scoped: Scoped<_, StoredOutput<_>, Find> =
            Scoped::new(self.site, &self.options, rule, Role::Collect, body);
        match scoped.await {
            (Some(output), None) => (Some(output), unseen.report().await),
            found => found,
        }
    }

    /// Runs `body`, and waits until all that was spawned in it has ended or its time is up.
    ///
    /// # Errors
    ///
    /// The report on everything that was found.
    pub async fn find<F: Future>(self, body: F) -> Result<F::Output, Report> {
        match self.run(self.rule(), body).await {
            (Some(output), None) => Ok(output),
            (_, Some(report)) => Err(report),
            (None, None) => unreachable!("a body is cancelled with a report"),
        }
    }

    /// As [`find`](Scope::find).
    ///
    /// # Panics
    ///
    /// With the report, if anything was found.
    pub async fn verify<F: Future>(self, body: F) -> F::Output {
        let (output, report) = self.run(self.failing(), body).await;
        self.end(output, report)
    }

    /// Fails with the report, if there is one. With `LEAKGUARD=json` only a body that was stopped fails.
    fn end<T>(self, output: Option<T>, report: Option<Report>) -> T {
        let is_shown = report.as_ref().is_some_and(emit::raise);
        match (output, report) {
            (Some(output), _) if !is_shown => output,
            (_, Some(report)) => failure::fail(self.site, &report),
            (_, None) => unreachable!("a body is cancelled with a report"),
        }
    }

    /// As [`find`](Scope::find), for a body that is not async. It is not cancelled at the timeout.
    ///
    /// Inside a runtime it does not wait, because it would block the tasks that it waits for.
    ///
    /// # Errors
    ///
    /// The report on everything that was found.
    pub fn find_sync<T>(self, body: impl FnOnce() -> T) -> Result<T, Report> {
        let (output, report) =
            guard::run(self.site, &self.options, self.rule(), Role::Collect, body);
        report.map_or(Ok(output), Err)
    }

    /// As [`find_sync`](Scope::find_sync).
    ///
    /// # Panics
    ///
    /// With the report, if anything was found.
    pub fn verify_sync<T>(self, body: impl FnOnce() -> T) -> T {
        let (output, report) =
            guard::run(self.site, &self.options, self.failing(), Role::Collect, body);
        self.end(Some(output), report)
    }
}

/// Runs `body` in a [`Scope`], and waits until all that was spawned in it has ended, at most 100 ms unless
/// [`Config::grace`](crate::Config::grace) sets another limit.
///
/// # Errors
///
/// The report on everything that did not end.
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
#[track_caller]
pub fn find<F: Future>(body: F) -> impl Future<Output = Result<F::Output, Report>> {
    Scope::new("leakguard::find").find(body)
}

/// As [`find`].
///
/// # Panics
///
/// With the report, if anything did not end.
#[track_caller]
pub fn verify<F: Future>(body: F) -> impl Future<Output = F::Output> {
    Scope::new("leakguard::verify").verify(body)
}
