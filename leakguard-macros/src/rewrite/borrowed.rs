//! Finds the variables of a function that are `&mut`: passing one to a generic function would move it.

use std::collections::HashSet;

use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprClosure, FnArg, Ident, Local, Pat, PatType, ReceiverKind, Signature, Type,
};

use crate::syntax::bare;

/// Names only, without scopes: a name that is `&mut` anywhere in the function counts as `&mut` everywhere.
#[derive(Default)]
pub(super) struct BorrowedVariables {
    exclusive: HashSet<String>,
    unknown: HashSet<String>,
    self_is_reference: bool,
}

impl BorrowedVariables {
    pub(super) fn collect(sig: &Signature, block: &Block) -> Self {
        let mut variables = BorrowedVariables {
            self_is_reference: takes_reference(sig),
            ..BorrowedVariables::default()
        };
        variables.visit_signature(sig);
        variables.visit_block(block);
        variables
    }

    pub(super) fn is_exclusive(&self, name: &Ident) -> bool {
        self.exclusive.contains(&name.to_string())
    }

    pub(super) fn is_unknown(&self, name: &Ident) -> bool {
        self.unknown.contains(&name.to_string())
    }

    /// Whether a field of `base` can only be copied or reborrowed, never moved out.
    pub(super) fn borrows(&self, base: &Expr) -> bool {
        match bare(base) {
            Expr::Field(field) => self.borrows(&field.base),
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                self.is_exclusive(name) || (name == "self" && self.self_is_reference)
            }),
            _ => false,
        }
    }

    fn note(&mut self, pattern: &Pat, exclusive: bool) {
        let mut names = BoundNames(Vec::new());
        names.visit_pat(pattern);
        let set = if exclusive { &mut self.exclusive } else { &mut self.unknown };
        set.extend(names.0);
    }
}

impl Visit<'_> for BorrowedVariables {
    fn visit_pat_type(&mut self, pattern: &PatType) {
        match &*pattern.ty {
            Type::Reference(reference) if reference.mutability.is_some() => {
                self.note(&pattern.pat, true)
            }
            Type::Infer(_) => self.note(&pattern.pat, false),
            _ => {}
        }
    }

    fn visit_local(&mut self, local: &Local) {
        if let Some(init) = &local.init {
            self.note_local(&local.pat, &init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_closure(&mut self, closure: &ExprClosure) {
        let untyped = closure.inputs.iter().filter(|pattern| !matches!(pattern, Pat::Type(_)));
        untyped.for_each(|pattern| self.note(pattern, false));
        visit::visit_expr_closure(self, closure);
    }

    fn visit_expr_let(&mut self, expr: &syn::ExprLet) {
        self.note(&expr.pat, false);
        visit::visit_expr_let(self, expr);
    }

    fn visit_arm(&mut self, arm: &syn::Arm) {
        self.note(&arm.pat, false);
        visit::visit_arm(self, arm);
    }

    fn visit_expr_for_loop(&mut self, expr: &syn::ExprForLoop) {
        self.note(&expr.pat, false);
        visit::visit_expr_for_loop(self, expr);
    }

    // A nested function has variables of its own, and a rewriter of its own.
    fn visit_item(&mut self, _: &syn::Item) {}
}

impl BorrowedVariables {
    fn note_local(&mut self, pattern: &Pat, value: &Expr) {
        match bare(value) {
            Expr::Reference(reference) if reference.mutability.is_some() => {
                self.note(pattern, true)
            }
            Expr::MethodCall(call) if call.method.to_string().ends_with("_mut") => {
                self.note(pattern, true)
            }
            // A destructured value may bind references by the default binding mode.
            _ if !matches!(pattern, Pat::Ident(_) | Pat::Type(_)) => self.note(pattern, false),
            _ => {}
        }
    }
}

fn takes_reference(sig: &Signature) -> bool {
    let Some(FnArg::Receiver(receiver)) = sig.inputs.first() else {
        return false;
    };
    match &receiver.kind {
        ReceiverKind::Value => false,
        ReceiverKind::Typed(_, ty) => {
            !matches!(&**ty, Type::Path(path) if path.path.is_ident("Self"))
        }
        _ => true,
    }
}

struct BoundNames(Vec<String>);

impl Visit<'_> for BoundNames {
    fn visit_pat_ident(&mut self, pattern: &syn::PatIdent) {
        self.0.push(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }
}
