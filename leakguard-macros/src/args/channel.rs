//! Reads which channels of a function become twins.

use syn::{Error, Expr, Result};

/// Which channels become twins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wrap {
    /// Those whose endpoints provably stay inside the function.
    #[default]
    Auto,
    Always,
    Never,
}

pub(super) fn wrap(value: &Expr) -> Result<Wrap> {
    let expected = "expected one of \"auto\", \"always\", \"never\"";
    let Some(text) = super::literal(value) else {
        return Err(Error::new_spanned(value, expected));
    };
    match text.value().as_str() {
        "auto" => Ok(Wrap::Auto),
        "always" => Ok(Wrap::Always),
        "never" => Ok(Wrap::Never),
        other => Err(Error::new(text.span(), format!("unknown value \"{other}\"; {expected}"))),
    }
}
