//! Walks over a function body and rewrites each spawn, await, channel constructor and known macro.
//!
//! No rewriting changes a type, evaluates anything twice, or puts a block around what the user wrote.

mod aliases;
mod argument;
mod borrowed;
mod channel;
mod constructor;
mod glance;
mod inside_macros;
mod local_macros;
mod names;
mod observe;
mod result;
mod select;
mod site;
mod sleep;
mod spawn;
mod value;
mod wait;

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Expr, ExprCall, ImplItem, Item, Local, Pat, Signature, Stmt, TraitItem,
};

pub(crate) use aliases::Aliases;
pub(crate) use channel::rewrite as rewrite_channels;
pub(crate) use constructor::ChannelRules;
pub(crate) use glance::is_plain;
pub(crate) use site::Sites;
pub(crate) use wait::guard;

use crate::fragment::KeepFragments;
use crate::item::is_ours;
use crate::path::Root;
use crate::syntax::bare;
use borrowed::BorrowedVariables;
use observe::ObservedConstructor;
use value::Substitutes;

/// Rewrites one function body.
pub(crate) struct Rewriter<'a> {
    root: &'a Root,
    aliases: &'a Aliases,
    function: String,
    borrowed: BorrowedVariables,
    /// Awaits of the body itself go through the guard; those of blocks inside it may outlive the guard.
    guarded: bool,
    /// The result of the next call is discarded.
    discarded: bool,
    /// The next expression is awaited at once.
    awaited: bool,
    /// The function asks for twins, so that a channel left as it is may leave the function.
    wants_twins: bool,
    changed: bool,
    sites: Sites,
    substitutes: Substitutes,
}

/// What a rewriter reports of a body.
pub(crate) struct Rewritten {
    pub(crate) changed: bool,
    /// The sites of spawns. They are not yet part of the body.
    pub(crate) sites: Sites,
}

impl<'a> Rewriter<'a> {
    pub(crate) fn new(
        root: &'a Root,
        aliases: &'a Aliases,
        sig: &Signature,
        block: &Block,
    ) -> Self {
        let text = block.to_token_stream().to_string();
        Rewriter {
            root,
            aliases,
            function: sig.ident.unraw().to_string(),
            borrowed: BorrowedVariables::collect(sig, block),
            guarded: false,
            discarded: false,
            awaited: false,
            wants_twins: false,
            changed: false,
            sites: Sites::of(&text),
            substitutes: Substitutes::of(&text),
        }
    }

    pub(crate) fn guarded(mut self, guarded: bool) -> Self {
        self.guarded = guarded;
        self
    }

    pub(crate) fn wants_twins(mut self, wants_twins: bool) -> Self {
        self.wants_twins = wants_twins;
        self
    }

    pub(crate) fn body(mut self, block: &mut Block) -> Rewritten {
        self.visit_block_mut(block);
        let sites = self.sites.beside(self.substitutes.into_items());
        Rewritten { changed: self.changed, sites }
    }

    /// A nested function with an attribute of its own is left to that attribute.
    fn nested(&mut self, attrs: &[Attribute], sig: &Signature, block: &mut Block) {
        if sig.constness.is_none() && !attrs.iter().any(is_ours) {
            let inner = Rewriter::new(self.root, self.aliases, sig, block);
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

    /// Visits an expression that was parsed from the tokens of a macro call.
    fn parsed(&mut self, expr: &mut Expr) {
        KeepFragments.visit_expr_mut(expr);
        self.visit_expr_mut(expr);
    }

    /// `let set: JoinSet<_> = futures.collect();`
    fn typed(&mut self, local: &mut Local) {
        if let (Pat::Type(pat), Some(init)) = (&local.pat, &mut local.init)
            && let Expr::MethodCall(call) = &mut *init.expr
            && call.turbofish.is_none()
        {
            spawn::rewrite_collect(self, call, Some(&pat.ty));
        }
    }

    /// Visits an expression whose value is discarded.
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
                _ => {
                    visit_mut::visit_local_mut(self, local);
                    self.typed(local);
                }
            },
            Stmt::Macro(statement) => {
                self.changed |= inside_macros::rewrite(self, &mut statement.mac)
            }
            Stmt::Item(Item::Macro(definition)) => {
                self.changed |= local_macros::rewrite(self.root, &self.function, definition);
            }
            _ => visit_mut::visit_stmt_mut(self, statement),
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let discarded = std::mem::take(&mut self.discarded);
        let awaited = std::mem::replace(&mut self.awaited, matches!(expr, Expr::Await(_)));
        if let Expr::MethodCall(call) = expr {
            spawn::expand_path(self, call);
        }
        match expr {
            // Constants spawn nothing, and paths hold expressions only as const arguments.
            Expr::Lit(_) | Expr::Const(_) | Expr::Verbatim(_) => {}
            Expr::Path(path) if path.qself.is_none() && path.attrs.is_empty() => {
                value::rewrite(self, &mut path.path);
            }
            Expr::Path(_) => {}
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
            // A channel that is discarded at once is none.
            Expr::Call(_) if !discarded && constructor::creates_channel(expr) => {
                let observed = ObservedConstructor::new(&self.function, self.wants_twins, expr);
                *expr = Expr::Verbatim(observed.around(self.root, &*expr));
                self.changed = true;
            }
            // One that is awaited at once is not created anew while it waits.
            Expr::Call(_) if !discarded && !awaited && sleep::creates_sleep(expr) => {
                *expr = sleep::around(self.root, expr);
                self.changed = true;
            }
            Expr::Await(expr) => self.changed |= wait::rewrite(self.root, self.guarded, expr),
            Expr::Call(call) => spawn::rewrite_call(self, call, discarded),
            Expr::MethodCall(call) => {
                spawn::rewrite_collect(self, call, None);
                let site = spawn::rewrite_method(self, call);
                if let Some(site) = site.filter(|_| discarded) {
                    *expr = spawn::discard(self.root, call, &site);
                }
            }
            _ => {}
        }
    }

    /// The path of a callee is no value.
    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        if !matches!(bare(&call.func), Expr::Path(_)) {
            self.visit_expr_mut(&mut call.func);
        }
        call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            Item::Fn(item) => self.nested(&item.attrs, &item.sig, &mut item.block),
            Item::Impl(item) => {
                item.items.iter_mut().for_each(|item| self.visit_impl_item_mut(item))
            }
            Item::Trait(item) => {
                item.items.iter_mut().for_each(|item| self.visit_trait_item_mut(item))
            }
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
        if let TraitItem::Fn(syn::TraitItemFn { attrs, sig, default: Some(block), .. }) = item {
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
