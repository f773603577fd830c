//! Colour, and when there is any; knows no finding.

use std::env;
use std::fmt::Display;
use std::io::{IsTerminal, stderr};

/// What a piece of a report is, which decides its colour.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ink {
    /// The code and the underline.
    Alarm,
    /// The title.
    Title,
    /// Arrows, bars and line numbers.
    Frame,
    /// The word before the remedy.
    Help,
}

impl Ink {
    /// The colours that rustc uses, which a reader of Rust need not learn.
    fn start(self) -> &'static str {
        match self {
            Ink::Alarm => "\x1b[1;31m",
            Ink::Title => "\x1b[1m",
            Ink::Frame => "\x1b[1;34m",
            Ink::Help => "\x1b[1;36m",
        }
    }
}

/// Puts colour on, or leaves it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    pub(crate) on: bool,
}

impl Paint {
    /// What suits standard error now.
    pub(crate) fn for_stderr() -> Self {
        let is_set = |name| env::var_os(name).is_some_and(|v| !v.is_empty());
        let forced = env::var_os("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0");
        let dumb = env::var_os("TERM").is_some_and(|v| v == "dumb");
        Paint {
            on: wanted(is_set("NO_COLOR"), forced, stderr().is_terminal() && !dumb),
        }
    }

    pub(crate) fn with(self, ink: Ink, text: impl Display) -> String {
        match self.on {
            true => format!("{}{text}\x1b[0m", ink.start()),
            false => text.to_string(),
        }
    }
}

/// `NO_COLOR` wins over `CLICOLOR_FORCE`, as <https://bixense.com/clicolors> has it.
fn wanted(refused: bool, forced: bool, terminal: bool) -> bool {
    !refused && (forced || terminal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_wins_and_force_needs_no_terminal() {
        assert!(wanted(false, false, true));
        assert!(wanted(false, true, false));
        assert!(!wanted(false, false, false));
        assert!(!wanted(true, true, true));
    }

    #[test]
    fn off_leaves_the_text_alone() {
        assert_eq!(Paint { on: false }.with(Ink::Alarm, "leak"), "leak");
        assert_eq!(
            Paint { on: true }.with(Ink::Alarm, "leak"),
            "\x1b[1;31mleak\x1b[0m"
        );
    }
}
