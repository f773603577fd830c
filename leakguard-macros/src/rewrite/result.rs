//! Makes sends and receives on the ends of a function's own channels look at what they return, and hand it on.
//!
//! Only names are looked at that are bound once in the function, by the pattern of a constructor: so it is known which
//! channel they are of, as far as it is one.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprAwait, ExprCall, ExprMethodCall, Ident, LitStr, Local, Pat, token};

use super::channel::{Channels, names};
use super::observe::{makes_channel, owner, path};
use super::{bare, wait};
use crate::path::Root;

/// A name for one end of a channel, and where that is made.
pub(super) struct End {
    name: Ident,
    made: Span,
}

/// The names of `block` that can only mean the end of one channel.
pub(super) fn ends(block: &Block) -> Vec<End> {
    let mut found = Found::default();
    found.visit_block(block);
    // Who closes a receiver wants no more, and gets errors for it.
    if found.closes {
        return Vec::new();
    }
    let Found {
        ends, bound, set, ..
    } = found;
    let count = |end: &End| bound.iter().filter(|name| **name == end.name).count();
    ends.into_iter()
        .filter(|end| count(end) == 1 && !set.contains(&end.name))
        .collect()
}

#[derive(Default)]
struct Found {
    ends: Vec<End>,
    bound: Vec<Ident>,
    /// Something else may be in these.
    set: Vec<Ident>,
    closes: bool,
}

impl Visit<'_> for Found {
    fn visit_local(&mut self, local: &Local) {
        visit::visit_local(self, local);
        let Some(init) = local.init.as_ref().filter(|init| init.diverge.is_none()) else {
            return;
        };
        if is_looked_at(&init.expr) {
            let made = wait::first(&init.expr);
            let ends = names(&local.pat).into_iter().flatten();
            self.ends.extend(ends.map(|name| End { name, made }));
        } else if let (Pat::Ident(clone), Some(name)) = (&local.pat, cloned(&init.expr)) {
            let of = self.ends.iter().find(|end| end.name == *name);
            let made = of.map(|end| end.made);
            let name = clone.ident.clone();
            self.ends.extend(made.map(|made| End { name, made }));
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
        self.set
            .extend(targets.into_iter().filter_map(name).cloned());
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_method_call(&mut self, call: &ExprMethodCall) {
        self.closes |= call.method == "close";
        visit::visit_expr_method_call(self, call);
    }

    // A function inside has names of its own.
    fn visit_item(&mut self, _: &syn::Item) {}
}

/// Only what is named as one of the channels it is about: others may have a `send` that is not to be an argument, as one
/// that gives `()`.
fn is_looked_at(expr: &Expr) -> bool {
    let known = ["mpsc", "oneshot"];
    let by_module = owner(expr).is_some_and(|owner| known.iter().any(|module| owner == module));
    let alone = ["sync_channel", "unbounded_channel"];
    let last = path(expr).and_then(|path| path.segments.last());
    let by_name = last.is_some_and(|last| alone.iter().any(|name| last.ident == name));
    by_name || by_module && makes_channel(expr)
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

/// `true` if there was one.
pub(super) fn rewrite(root: &Root, channels: &Channels, ends: &[End], block: &mut Block) -> bool {
    let mut walk = Walk {
        root,
        channels,
        ends,
        changed: false,
    };
    if !ends.is_empty() {
        walk.visit_block_mut(block);
    }
    walk.changed
}

struct Walk<'a> {
    root: &'a Root,
    channels: &'a Channels,
    ends: &'a [End],
    changed: bool,
}

impl VisitMut for Walk<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Const(_) | Expr::Path(_) | Expr::Lit(_) | Expr::Verbatim(_) => {}
            Expr::Repeat(repeat) => self.visit_expr_mut(&mut repeat.expr),
            Expr::Await(awaited) if self.awaited(&awaited.base).is_some() => self.hear(awaited),
            Expr::MethodCall(call) if self.sends(call).is_some() => {
                visit_mut::visit_expr_method_call_mut(self, call);
                self.send(expr);
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    // A function inside has a body of its own, and attributes if it wants them.
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

impl Walk<'_> {
    fn end(&self, expr: &Expr) -> Option<&End> {
        let name = name(expr)?;
        self.ends.iter().find(|end| end.name == *name)
    }

    /// `name.send(message)`
    fn sends(&self, call: &ExprMethodCall) -> Option<&End> {
        let plain = call.attrs.is_empty() && call.turbofish.is_none() && call.args.len() == 1;
        let end = self.end(&call.receiver)?;
        (plain && call.method == "send").then_some(end)
    }

    /// The end in what is awaited: a send, a receiver or a receiver that is only lent.
    fn awaited(&self, base: &Expr) -> Option<&End> {
        match bare(base) {
            Expr::MethodCall(call) => self.sends(call),
            Expr::Reference(lent) if lent.mutability.is_some() => self.end(&lent.expr),
            base => self.end(base),
        }
    }

    fn hear(&mut self, awaited: &mut ExprAwait) {
        let span = wait::place(awaited);
        let rule = self.awaited(&awaited.base).map(|end| self.rule(end));
        let mut base = wait::strip(&mut awaited.base);
        if let Expr::MethodCall(call) = &mut base {
            visit_mut::visit_expr_method_call_mut(self, call);
        }
        *awaited.base = self.call("heard", span, rule, base);
    }

    fn send(&mut self, expr: &mut Expr) {
        let Expr::MethodCall(call) = &*expr else {
            return;
        };
        let span = call.method.span();
        let sender = self.root.private("sender_of", span);
        let (name, rule) = (&call.receiver, self.sends(call).map(|end| self.rule(end)));
        let sender = Expr::Verbatim(quote_spanned!(span=> #sender(&#name)));
        let call = std::mem::replace(expr, Expr::Verbatim(TokenStream::new()));
        *expr = self.call("sent", span, rule.into_iter().chain([sender]), call);
    }

    /// Where the channel is made, and what is asked for it.
    fn rule(&self, end: &End) -> Expr {
        let span = end.made;
        let path = self.root.private("way", span);
        let (function, options) = (&self.channels.function, &self.channels.options);
        let function = LitStr::new(function, span);
        Expr::Verbatim(quote_spanned!(span=> #path!(#function, #options)))
    }

    /// A call that others still see as one: what was in its argument is theirs to rewrite.
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
        // The parentheses are ours; the operand keeps its own.
        let paren_token = token::Paren(span);
        Expr::Call(ExprCall {
            attrs: Vec::new(),
            func: Box::new(func),
            paren_token,
            args,
        })
    }
}
