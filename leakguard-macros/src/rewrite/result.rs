//! Makes sends and receives on a function's own channels look at their results, and pass them on.
//!
//! Only names that are bound once in the function, by the pattern of a constructor, are looked at: so it is known which
//! channel they belong to.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprAwait, ExprCall, ExprMethodCall, Ident, LitStr, Local, Pat, token};

use super::constructor::{ChannelRules, callee, creates_channel, halves, is_of};
use crate::path::Root;
use crate::syntax::{await_span, bare, first_span, last_name, take_operand};

/// The name of an endpoint, and where its channel is created.
pub(super) struct EndpointName {
    name: Ident,
    created: Span,
}

/// The names in `block` that can only mean an endpoint of one channel.
pub(super) fn endpoints(block: &Block) -> Vec<EndpointName> {
    let mut finder = EndpointFinder::default();
    finder.visit_block(block);
    // After `close()` a sender gets errors as the user intends.
    if finder.closes {
        return Vec::new();
    }
    let mut found = std::mem::take(&mut finder.endpoints);
    found.retain(|endpoint| finder.is_unique(&endpoint.name));
    found
}

#[derive(Default)]
struct EndpointFinder {
    endpoints: Vec<EndpointName>,
    bound: Vec<Ident>,
    /// Variables that may hold another value later.
    assigned: Vec<Ident>,
    closes: bool,
}

impl EndpointFinder {
    fn is_unique(&self, name: &Ident) -> bool {
        self.bound.iter().filter(|bound| *bound == name).count() == 1
            && !self.assigned.contains(name)
    }
}

impl Visit<'_> for EndpointFinder {
    fn visit_local(&mut self, local: &Local) {
        visit::visit_local(self, local);
        let Some(init) = local.init.as_ref().filter(|init| init.diverge.is_none()) else {
            return;
        };
        if is_watched(&init.expr) {
            let created = first_span(&init.expr);
            let names = halves(&local.pat).into_iter().flatten();
            let endpoints = names.map(|name| EndpointName { name, created });
            self.endpoints.extend(endpoints);
        } else if let (Pat::Ident(clone), Some(name)) = (&local.pat, cloned(&init.expr))
            && let Some(original) = self.endpoints.iter().find(|known| known.name == *name)
        {
            let (name, created) = (clone.ident.clone(), original.created);
            self.endpoints.push(EndpointName { name, created });
        }
    }

    fn visit_pat_ident(&mut self, pat: &syn::PatIdent) {
        self.bound.push(pat.ident.clone());
        visit::visit_pat_ident(self, pat);
    }

    fn visit_expr_assign(&mut self, assign: &syn::ExprAssign) {
        let targets = match &*assign.left {
            Expr::Tuple(tuple) => tuple.elems.iter().collect(),
            one => vec![one],
        };
        let names = targets.into_iter().filter_map(name).cloned();
        self.assigned.extend(names);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_method_call(&mut self, call: &ExprMethodCall) {
        self.closes |= call.method == "close";
        visit::visit_expr_method_call(self, call);
    }

    // A nested function has names of its own.
    fn visit_item(&mut self, _: &syn::Item) {}
}

/// Only constructors that are named as those of known channels. Other types may have a `send` whose result must not
/// become an argument, such as `()`.
fn is_watched(expr: &Expr) -> bool {
    let name = callee(expr).and_then(last_name);
    matches!(name.as_deref(), Some("sync_channel" | "unbounded_channel"))
        || is_of(expr, &["mpsc", "oneshot"]) && creates_channel(expr)
}

