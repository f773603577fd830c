//! What an attribute asks for. A constant in the user's program.

use crate::vocabulary::Action;
use std::time::Duration;

/// The arguments of an attribute. Not public API. Used by generated code.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) grace: Option<Duration>,
    pub(crate) on_leak: Option<Action>,
    pub(crate) on_overrun: Option<Action>,
    pub(crate) name: Option<&'static str>,
    pub(crate) allow: Option<&'static str>,
    /// What the panic must say that a test asks for. Empty if any panic will do.
    pub(crate) should_panic: Option<&'static str>,
    /// Whether a test fails if there are tasks that leakguard did not see start.
    pub(crate) strict: bool,
}

impl Options {
    pub const fn new() -> Self {
        Options {
            timeout: None,
            grace: None,
            on_leak: None,
            on_overrun: None,
            name: None,
            allow: None,
            should_panic: None,
            strict: false,
        }
    }
    /// In nanoseconds.
    pub const fn timeout(mut self, nanos: u64) -> Self {
        self.timeout = Some(Duration::from_nanos(nanos));
        self
    }
    /// In nanoseconds.
    pub const fn grace(mut self, nanos: u64) -> Self {
        self.grace = Some(Duration::from_nanos(nanos));
        self
    }
    pub const fn on_leak(mut self, action: Action) -> Self {
        self.on_leak = Some(action);
        self
    }
    pub const fn on_overrun(mut self, action: Action) -> Self {
        self.on_overrun = Some(action);
        self
    }
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }
    pub const fn allow(mut self, what: &'static str) -> Self {
        self.allow = Some(what);
        self
    }
    pub const fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }
    pub const fn should_panic(mut self, text: &'static str) -> Self {
        self.should_panic = Some(text);
        self
    }
}

/// What holds for one scope, from attribute, environment, configuration and defaults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// How long after the entry its tasks may live in any case.
    pub(crate) timeout: Option<Duration>,
    /// How long after the entry a call that still runs is reported.
    pub(crate) overrun: Option<Duration>,
    pub(crate) grace: Duration,
    pub(crate) on_leak: Action,
    pub(crate) on_overrun: Action,
    pub(crate) allow: Option<&'static str>,
}

impl Rule {
    /// A placeholder for a record that is not in use.
    pub(crate) const BLANK: Rule = Rule {
        timeout: None,
        overrun: None,
        grace: Duration::ZERO,
        on_leak: Action::Log,
        on_overrun: Action::Log,
        allow: None,
    };
}
