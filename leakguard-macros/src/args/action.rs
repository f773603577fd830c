//! Reads what is to happen on a finding.

use syn::{Error, Expr, Result};

/// What is to happen on a finding, by the name of the variant in `private::Action`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Action(pub(crate) &'static str);

const ACTIONS: [(&str, Action); 4] = [
    ("log", Action("Log")),
    ("panic", Action("Panic")),
    ("abort", Action("Abort")),
    ("ignore", Action("Ignore")),
];

pub(super) fn parse(value: &Expr) -> Result<Action> {
    let expected = "expected one of \"log\", \"panic\", \"abort\", \"ignore\"";
    let Some(text) = super::literal(value) else {
        return Err(Error::new_spanned(value, expected));
    };
    let written = text.value();
    let found = ACTIONS.iter().find(|(name, _)| *name == written);
    found.map(|(_, action)| *action).ok_or_else(|| {
        Error::new(
            text.span(),
            format!("unknown action \"{written}\"; {expected}"),
        )
    })
}
