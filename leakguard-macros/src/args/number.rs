//! Reads a number that must be at least one.

use syn::{Error, Expr, Lit, Result};

pub(super) fn parse(value: &Expr, of: &str) -> Result<usize> {
    let number = match value {
        Expr::Lit(syn::ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => None,
    };
    number
        .filter(|&number| number > 0)
        .ok_or_else(|| Error::new_spanned(value, format!("expected a number of {of} above 0")))
}
