//! What the program and its environment ask for; read by every part that decides something.

use crate::duration::nanoseconds;
use crate::fact::options::{Action, Options, Rule};
use crate::lock::Lock;
use crate::stack::thread::SignalPreference;
use std::sync::OnceLock;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::time::Duration;

/// How leakguard behaves where an attribute does not say.
///
/// An attribute's argument wins over the environment, that over what is given here.
///
/// | environment | meaning |
/// |---|---|
/// | `LEAKGUARD` | `off`, `log`, `panic` or `abort`: what happens on a leak or an overrun |
/// | `LEAKGUARD_GRACE` | a duration such as `250ms` |
/// | `LEAKGUARD_ALLOW` | as [`Config::allow`] |
/// | `LEAKGUARD_FRAMES` | `all` shows the frames of tokio and of libraries too |
/// | `LEAKGUARD_SIGNAL` | the number of the signal that asks threads for their stacks, or `off`; one that nobody uses unless set |
#[derive(Clone, Debug, Default)]
#[must_use = "pass it to `leakguard::configure`"]
pub struct Config {
    pub(crate) action: Option<Action>,
    pub(crate) grace: Option<Duration>,
    pub(crate) allow: Vec<String>,
    pub(crate) all_frames: bool,
}

impl Config {
    /// Nothing set: the defaults hold.
    pub fn new() -> Self {
        Config::default()
    }

    /// What happens on a leak or an overrun; [`Action::Log`] unless set.
    pub fn action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// How long tasks have after the return of their function; 100 ms unless set.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    /// Findings to keep silent about: codes (`LG002`), paths of functions (`my_crate::pool::start`
    /// or their ends), spawn sites (`src/pool.rs:27`); several with commas between them.
    pub fn allow(mut self, what: &str) -> Self {
        self.allow.extend(words(what));
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
    list.split(',')
        .map(|w| w.trim().to_owned())
        .filter(|w| !w.is_empty())
}

const GRACE: Duration = Duration::from_millis(100);

static GIVEN: Lock<Option<Config>> = Lock::new(None);
/// Nearly every program gives nothing, and need not lock to learn that.
static IS_GIVEN: AtomicBool = AtomicBool::new(false);

/// Sets what holds from now on for scopes that open; scopes that are open keep their rules.
pub fn configure(config: Config) {
    *GIVEN.lock() = Some(config);
    IS_GIVEN.store(true, Release);
}

fn given<T: Default>(read: impl FnOnce(&Config) -> T) -> T {
    if !IS_GIVEN.load(Acquire) {
        return T::default();
    }
    let given = GIVEN.lock();
    given.as_ref().map(read).unwrap_or_default()
}

struct Environment {
    off: bool,
    config: Config,
    signal: SignalPreference,
}

/// Read once: a variable that changes later is another program's affair.
#[inline]
fn environment() -> &'static Environment {
    static READ: OnceLock<Environment> = OnceLock::new();
    READ.get_or_init(|| {
        let var = |name| std::env::var(name).unwrap_or_default();
        let mode = var("LEAKGUARD");
        Environment {
            off: mode == "off",
            signal: signal(&var("LEAKGUARD_SIGNAL")),
            config: Config {
                action: match mode.as_str() {
                    "log" => Some(Action::Log),
                    "panic" => Some(Action::Panic),
                    "abort" => Some(Action::Abort),
                    _ => None,
                },
                grace: duration(&var("LEAKGUARD_GRACE")),
                allow: words(&var("LEAKGUARD_ALLOW")).collect(),
                all_frames: var("LEAKGUARD_FRAMES") == "all",
            },
        }
    })
}

/// Reads `off` or `40`. What is neither is no reason to send anything.
fn signal(text: &str) -> SignalPreference {
    match (text, text.parse()) {
        ("", _) => SignalPreference::Any,
        (_, Ok(number)) => SignalPreference::Only(number),
        _ => SignalPreference::Off,
    }
}

/// Reads what an attribute's duration may be too.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    nanoseconds(text).ok().map(Duration::from_nanos)
}

/// Whether `LEAKGUARD=off` stands.
#[inline]
pub(crate) fn is_off() -> bool {
    environment().off
}

/// By which signal threads may be asked for their stacks.
pub(crate) fn preferred_signal() -> SignalPreference {
    environment().signal
}

/// Whether stacks show every frame.
pub(crate) fn all_frames() -> bool {
    environment().config.all_frames || given(|c| c.all_frames)
}

/// All that is allowed program-wide.
pub(crate) fn allowed() -> Vec<String> {
    let mut all = environment().config.allow.clone();
    all.extend(given(|c| c.allow.clone()));
    all
}

/// Weighs an attribute's arguments; `default` is what happens where nobody says anything.
#[inline]
pub(crate) fn rule(options: &Options, default: Action) -> Rule {
    let env = &environment().config;
    let general = env
        .action
        .or_else(|| given(|c| c.action))
        .unwrap_or(default);
    Rule {
        timeout: options.timeout,
        overrun: options.timeout,
        grace: options
            .grace
            .or(env.grace)
            .or_else(|| given(|c| c.grace))
            .unwrap_or(GRACE),
        on_leak: options.on_leak.unwrap_or(general),
        on_overrun: options.on_overrun.unwrap_or(general),
        allow: options.allow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations() {
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Some(Duration::from_secs(120)));
        for wrong in ["", "soon", "5", "ms", "-1s", "5 parsecs"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn reads_signals() {
        assert_eq!(signal(""), SignalPreference::Any);
        assert_eq!(signal("40"), SignalPreference::Only(40));
        assert_eq!(signal("off"), SignalPreference::Off);
        assert_eq!(signal("none"), SignalPreference::Off);
    }

    #[test]
    fn an_attribute_wins() {
        let rule = rule(
            &Options::new().grace(7).on_leak(Action::Abort),
            Action::Panic,
        );
        assert_eq!(rule.grace, Duration::from_nanos(7));
        assert_eq!(
            (rule.on_leak, rule.on_overrun),
            (Action::Abort, Action::Panic)
        );
    }
}
