//! Reads the environment once, and reports what it does not understand: a misspelt variable must not switch a check off
//! unnoticed.

use super::suggest::nearest;
use crate::duration::nanoseconds;
use crate::journal;
use crate::stack::thread::SignalPreference;
use crate::vocabulary::Action;
use std::fmt::Write as _;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// The known variables beside `LEAKGUARD`, without their prefix.
const NAMES: [&str; 8] =
    ["ALLOW", "FRAMES", "GRACE", "JSON", "ROOT", "SIGNAL", "STRICT", "TEST_TIMEOUT"];
const PREFIX: &str = "LEAKGUARD_";

/// What the environment configures.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) off: bool,
    /// Findings only go to the JSON file.
    pub(super) json_only: bool,
    /// The directory of that file.
    json: Option<PathBuf>,
    pub(super) on_leak: Option<Action>,
    pub(super) grace: Option<Duration>,
    /// As it was written.
    pub(super) allow: String,
    pub(super) all_frames: bool,
    pub(super) signal: SignalPreference,
    pub(super) strict: bool,
    /// `None` if it does not say.
    pub(super) root: Option<bool>,
    /// How long a runtime with a scope may run.
    pub(super) test_timeout: Option<Duration>,
}

/// A variable that changes after the first call has no effect.
#[inline]
pub(super) fn environment() -> &'static Environment {
    static READ: OnceLock<Environment> = OnceLock::new();
    READ.get_or_init(|| {
        let variables = std::env::vars_os();
        let variables =
            variables.filter(|(name, _)| name.as_encoded_bytes().starts_with(b"LEAKGUARD"));
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        let variables = variables.map(|(name, value)| (text(name), text(value)));
        let (environment, mut complaints) = Environment::read(variables);
        environment.open(&mut complaints);
        if !complaints.is_empty() {
            // stderr may be closed.
            let _ = stderr().lock().write_all(complaints.as_bytes());
        }
        environment
    })
}

impl Environment {
    /// What `variables` configure, and one line for each that is not understood. An empty value counts as none.
    fn read(variables: impl Iterator<Item = (String, String)>) -> (Self, String) {
        let (mut read, mut complaints) = (Environment::default(), String::new());
        for (name, value) in variables {
            let is_ours = name == "LEAKGUARD" || name.starts_with(PREFIX);
            if !is_ours || value.is_empty() {
                continue;
            }
            if let Err(complaint) = read.set(&name, value.trim()) {
                let _ = writeln!(complaints, "leakguard: {complaint}");
            }
        }
        if read.json_only && read.json.is_none() {
            // A finding must not get lost.
            read.json_only = false;
            complaints += "leakguard: `LEAKGUARD=json` has no directory, and acts as `log`: set `LEAKGUARD_JSON=DIR`\n";
        }
        (read, complaints)
    }