/// `name`, a variable.
fn name(expr: &Expr) -> Option<&Ident> {
    match bare(expr) {
        Expr::Path(path) if path.attrs.is_empty() && path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

/// The name in `name.clone()`.
fn cloned(expr: &Expr) -> Option<&Ident> {
    match bare(expr) {
        Expr::MethodCall(call) if call.method == "clone" => name(&call.receiver),
        _ => None,
    }
}

/// Returns whether there was a send or receive to rewrite.
pub(super) fn rewrite(
    root: &Root,
    rules: &ChannelRules,
    endpoints: &[EndpointName],
    block: &mut Block,
) -> bool {
    let mut rewriter = ResultRewriter { root, rules, endpoints, changed: false };
    if !endpoints.is_empty() {
        rewriter.visit_block_mut(block);
    }
    rewriter.changed
}

struct ResultRewriter<'a> {
    root: &'a Root,
    rules: &'a ChannelRules,
    endpoints: &'a [EndpointName],
    changed: bool,
}

impl VisitMut for ResultRewriter<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Const(_) | Expr::Path(_) | Expr::Lit(_) | Expr::Verbatim(_) => {}
            Expr::Repeat(repeat) => self.visit_expr_mut(&mut repeat.expr),
            Expr::Await(awaited) if self.awaited(&awaited.base).is_some() => {
                self.rewrite_await(awaited)
            }
            Expr::MethodCall(call) if self.sends(call).is_some() => {
                visit_mut::visit_expr_method_call_mut(self, call);
                self.rewrite_send(expr);
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    // A nested function has a body of its own, and its own attributes.
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    // What follows can hold expressions only as constants.
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
    fn visit_path_mut(&mut self, _: &mut syn::Path) {}
    fn visit_angle_bracketed_generic_arguments_mut(
        &mut self,
        _: &mut syn::AngleBracketedGenericArguments,
    ) {
    }
}

impl ResultRewriter<'_> {
    fn endpoint(&self, expr: &Expr) -> Option<&EndpointName> {
        let name = name(expr)?;
        self.endpoints.iter().find(|known| known.name == *name)
    }

    /// The endpoint in `name.send(message)`.
    fn sends(&self, call: &ExprMethodCall) -> Option<&EndpointName> {
        let plain = call.attrs.is_empty() && call.turbofish.is_none() && call.args.len() == 1;
        let endpoint = self.endpoint(&call.receiver)?;
        (plain && call.method == "send").then_some(endpoint)
    }

    /// The endpoint in what is awaited: a send, a receiver or a borrowed receiver.
    fn awaited(&self, base: &Expr) -> Option<&EndpointName> {
        match bare(base) {
            Expr::MethodCall(call) => self.sends(call),
            Expr::Reference(lent) if lent.mutability.is_some() => self.endpoint(&lent.expr),
            base => self.endpoint(base),
        }
    }

    fn rewrite_await(&mut self, awaited: &mut ExprAwait) {
        let span = await_span(awaited);
        let rule = self.awaited(&awaited.base).map(|known| self.rule(known));
        let mut base = take_operand(&mut awaited.base);
        if let Expr::MethodCall(call) = &mut base {
            visit_mut::visit_expr_method_call_mut(self, call);
        }
        *awaited.base = self.call("inspect_await", span, rule, base);
    }

    fn rewrite_send(&mut self, expr: &mut Expr) {
        let Expr::MethodCall(call) = &*expr else {
            return;
        };
        let span = call.method.span();
        let sender = self.root.private("sender_of", span);
        let (name, rule) = (&call.receiver, self.sends(call).map(|known| self.rule(known)));
        let sender = Expr::Verbatim(quote_spanned!(span=> #sender(&#name)));
        let call = std::mem::replace(expr, Expr::Verbatim(TokenStream::new()));
        *expr = self.call("inspect_send", span, rule.into_iter().chain([sender]), call);
    }

    /// Where the channel is created, and what the attribute asks for it.
    fn rule(&self, endpoint: &EndpointName) -> Expr {
        let span = endpoint.created;
        let path = self.root.private("way", span);
        let (function, options) = (&self.rules.function, &self.rules.options);
        let function = LitStr::new(function, span);
        Expr::Verbatim(quote_spanned!(span=> #path!(#function, #options)))
    }

    /// A call that the other rewriters still recognize as one, so that they can rewrite what its operand contains.
    fn call(
        &mut self,
        name: &str,
        span: Span,
        before: impl IntoIterator<Item = Expr>,
        operand: Expr,
    ) -> Expr {
        self.changed = true;
        let path = self.root.private(name, span);
        let func = syn::parse2(path.clone()).map_or(Expr::Verbatim(path), Expr::Path);
        let mut args: Punctuated<Expr, syn::Token![,]> = before.into_iter().collect();
        args.push(operand);
        Expr::Call(ExprCall {
            attrs: Vec::new(),
            func: Box::new(func),
            paren_token: token::Paren(span),
            args,
        })
    }
}
