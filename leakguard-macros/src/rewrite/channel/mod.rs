//! Makes channels whose endpoints stay inside the function leakguard's own, so that their records are exact.
//!
//! Only the constructor changes, and with it the types of the endpoints. So every use of them must be one that the twins
//! have too, and no use may show the type to other code. A channel in doubt stays tokio's.

mod escape;
mod method;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, LitStr, Local, Pat, Stmt};

use super::constructor::{ChannelRules, callee, halves, is_of};
use super::observe::ObservedConstructor;
use super::result;
use crate::args::Wrap;
use crate::path::Root;
use crate::syntax::{first_span, last_name};
use method::{ALL, Half, KINDS};

/// Rewrites the constructors in the statements of `block` and of the blocks inside. Returns whether there was one.
pub(crate) fn rewrite(root: &Root, rules: &ChannelRules, block: &mut Block) -> bool {
    let endpoints = result::endpoints(block);
    let mut rewriter =
        ConstructorRewriter { root, rules, body: block.to_token_stream(), changed: false };
    rewriter.visit_block_mut(block);
    // Comes last, since a twin is created only where the uses of its endpoints are as the user wrote them.
    rewriter.changed | result::rewrite(root, rules, &endpoints, block)
}

struct ConstructorRewriter<'a> {
    root: &'a Root,
    rules: &'a ChannelRules,
    body: TokenStream,
    changed: bool,
}

impl VisitMut for ConstructorRewriter<'_> {
    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        // A channel that is not kept is none, and rustc's warning about it must stay.
        if !matches!(statement, Stmt::Expr(expr, Some(_)) if may_have_twin(expr)) {
            visit_mut::visit_stmt_mut(self, statement);
        }
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        let init = local.init.as_mut().filter(|init| init.diverge.is_none());
        let pair = matches!(local.pat, Pat::Tuple(_));
        match init.filter(|init| may_have_twin(&init.expr)) {
            Some(_) if matches!(local.pat, Pat::Wild(_)) => {}
            Some(init) if pair => match self.twins(&local.pat) {
                0 => self.call("channel", 0, &mut init.expr),
                kinds => self.call("twin", kinds, &mut init.expr),
            },
            _ => visit_mut::visit_local_mut(self, local),
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Const(_) | Expr::Path(_) | Expr::Lit(_) | Expr::Verbatim(_) => {}
            Expr::Repeat(repeat) => self.visit_expr_mut(&mut repeat.expr),
            _ if may_have_twin(expr) && is_known(expr) => self.call("channel", 0, expr),
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    // A nested function has a body of its own, and its own attributes.
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    // What follows can hold expressions only as constants.
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
}

impl ConstructorRewriter<'_> {
    /// The kinds that may become twins where they are bound to `pattern`.
    fn twins(&self, pattern: &Pat) -> u8 {
        let Some([sender, receiver]) = halves(pattern) else {
            return 0;
        };
        match self.rules.wrap {
            Wrap::Auto => {
                escape::kinds(&self.body, &sender, Half::Sender)
                    & escape::kinds(&self.body, &receiver, Half::Receiver)
            }
            Wrap::Always => ALL,
            Wrap::Never => 0,
        }
    }

    /// Puts one of the runtime's macros around the constructor.
    fn call(&mut self, name: &str, kinds: u8, constructor: &mut Expr) {
        let span = first_span(constructor);
        let path = self.root.private(name, span);
        let (function, options) = (&self.rules.function, &self.rules.options);
        let wants_twins = self.rules.wrap != Wrap::Never;
        let observed = ObservedConstructor::new(function, wants_twins, constructor);
        let function = LitStr::new(function, span);
        let capacity = match self.rules.capacity {
            Some(capacity) => quote_spanned!(span=> ::core::option::Option::Some(#capacity)),
            None => quote_spanned!(span=> ::core::option::Option::None),
        };
        let kinds = (0..KINDS.len()).filter(|kind| kinds & 1 << kind != 0);
        let kinds = kinds.map(|kind| Ident::new(KINDS[kind], span));
        let call = quote_spanned!(span=> #path!(#function, #options, #capacity, [#(#kinds)*], #constructor));
        // A channel without a twin passes through and is observed.
        *constructor = Expr::Verbatim(observed.around(self.root, call));
        self.changed = true;
    }
}

/// By the name alone; the type of the result decides.
fn may_have_twin(expr: &Expr) -> bool {
    let name = callee(expr).and_then(last_name);
    matches!(name.as_deref(), Some("channel" | "unbounded_channel"))
}

/// Whether the type of the result is known at once. The type of another `channel()` may follow only from later uses of
/// the result, and asking for it earlier breaks the build.
fn is_known(expr: &Expr) -> bool {
    is_of(expr, &["broadcast", "mpsc", "oneshot", "watch"])
}
