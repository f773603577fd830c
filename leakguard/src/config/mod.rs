//! What the program and its environment configure. Read by every part that decides something.

mod environment;
mod suggest;

use crate::fact::options::{Options, Rule};
use crate::journal;
use crate::lock::Lock;
use crate::stack::thread::SignalPreference;
use crate::vocabulary::Action;
use environment::environment;
use std::io::{Write, stderr};
use std::path::PathBuf;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::time::Duration;

/// How leakguard behaves where an attribute does not say it.
///
/// An argument of an attribute has priority over the environment, and the environment over a `Config`.
///
/// | environment | meaning |
/// |---|---|
/// | `LEAKGUARD` | `off`, `log`, `panic` or `abort`: what happens on a leak or an overrun; `json`: nothing, beside what `LEAKGUARD_JSON` asks for |
/// | `LEAKGUARD_GRACE` | a duration such as `250ms` |
/// | `LEAKGUARD_ALLOW` | as [`Config::allow`] |
/// | `LEAKGUARD_FRAMES` | `all` shows the frames of tokio and of libraries too |
/// | `LEAKGUARD_JSON` | a directory: each process writes its findings to a file of its own there, see [`guide::json`](crate::guide::json) |
/// | `LEAKGUARD_ROOT` | `1` reports what is alive when a runtime of [`leakguard::runtime`](crate::runtime) is dropped |
/// | `LEAKGUARD_STRICT` | `1` makes it a failure of a test, a [`Scope`](crate::Scope) or `main` that it leaves tasks behind which leakguard did not see start |
/// | `LEAKGUARD_TEST_TIMEOUT` | a duration: with `LEAKGUARD_ROOT` a runtime that still runs by then is reported |
/// | `LEAKGUARD_SIGNAL` | the number of the signal by which threads are probed for their stacks, or `off`; the default is a signal that the program does not use |
///
/// A value that is not understood is reported once on stderr, as is an unknown name that starts with `LEAKGUARD_`.
#[derive(Clone, Debug, Default)]
#[must_use = "pass it to `leakguard::configure`"]
pub struct Config {
    on_leak: Option<Action>,
    grace: Option<Duration>,
    allow: Vec<String>,
    all_frames: bool,
    json: Option<PathBuf>,
}

impl Config {
    /// A configuration that changes nothing.
    pub fn new() -> Self {
        Config::default()
    }

    /// What happens on a leak or an overrun. The default is [`Action::Log`].
    pub fn on_leak(mut self, action: Action) -> Self {
        self.on_leak = Some(action);
        self
    }

    /// How long tasks may live after the return of their function. The default is 100 ms.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    /// Findings that are not reported: codes (`LG002`), paths of functions that spawn or are annotated
    /// (`my_crate::pool::start` or the end of such a path), names of tasks (`worker`), spawn sites (`src/pool.rs:27`).
    /// Several are separated by commas. A report ends with what would allow it.
    pub fn allow(mut self, what: &'static str) -> Self {
        self.allow.extend(words(what));
        self
    }

    /// Writes each finding as a line of JSON too, to a file of this process in `directory`. The directory is created. A
    /// process has one such file: the environment has priority, and a second directory no effect.
    ///
    /// [`guide::json`](crate::guide::json) has the fields.
    pub fn json(mut self, directory: impl Into<PathBuf>) -> Self {
        self.json = Some(directory.into());
        self
    }

    /// Shows the frames of tokio and of libraries in stacks too.
    pub fn all_frames(mut self, on: bool) -> Self {
        self.all_frames = on;
        self
    }
}

/// The comma-separated items of an `allow`.
pub(crate) fn words(list: &str) -> impl Iterator<Item = String> + '_ {
    list.split(',').map(|w| w.trim().to_owned()).filter(|w| !w.is_empty())
}

/// How long tasks may live after the return of their function, unless configured.
const GRACE: Duration = Duration::from_millis(100);

/// How long tasks may live after a runtime ends, as long as they move.
const ROOT_GRACE: Duration = Duration::from_millis(200);

static CONFIGURED: Lock<Option<Config>> = Lock::new(None);
/// Most programs configure nothing, and need no lock to find that out.
static IS_CONFIGURED: AtomicBool = AtomicBool::new(false);

