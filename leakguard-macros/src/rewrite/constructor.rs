//! Recognizes the constructor of a channel in a function's source, and the names that its two halves are bound to.

use proc_macro2::TokenStream;
use syn::{Expr, Ident, Pat, PatIdent, Path};

use super::names::is_constructor_name;
use crate::args::Wrap;
use crate::syntax::{bare, last_name};

/// What the attribute asks for the channels of a function.
pub(crate) struct ChannelRules {
    pub(crate) wrap: Wrap,
    /// How long the queue of an unbounded channel may grow.
    pub(crate) capacity: Option<usize>,
    /// What happens on findings, as an expression.
    pub(crate) options: TokenStream,
    /// The name of the function.
    pub(crate) function: String,
}

/// By the name alone; the type of the result decides.
pub(super) fn creates_channel(expr: &Expr) -> bool {
    let name = callee(expr).and_then(last_name);
    name.is_some_and(|name| is_constructor_name(&name))
}

/// The path of the function that `expr` calls.
pub(super) fn callee(expr: &Expr) -> Option<&Path> {
    let Expr::Call(call) = bare(expr) else {
        return None;
    };
    match bare(&call.func) {
        Expr::Path(path) if call.attrs.is_empty() => Some(&path.path),
        _ => None,
    }
}

/// Whether the called function is named through one of these modules or types.
pub(super) fn is_of(expr: &Expr, owners: &[&str]) -> bool {
    let owner = callee(expr).and_then(|path| path.segments.iter().rev().nth(1));
    owner.is_some_and(|owner| owners.iter().any(|name| owner.ident == name))
}

/// The names in `(tx, mut rx)`.
pub(super) fn halves(pattern: &Pat) -> Option<[Ident; 2]> {
    let Pat::Tuple(pair) = pattern else {
        return None;
    };
    let name = |pattern: &Pat| match pattern {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) => Some(ident.clone()),
        _ => None,
    };
    let names: Option<Vec<Ident>> = pair.elems.iter().map(name).collect();
    names?.try_into().ok()
}
