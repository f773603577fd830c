//! Keeps a fragment of `macro_rules!` in one piece.
//!
//! The compiler hands `$e` to an attribute as an invisible group, but ignores such a group where an attribute has printed
//! it (rust-lang/rust#67062): `$e * 2` with `1 + 2` for `$e` would be 5. Parentheses take the place of these groups.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use std::mem::replace;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprParen, Macro, MacroDelimiter, Stmt, Type, TypeParen, token};

/// Visits a tree before anything else changes it.
pub(crate) struct KeepFragments;

impl VisitMut for KeepFragments {
    /// A whole statement is in one piece already, and a block in parentheses would need a semicolon.
    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        if let Stmt::Expr(expr, _) = statement {
            while let Expr::Group(group) = expr {
                // syn has no other form for a whole `let x = y`.
                if let Expr::Let(_) = &*group.expr {
                    return self.visit_expr_mut(&mut group.expr);
                }
                *expr = replace(&mut *group.expr, Expr::Verbatim(TokenStream::new()));
            }
        }
        visit_mut::visit_stmt_mut(self, statement);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        while let Expr::Group(group) = expr {
            let inner = replace(&mut *group.expr, Expr::Verbatim(TokenStream::new()));
            *expr = if is_one_piece(&inner) { inner } else { in_parentheses(inner) };
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        while let Type::Group(group) = ty {
            let inner = replace(&mut *group.elem, Type::Verbatim(TokenStream::new()));
            *ty = if has_plus(&inner) { type_in_parentheses(inner) } else { inner };
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        let tokens = replace(&mut mac.tokens, TokenStream::new());
        mac.tokens = keep_in_tokens(tokens);
        visit_mut::visit_macro_mut(self, mac);
    }
}

/// Whether no operator beside it can take a part of it.
fn is_one_piece(expr: &Expr) -> bool {
    match expr {
        Expr::Array(_)
        | Expr::Await(_)
        | Expr::Call(_)
        | Expr::Group(_)
        | Expr::Index(_)
        | Expr::Lit(_)
        | Expr::MethodCall(_)
        | Expr::Paren(_)
        | Expr::Path(_)
        | Expr::Repeat(_)
        | Expr::Try(_)
        | Expr::Tuple(_) => true,
        Expr::Macro(expr) => !matches!(expr.mac.delimiter, MacroDelimiter::Brace(_)),
        // A field that is called is a method without its parentheses.
        _ => false,
    }
}

/// rustc does not report parentheses as unused if their span is from a macro.
fn parentheses(span: Span) -> token::Paren {
    token::Paren(Span::mixed_site().located_at(span))
}

fn in_parentheses(expr: Expr) -> Expr {
    let paren_token = parentheses(expr.span());
    Expr::Paren(ExprParen { attrs: Vec::new(), paren_token, expr: Box::new(expr) })
}

fn type_in_parentheses(ty: Type) -> Type {
    let paren_token = parentheses(ty.span());
    Type::Paren(TypeParen { attrs: Vec::new(), paren_token, elem: Box::new(ty) })
}

/// `dyn A + B` and `impl A + B`
fn has_plus(ty: &Type) -> bool {
    match ty {
        Type::TraitObject(ty) => ty.bounds.len() > 1,
        Type::ImplTrait(ty) => ty.bounds.len() > 1,
        _ => false,
    }
}

/// The same for the tokens of a macro call. Those in brackets of their own keep their groups, since they are not printed anew.
///
/// A group between two commas stays, so that a macro that shows its arguments shows them as before.
fn keep_in_tokens(tokens: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_edge = |tree: Option<&TokenTree>| match tree {
        Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), ',' | ';'),
        Some(_) => false,
        None => true,
    };
    let kept = trees.iter().enumerate().map(|(at, tree)| match tree {
        TokenTree::Group(group)
            if group.delimiter() == Delimiter::None
                && !(is_edge(trees[..at].last()) && is_edge(trees.get(at + 1))) =>
        {
            TokenTree::Group(keep_group(group))
        }
        other => other.clone(),
    });
    kept.collect()
}

fn keep_group(group: &Group) -> Group {
    let tokens = group.stream();
    let tears = match syn::parse2::<Expr>(tokens.clone()) {
        Ok(expr) => !is_one_piece(&expr) && !may_be_statement(&expr),
        Err(_) => syn::parse2::<Type>(tokens.clone()).is_ok_and(|ty| has_plus(&ty)),
    };
    if !tears {
        return group.clone();
    }
    let mut kept = Group::new(Delimiter::Parenthesis, tokens);
    kept.set_span(parentheses(group.span()).span.join());
    kept
}

/// In parentheses it would need a semicolon, or be no statement at all.
fn may_be_statement(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Block(_)
            | Expr::Const(_)
            | Expr::ForLoop(_)
            | Expr::If(_)
            | Expr::Let(_)
            | Expr::Loop(_)
            | Expr::Macro(_)
            | Expr::Match(_)
            | Expr::TryBlock(_)
            | Expr::Unsafe(_)
            | Expr::While(_)
    )
}
