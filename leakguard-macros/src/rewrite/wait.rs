//! Makes `x.await` note where it waits.

use proc_macro2::Span;
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Expr, ExprAwait, Stmt};

use super::{Rewriter, bare, guard};

/// `x.await` becomes `wait(x).await`. The operand stays an operand of the same statement, so its temporaries live on.
pub(super) fn rewrite(rewriter: &mut Rewriter<'_>, expr: &mut ExprAwait) {
    if is_braced(&expr.base) {
        return;
    }
    let span = place(expr);
    let operand = strip(&mut expr.base);
    let tokens = if rewriter.guarded {
        let (wait, guard) = (rewriter.root.private("wait_in", span), guard());
        quote_spanned!(span=> #wait(&#guard, #operand))
    } else {
        let wait = rewriter.root.private("wait", span);
        quote_spanned!(span=> #wait(#operand))
    };
    *expr.base = Expr::Verbatim(tokens);
    rewriter.changed = true;
}

/// `{ x }.await` is no warning, but `wait({ x })` is; and the braces cannot go, because they end temporaries.
fn is_braced(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Block(block) => matches!(block.block.stmts[..], [Stmt::Expr(_, None)]),
        _ => false,
    }
}

/// Where a reader looks: at the name of what is awaited, or else at the `await`.
pub(super) fn place(expr: &ExprAwait) -> Span {
    match bare(&expr.base) {
        Expr::MethodCall(call) => call.method.span(),
        Expr::Call(call) if matches!(*call.func, Expr::Path(_)) => first(&call.func),
        _ => expr.await_token.span,
    }
}

/// The first token alone: a joined span would point at the same column, but covers what is not ours.
pub(super) fn first(expr: &Expr) -> Span {
    use quote::ToTokens;
    expr.to_token_stream()
        .into_iter()
        .next()
        .map_or_else(|| expr.span(), |token| token.span())
}

/// `(x).await` needs its parentheses; inside a call they would be a warning.
pub(super) fn strip(expr: &mut Expr) -> Expr {
    let mut taken = std::mem::replace(expr, Expr::Verbatim(Default::default()));
    while let Expr::Paren(paren) = taken {
        if !paren.attrs.is_empty() {
            return Expr::Paren(paren);
        }
        taken = *paren.expr;
    }
    taken
}
