//! Reads what happens on a finding.

use syn::{Error, Expr, Result};

/// What happens on a finding, by the name of the variant in `leakguard::Action`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ActionArgument(pub(crate) &'static str);

const ACTIONS: [(&str, ActionArgument); 4] = [
    ("log", ActionArgument("Log")),
    ("panic", ActionArgument("Panic")),
    ("abort", ActionArgument("Abort")),
    ("ignore", ActionArgument("Ignore")),
];

pub(super) fn parse(value: &Expr) -> Result<ActionArgument> {
    let expected = "expected one of \"log\", \"panic\", \"abort\", \"ignore\"";
    let Some(text) = super::literal(value) else {
        return Err(Error::new_spanned(value, expected));
    };
    let written = text.value();
    let found = ACTIONS.iter().find(|(name, _)| *name == written);
    found
        .map(|(_, action)| *action)
        .ok_or_else(|| Error::new(text.span(), format!("unknown action \"{written}\"; {expected}")))
}