/// Configures scopes that open from now on. Scopes that are open keep their rules.
pub fn configure(config: Config) {
    if let Some(directory) = config.json.as_ref().filter(|_| !is_off()) {
        let mut complaints = String::new();
        environment::open(directory, &mut complaints);
        // stderr may be closed.
        let _ = stderr().lock().write_all(complaints.as_bytes());
    }
    *CONFIGURED.lock() = Some(config);
    IS_CONFIGURED.store(true, Release);
}

#[inline]
fn configured<T: Default>(read: impl FnOnce(&Config) -> T) -> T {
    if IS_CONFIGURED.load(Acquire) { read_configured(read) } else { T::default() }
}

#[cold]
fn read_configured<T: Default>(read: impl FnOnce(&Config) -> T) -> T {
    let config = CONFIGURED.lock();
    config.as_ref().map(read).unwrap_or_default()
}

/// Whether the environment has `LEAKGUARD=off`.
#[inline]
pub(crate) fn is_off() -> bool {
    environment().off
}

/// Whether findings go to the JSON file alone: nothing is printed, and nothing fails.
#[inline]
pub(crate) fn is_json_only() -> bool {
    environment().json_only && journal::is_open()
}

/// Whether tasks that leakguard did not see start are a failure.
pub(crate) fn is_strict() -> bool {
    environment().strict
}

/// Whether each runtime of ours has a scope of its own.
pub(crate) fn has_roots() -> bool {
    environment().root.unwrap_or(cfg!(leakguard_shim)) && !is_off()
}

/// By which signal threads may be probed for their stacks.
pub(crate) fn preferred_signal() -> SignalPreference {
    environment().signal
}

/// Whether stacks show every frame.
pub(crate) fn all_frames() -> bool {
    environment().all_frames || configured(|c| c.all_frames)
}

/// All that is allowed program-wide.
pub(crate) fn allowed() -> Vec<String> {
    let mut all: Vec<String> = words(&environment().allow).collect();
    all.extend(configured(|c| c.allow.clone()));
    all
}

/// The rule that follows from an attribute's arguments. `default` applies where nothing else is configured.
#[inline]
pub(crate) fn rule(options: &Options, default: Action) -> Rule {
    let env = environment();
    let on_leak = env.on_leak.or_else(|| configured(|c| c.on_leak)).unwrap_or(default);
    let mut on_overrun = options.on_overrun.unwrap_or(on_leak);
    let mut on_leak = options.on_leak.unwrap_or(on_leak);
    if env.json_only {
        (on_leak, on_overrun) = soften(on_leak, on_overrun);
    }
    Rule {
        timeout: options.timeout,
        overrun: options.timeout,
        grace: options.grace.or(env.grace).or_else(|| configured(|c| c.grace)).unwrap_or(GRACE),
        on_leak,
        on_overrun,
        allow: options.allow,
    }
}

/// What happens on a leak and on an overrun with `LEAKGUARD=json`: nothing is cancelled or aborted. A return that would panic
/// still waits for the verdict, so that none is lost.
#[cold]
fn soften(on_leak: Action, on_overrun: Action) -> (Action, Action) {
    if !journal::is_open() {
        return (on_leak, on_overrun);
    }
    let log = |action, softened: &[Action]| match softened.contains(&action) {
        true => Action::Log,
        false => action,
    };
    (log(on_leak, &[Action::Abort]), log(on_overrun, &[Action::Abort, Action::Panic]))
}

/// The rule of the scope of a runtime, whose findings are only logged.
pub(crate) fn root_rule() -> Rule {
    let grace = environment().grace.or_else(|| configured(|c| c.grace)).unwrap_or(ROOT_GRACE);
    let overrun = environment().test_timeout;
    Rule { grace, overrun, ..rule(&Options::new(), Action::Log) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argument_has_priority_over_default() {
        let rule = rule(&Options::new().grace(7).on_leak(Action::Abort), Action::Panic);
        assert_eq!(rule.grace, Duration::from_nanos(7));
        assert_eq!((rule.on_leak, rule.on_overrun), (Action::Abort, Action::Panic));
    }
}
