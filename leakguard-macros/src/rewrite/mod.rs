//! Walks over a function body and hands each spawn, await and known macro to the file that rewrites it.
//!
//! No rewriting changes a type, evaluates anything twice, or puts a block around what the user wrote.

mod aliases;
mod argument;
mod borrowed;
mod channel;
mod glance;
mod inside_macros;
mod observe;
mod result;
mod select;
mod site;
mod spawn;
mod wait;

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, Ident, ImplItem, Item, Pat, Signature, Stmt, TraitItem};

pub(crate) use aliases::Names;
pub(crate) use channel::{Channels, rewrite as channels};
pub(crate) use glance::is_plain;
pub(crate) use site::Sites;

use crate::item::is_ours;
use crate::path::Root;
use borrowed::Borrowed;

/// The guard of a function whose body is not wrapped: its awaits set the context instead.
pub(crate) const GUARD: &str = "__leakguard_scope";

/// Rewrites one function body.
pub(crate) struct Rewriter<'a> {
    root: &'a Root,
    names: &'a Names,
    function: String,
    borrowed: Borrowed,
    /// Awaits of the body itself go through the guard; those of blocks inside it may outlive the guard.
    guarded: bool,
    /// The next call's result is thrown away.
    discarded: bool,
    /// The function asks for twins, so that a channel left as it is may leave the function.
    asked: bool,
    changed: bool,
    sites: Sites,
}

/// What has become of a body.
pub(crate) struct Rewritten {
    /// Whether anything is other than before.
    pub(crate) changed: bool,
    /// The calls that start something.
    pub(crate) sites: Sites,
}

impl<'a> Rewriter<'a> {
    pub(crate) fn new(root: &'a Root, names: &'a Names, sig: &Signature, block: &Block) -> Self {
        let function = syn::ext::IdentExt::unraw(&sig.ident).to_string();
        let borrowed = Borrowed::collect(sig, block);
        Rewriter {
            root,
            names,
            function,
            borrowed,
            guarded: false,
            discarded: false,
            asked: false,
            changed: false,
            sites: Sites::of(block),
        }
    }

    pub(crate) fn guarded(mut self) -> Self {
        self.guarded = true;
        self
    }

    pub(crate) fn asked(mut self, asked: bool) -> Self {
        self.asked = asked;
        self
    }

    /// The sites are not yet in it.
    pub(crate) fn body(mut self, block: &mut Block) -> Rewritten {
        self.visit_block_mut(block);
        Rewritten {
            changed: self.changed,
            sites: self.sites,
        }
    }

    /// One with an attribute of its own is that attribute's.
    fn nested(&mut self, attrs: &[Attribute], sig: &Signature, block: &mut Block) {
        if sig.constness.is_none() && !attrs.iter().any(is_ours) {
            let inner = Rewriter::new(self.root, self.names, sig, block);
            let function = inner.function.clone();
            let Rewritten { changed, sites } = inner.body(block);
            sites.open(self.root, &function, block);
            self.changed |= changed;
        }
    }

    fn unguarded(&mut self, walk: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.guarded, false);
        walk(self);
        self.guarded = before;
    }

    /// The call that a statement consists of gives its handle away.
    fn discard(&mut self, expr: &mut Expr) {
        self.discarded = matches!(expr, Expr::Call(_) | Expr::MethodCall(_));
        self.visit_expr_mut(expr);
        self.discarded = false;
    }
}

impl VisitMut for Rewriter<'_> {
    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        match statement {
            Stmt::Expr(expr, Some(_)) => self.discard(expr),
            Stmt::Local(local) => match &mut local.init {
                Some(init) if matches!(local.pat, Pat::Wild(_)) && init.diverge.is_none() => {
                    self.discard(&mut init.expr);
                }
                _ => visit_mut::visit_local_mut(self, local),
            },
            Stmt::Macro(statement) => {
                self.changed |= inside_macros::rewrite(self, &mut statement.mac)
            }
            _ => visit_mut::visit_stmt_mut(self, statement),
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let discarded = std::mem::take(&mut self.discarded);
        match expr {
            // Paths hold const arguments, and constants are none of our business.
            Expr::Path(_) | Expr::Lit(_) | Expr::Const(_) | Expr::Verbatim(_) => {}
            Expr::Repeat(repeat) => self.visit_expr_mut(&mut repeat.expr),
            Expr::Macro(expr) => self.changed |= inside_macros::rewrite(self, &mut expr.mac),
            Expr::Async(_) | Expr::Closure(_) => {
                self.unguarded(|this| visit_mut::visit_expr_mut(this, expr))
            }
            Expr::Assign(assign) if matches!(*assign.left, Expr::Infer(_)) => {
                self.discard(&mut assign.right)
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
        match expr {
            // One that nobody has is no channel.
            Expr::Call(_) if !discarded && observe::makes_channel(expr) => {
                observe::rewrite(self, expr);
            }
            Expr::Await(expr) => wait::rewrite(self, expr),
            Expr::Call(call) => spawn::rewrite_call(self, call, discarded),
            Expr::MethodCall(call) => {
                let site = spawn::rewrite_method(self, call);
                if let Some(site) = site.filter(|_| discarded) {
                    *expr = spawn::throw_away(self.root, call, &site);
                }
            }
            _ => {}
        }
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            Item::Fn(item) => self.nested(&item.attrs, &item.sig, &mut item.block),
            Item::Impl(item) => item
                .items
                .iter_mut()
                .for_each(|item| self.visit_impl_item_mut(item)),
            Item::Trait(item) => item
                .items
                .iter_mut()
                .for_each(|item| self.visit_trait_item_mut(item)),
            Item::Mod(item) => {
                let items = item.content.iter_mut().flat_map(|(_, items)| items);
                items.for_each(|item| self.visit_item_mut(item));
            }
            // Constants, statics, definitions of macros.
            _ => {}
        }
    }

    fn visit_impl_item_mut(&mut self, item: &mut ImplItem) {
        if let ImplItem::Fn(item) = item {
            self.nested(&item.attrs, &item.sig, &mut item.block);
        }
    }

    fn visit_trait_item_mut(&mut self, item: &mut TraitItem) {
        if let TraitItem::Fn(syn::TraitItemFn {
            attrs,
            sig,
            default: Some(block),
            ..
        }) = item
        {
            self.nested(attrs, sig, block);
        }
    }

    // What follows can hold expressions only as constants.
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
    fn visit_path_mut(&mut self, _: &mut syn::Path) {}
    fn visit_attribute_mut(&mut self, _: &mut syn::Attribute) {}
    fn visit_angle_bracketed_generic_arguments_mut(
        &mut self,
        _: &mut syn::AngleBracketedGenericArguments,
    ) {
    }
}

/// Looks through parentheses and the invisible groups of `macro_rules!`.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => bare(&paren.expr),
        Expr::Group(group) => bare(&group.expr),
        other => other,
    }
}

/// The identifier of the guard; hygienic, so that no name of the user's is in its way.
pub(crate) fn guard() -> Ident {
    Ident::new(GUARD, Span::mixed_site())
}