    /// Opens the file of JSON lines, if one is asked for.
    fn open(&self, complaints: &mut String) {
        if let Some(directory) = self.json.as_ref().filter(|_| !self.off) {
            open(directory, complaints);
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let complain = |error: String| format!("`{name}={value}` is not understood: {error}");
        match name {
            "LEAKGUARD" if value == "off" => self.off = true,
            "LEAKGUARD" if value == "json" => {
                (self.json_only, self.on_leak) = (true, Some(Action::Log));
            }
            "LEAKGUARD" => self.on_leak = Some(action(value).map_err(complain)?),
            "LEAKGUARD_ALLOW" => self.allow = value.to_owned(),
            "LEAKGUARD_FRAMES" if value == "all" => self.all_frames = true,
            "LEAKGUARD_FRAMES" => return Err(complain(expected(&["all"], value))),
            "LEAKGUARD_GRACE" => {
                let grace = nanoseconds(value).map_err(complain)?;
                self.grace = Some(Duration::from_nanos(grace));
            }
            "LEAKGUARD_JSON" => self.json = Some(PathBuf::from(value)),
            "LEAKGUARD_ROOT" if value == "0" => self.root = Some(false),
            "LEAKGUARD_ROOT" if value == "1" => self.root = Some(true),
            "LEAKGUARD_ROOT" => return Err(complain(expected(&["0", "1"], value))),
            "LEAKGUARD_SIGNAL" => {
                // A mistake is no reason to send signals.
                self.signal = SignalPreference::Off;
                self.signal = signal(value).map_err(complain)?;
            }
            "LEAKGUARD_TEST_TIMEOUT" => {
                let timeout = nanoseconds(value).map_err(complain)?;
                self.test_timeout = Some(Duration::from_nanos(timeout));
            }
            "LEAKGUARD_STRICT" if value == "0" => self.strict = false,
            "LEAKGUARD_STRICT" if value == "1" => self.strict = true,
            "LEAKGUARD_STRICT" => return Err(complain(expected(&["0", "1"], value))),
            _ => {
                let known = expected(&NAMES, name.trim_start_matches(PREFIX));
                return Err(complain(format!("after `{PREFIX}` {known}")));
            }
        }
        Ok(())
    }
}

/// Opens the file of JSON lines in `directory`.
pub(super) fn open(directory: &Path, complaints: &mut String) {
    if let Err(error) = journal::open(directory) {
        let directory = directory.display();
        let _ = writeln!(complaints, "leakguard: no JSON can be written to `{directory}`: {error}");
    }
}

fn action(value: &str) -> Result<Action, String> {
    match value {
        "log" => Ok(Action::Log),
        "panic" => Ok(Action::Panic),
        "abort" => Ok(Action::Abort),
        _ => Err(expected(&["off", "log", "panic", "abort", "json"], value)),
    }
}

fn signal(value: &str) -> Result<SignalPreference, String> {
    match value.parse() {
        Ok(number) => Ok(SignalPreference::Only(number)),
        Err(_) if value == "off" => Ok(SignalPreference::Off),
        Err(_) => Err("expected `off` or the number of a signal".to_owned()),
    }
}

/// The known words, and which of them was probably meant.
fn expected(known: &[&str], written: &str) -> String {
    let hint = nearest(written, known)
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("expected `{}`{hint}", known.join("` or `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> (Environment, String) {
        Environment::read([(name.to_owned(), value.to_owned())].into_iter())
    }

    #[test]
    fn known_values_are_read() {
        let grace = |value| read("LEAKGUARD_GRACE", value).0.grace;
        assert_eq!(grace("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(read("LEAKGUARD", "panic").0.on_leak, Some(Action::Panic));
        assert_eq!(read("LEAKGUARD_ALLOW", "a, b").0.allow, "a, b");
        assert!(read("LEAKGUARD_FRAMES", "all").0.all_frames);
        assert!(read("LEAKGUARD", "off").0.off);
        assert_eq!(read("LEAKGUARD_JSON", "a b").0.json, Some(PathBuf::from("a b")));
        assert!(read("LEAKGUARD_STRICT", "1").0.strict);
        assert!(!read("LEAKGUARD_STRICT", "0").0.strict);
        assert_eq!(read("LEAKGUARD_ROOT", "1").0.root, Some(true));
        assert_eq!(read("LEAKGUARD_ROOT", "0").0.root, Some(false));
        let signal = |value| read("LEAKGUARD_SIGNAL", value).0.signal;
        assert_eq!(signal("40"), SignalPreference::Only(40));
        assert_eq!(signal("off"), SignalPreference::Off);
    }

    #[test]
    fn json_alone_needs_a_directory() {
        let both = ["LEAKGUARD", "LEAKGUARD_JSON"].map(|name| (name.to_owned(), "json".to_owned()));
        let (known, complaints) = Environment::read(both.into_iter());
        assert!(known.json_only && complaints.is_empty());
        let (without, complaint) = read("LEAKGUARD", "json");
        assert!(!without.json_only && without.on_leak == Some(Action::Log));
        assert!(complaint.ends_with("set `LEAKGUARD_JSON=DIR`\n"), "{complaint}");
    }

    #[test]
    fn unset_and_foreign_variables_are_ignored() {
        for (name, value) in [("LEAKGUARD", ""), ("LEAKGUARDED", "yes"), ("HOME", "/")] {
            let (read, complaints) = read(name, value);
            assert_eq!(read.signal, SignalPreference::Any);
            assert_eq!(complaints, "");
        }
    }

    #[test]
    fn what_is_not_understood_is_reported_with_what_is_right() {
        let complaint = |name, value| read(name, value).1;
        assert_eq!(
            complaint("LEAKGUARD", "pnaic"),
            "leakguard: `LEAKGUARD=pnaic` is not understood: expected `off` or `log` or `panic` or `abort` or `json`; did you mean `panic`?\n"
        );
        assert_eq!(
            complaint("LEAKGUARD_GRACE", "5"),
            "leakguard: `LEAKGUARD_GRACE=5` is not understood: `5` has no unit; write \"5ms\" or \"5s\"\n"
        );
        assert_eq!(
            complaint("LEAKGUARD_SIGNAL", "none"),
            "leakguard: `LEAKGUARD_SIGNAL=none` is not understood: expected `off` or the number of a signal\n"
        );
        assert!(complaint("LEAKGUARD_GRAC", "5ms").ends_with("did you mean `GRACE`?\n"));
        assert!(!complaint("LEAKGUARD_COLOUR", "red").contains("did you mean"));
    }
}
