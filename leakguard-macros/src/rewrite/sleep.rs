//! Makes `sleep(time)` note that it creates a timer; its result passes through, whatever it is.

use quote::quote_spanned;
use syn::Expr;

use super::constructor::callee;
use crate::path::Root;
use crate::syntax::{bare, first_span, last_name};

/// Whether `expr` may be a call of `tokio::time::sleep`, by its name alone. The type of the result decides.
pub(super) fn creates_sleep(expr: &Expr) -> bool {
    let Expr::Call(call) = bare(expr) else {
        return false;
    };
    let Some(path) = callee(expr).filter(|_| call.args.len() == 1) else {
        return false;
    };
    let owner = path.segments.iter().rev().nth(1);
    let has_arguments = path.segments.iter().any(|segment| !segment.arguments.is_none());
    let is_time = owner.is_none_or(|owner| owner.ident == "time");
    last_name(path).is_some_and(|name| name == "sleep") && is_time && !has_arguments
}

/// All tokens carry the callee's span, because the runtime reads the location from there. The result is an expression that
/// is still looked at where it is the argument of a spawn.
pub(super) fn around(root: &Root, sleep: &Expr) -> Expr {
    let span = first_span(sleep);
    let note = root.private("sleep", span);
    let tokens = quote_spanned!(span=> #note!(#sleep));
    syn::parse2(tokens.clone()).unwrap_or(Expr::Verbatim(tokens))
}
