//! What the expansion must know of a function: where its future is, and what it returns.

use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprCall, GenericArgument, Pat, PathArguments, PathSegment, ReturnType, Signature,
    Stmt, Type, TypeParamBound,
};

use crate::syntax::{last_name, names_from_end};

/// How the body of a function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyShape {
    /// On the caller's stack, until it returns.
    Sync,
    /// As a future.
    Async,
    /// As a future that must not be wrapped: it returns a closure, whose expected type would be lost, or never returns.
    Unwrapped,
    /// As an async block in the body, written by hand or by an attribute that ran before ours.
    Block,
}

impl BodyShape {
    pub(crate) fn of(sig: &Signature, block: &mut Block) -> Self {
        match (sig.asyncness, &sig.output) {
            (Some(_), ReturnType::Type(_, ty))
                if matches!(**ty, Type::Never(_)) || returns_closure(ty) =>
            {
                BodyShape::Unwrapped
            }
            (Some(_), _) => BodyShape::Async,
            (None, _) if future_of(block).is_some() => BodyShape::Block,
            (None, _) => BodyShape::Sync,
        }
    }
}

/// The async block that is the actual body of a function that is not `async` itself.
pub(crate) fn future_of(block: &mut Block) -> Option<&mut Expr> {
    if blocks_on_body(block) {
        return body_of_runtime(block);
    }
    match block.stmts.last_mut()? {
        Stmt::Expr(tail, None) => async_block(tail),
        _ => None,
    }
}

/// `#[tokio::test]` and `#[tokio::main]`, when they ran first, leave `let body = async { … };` and `….block_on(body)`.
fn blocks_on_body(block: &Block) -> bool {
    let Some(Stmt::Expr(tail, _)) = block.stmts.last() else {
        return false;
    };
    let mut finder = BlockOn(false);
    finder.visit_expr(tail);
    finder.0
}

struct BlockOn(bool);

impl Visit<'_> for BlockOn {
    fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
        let body =
            |argument: &Expr| matches!(argument, Expr::Path(path) if path.path.is_ident("body"));
        self.0 |= call.method == "block_on" && call.args.iter().any(body);
        visit::visit_expr_method_call(self, call);
    }
}

fn body_of_runtime(block: &mut Block) -> Option<&mut Expr> {
    block.stmts.iter_mut().find_map(|statement| match statement {
        Stmt::Local(local) if matches!(&local.pat, Pat::Ident(name) if name.ident == "body") => {
            async_block(&mut local.init.as_mut()?.expr)
        }
        _ => None,
    })
}

/// `async {}`, also as the argument of `Box::pin(..)` and the like, or as the receiver of `.boxed()`.
fn async_block(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::Async(_) => Some(expr),
        Expr::Paren(paren) => async_block(&mut paren.expr),
        Expr::Call(call) if is_box(call) => async_block(call.args.first_mut()?),
        Expr::MethodCall(call) if call.method == "boxed" || call.method == "boxed_local" => {
            async_block(&mut call.receiver)
        }
        _ => None,
    }
}

fn is_box(call: &ExprCall) -> bool {
    let Expr::Path(path) = &*call.func else {
        return false;
    };
    let mut names = names_from_end(&path.path);
    let (function, owner) = (names.next(), names.next());
    call.args.len() == 1
        && matches!(
            (owner.as_deref(), function.as_deref()),
            (Some("Box"), Some("pin" | "new" | "from")) | (Some("Pin"), Some("from"))
        )
}

/// The output of such an async block, where the signature spells it out.
pub(crate) fn output_of(sig: &Signature, block: &Block) -> Option<ReturnType> {
    if blocks_on_body(block) {
        return Some(sig.output.clone());
    }
    let mut finder = FutureOutput(None);
    finder.visit_return_type(&sig.output);
    let ty = finder.0?;
    Some(syn::parse_quote!(-> #ty))
}

/// Finds `T` in `Future<Output = T>`, and in the names that the crate `futures` has for a boxed future.
struct FutureOutput(Option<Type>);

impl Visit<'_> for FutureOutput {
    fn visit_path_segment(&mut self, segment: &PathSegment) {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            return;
        };
        let boxed = segment.ident == "BoxFuture" || segment.ident == "LocalBoxFuture";
        let value = arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(binding) if binding.ident == "Output" => Some(&binding.ty),
            GenericArgument::Type(ty) if boxed => Some(ty),
            _ => None,
        });
        match value {
            Some(value) if boxed || segment.ident == "Future" => self.0 = Some(value.clone()),
            _ => visit::visit_path_segment(self, segment),
        }
    }
}

/// Whether a returned `impl …` is callable: then its closure takes the types of its parameters from the signature.
fn returns_closure(ty: &Type) -> bool {
    let mut finder = Callable(false);
    finder.visit_type(ty);
    finder.0
}

struct Callable(bool);

impl Visit<'_> for Callable {
    fn visit_type_impl_trait(&mut self, ty: &syn::TypeImplTrait) {
        self.0 |= ty.bounds.iter().any(is_callable);
        visit::visit_type_impl_trait(self, ty);
    }
}

fn is_callable(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else {
        return false;
    };
    last_name(&bound.path)
        .is_some_and(|name| matches!(name.trim_start_matches("Async"), "Fn" | "FnMut" | "FnOnce"))
}
