//! What several files need to know of syn's trees.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprAwait, Path};

/// Looks through parentheses.
pub(crate) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => bare(&paren.expr),
        other => other,
    }
}

/// The names of a path from its end, without generic arguments.
pub(crate) fn names_from_end(path: &Path) -> impl Iterator<Item = String> {
    let segments = path.segments.iter().rev();
    segments.map(|segment| segment.ident.to_string())
}

pub(crate) fn last_name(path: &Path) -> Option<String> {
    names_from_end(path).next()
}

pub(crate) fn is_named(attribute: &Attribute, name: &str) -> bool {
    last_name(attribute.path()).is_some_and(|last| last == name)
}

/// Whether no other macro reads the item: each attribute is one of the language or of a tool.
pub(crate) fn is_last_attribute(attrs: &[Attribute]) -> bool {
    let of_tool = |attribute: &Attribute| {
        let segments = &attribute.path().segments;
        segments.len() > 1 && TOOLS.iter().any(|tool| segments[0].ident == tool)
    };
    let of_language = |attribute: &Attribute| {
        let is = |name: &&str| attribute.path().is_ident(name);
        LANGUAGE.iter().any(is)
    };
    attrs.iter().all(|it| of_language(it) || of_tool(it))
}

const TOOLS: [&str; 2] = ["clippy", "rustfmt"];

/// Without those that mean something else on a function that is not `async`, such as `must_use`, and without `cfg_attr`,
/// which may hold a macro.
const LANGUAGE: [&str; 10] =
    ["allow", "cfg", "cold", "deny", "deprecated", "doc", "expect", "forbid", "inline", "warn"];

/// The span of the first token alone. A joined span has the same start, but also covers tokens that are not ours.
pub(crate) fn first_span(expr: &Expr) -> Span {
    let first = expr.to_token_stream().into_iter().next();
    first.map_or_else(|| expr.span(), |token| token.span())
}

/// Where a reader looks for a wait: at the name of what is awaited, or else at the `await`.
pub(crate) fn await_span(expr: &ExprAwait) -> Span {
    match bare(&expr.base) {
        Expr::MethodCall(call) => call.method.span(),
        Expr::Call(call) if matches!(*call.func, Expr::Path(_)) => first_span(&call.func),
        _ => expr.await_token.span,
    }
}

/// Moves an expression out. `(x).await` needs its parentheses, but as an argument `x` must not have any, or rustc warns.
pub(crate) fn take_operand(expr: &mut Expr) -> Expr {
    let mut operand = std::mem::replace(expr, Expr::Verbatim(Default::default()));
    while let Expr::Paren(paren) = operand {
        if !paren.attrs.is_empty() {
            return Expr::Paren(paren);
        }
        operand = *paren.expr;
    }
    operand
}
