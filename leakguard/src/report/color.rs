//! When standard error shows colour.

use std::env;
use std::io::{IsTerminal, stderr};

pub(crate) fn for_stderr() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|v| !v.is_empty());
    let forced = env::var_os("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0");
    let dumb = env::var_os("TERM").is_some_and(|v| v == "dumb");
    is_wanted(is_set("NO_COLOR"), forced, stderr().is_terminal() && !dumb)
}

/// `NO_COLOR` wins over `CLICOLOR_FORCE`, as <https://bixense.com/clicolors> has it.
fn is_wanted(refused: bool, forced: bool, terminal: bool) -> bool {
    !refused && (forced || terminal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_color_wins_and_force_needs_no_terminal() {
        assert!(is_wanted(false, false, true));
        assert!(is_wanted(false, true, false));
        assert!(!is_wanted(false, false, false));
        assert!(!is_wanted(true, true, true));
    }
}
