//! Makes `x.await` note where it waits.

use proc_macro2::Span;
use quote::quote_spanned;
use syn::{Expr, ExprAwait, Ident, Stmt};

use crate::path::Root;
use crate::syntax::{await_span, bare, take_operand};

/// Whether `x.await` has become `wait(x).await`, or `wait_in(&guard, x).await` where the function has a guard. The
/// operand stays part of the same statement, so its temporaries live as long as before.
pub(super) fn rewrite(root: &Root, guarded: bool, expr: &mut ExprAwait) -> bool {
    if is_braced(&expr.base) {
        return false;
    }
    let span = await_span(expr);
    let operand = take_operand(&mut expr.base);
    let tokens = if guarded {
        let (wait, guard) = (root.private("wait_in", span), guard());
        quote_spanned!(span=> #wait(&#guard, #operand))
    } else {
        let wait = root.private("wait", span);
        quote_spanned!(span=> #wait(#operand))
    };
    *expr.base = Expr::Verbatim(tokens);
    true
}

/// rustc warns of `wait({ x })`, but not of `{ x }.await`. The braces cannot go, because they end temporaries.
fn is_braced(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Block(block) => matches!(block.block.stmts[..], [Stmt::Expr(_, None)]),
        _ => false,
    }
}

/// The guard of a function whose body is not wrapped: its awaits set the context instead.
///
/// Its identifier is hygienic, so that it cannot collide with a name of the user's.
pub(crate) fn guard() -> Ident {
    Ident::new("__leakguard_scope", Span::mixed_site())
}
