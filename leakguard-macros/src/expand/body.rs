//! Puts a scope around the statements of a function, or a guard before them.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Expr, FnArg, Ident, Pat, PatIdent, Receiver, ReceiverKind, ReturnType,
    Signature, Stmt, Token, Type,
};

use super::RuntimeCall;
use crate::path::Root;

/// The guard of a sync function.
pub(super) fn ticket() -> Ident {
    Ident::new("__leakguard_ticket", Span::mixed_site())
}

/// Inserts a statement before the first one. Inner attributes are printed before all statements, so they stay first.
pub(super) fn open(block: &mut Block, statement: TokenStream) {
    block.stmts.insert(0, Stmt::Expr(Expr::Verbatim(statement), None));
}

/// The async function as one that returns its scope as a future.
///
/// A future inside the function's own would be part of what that one keeps across an await. There rustc forgets each
/// lifetime, and may not find the future `Send` where the function's own was: a parameter of type `&mut Context<T>` is
/// `Send` because of `T: Reply`, which only `&'static str` may implement.
pub(super) fn hand_out(root: &Root, sig: &mut Signature, block: &mut Block, call: &RuntimeCall) {
    let edge = return_edge(&sig.output);
    let glue = Span::mixed_site().located_at(sig.ident.span());
    let statements = std::mem::take(&mut block.stmts);
    let moved: Vec<_> = sig.inputs.iter_mut().enumerate().map(move_parameter).collect();
    let mut future = quote_spanned!(glue=> async move);
    block.brace_token.surround(&mut future, |tokens| {
        tokens.extend(quote!(#edge #(#moved)* #(#statements)*));
    });
    block.stmts = vec![Stmt::Expr(Expr::Verbatim(call.around(future)), None)];
    sig.asyncness = None;
    let output = match &sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let future = root.private("Future", glue);
    // The edition of these tokens decides that the future may borrow from each parameter, as that of an async function.
    let output = quote_spanned!(glue=> impl #future<Output = #output>);
    sig.output = ReturnType::Type(Token![->](glue), Box::new(Type::Verbatim(output)));
}

/// As rustc does for an async function: all parameters move in, and a pattern takes its parameter apart inside.
fn move_parameter((index, input): (usize, &mut FnArg)) -> Option<TokenStream> {
    let glue = Span::mixed_site();
    let input = match input {
        FnArg::Receiver(receiver) => return move_self(receiver),
        FnArg::Typed(input) => input,
    };
    // A lint is about the variable inside.
    let attributes = std::mem::take(&mut input.attrs);
    let conditions: Vec<_> = conditions(&attributes).cloned().collect();
    input.attrs = conditions.clone();
    let PatIdent { mutability, ident, .. } = match &mut *input.pat {
        Pat::Ident(pattern) if is_simple(pattern) => pattern,
        pattern => {
            let name = parameter_name(index);
            let written = std::mem::replace(pattern, syn::parse_quote!(#name));
            let apart = (!matches!(written, Pat::Wild(_)))
                .then(|| quote_spanned!(glue=> #(#attributes)* let #written = #name;));
            return Some(quote_spanned!(glue=> #(#conditions)* let #name = #name; #apart));
        }
    };
    let mutability = mutability.take();
    Some(quote_spanned!(glue=> #(#attributes)* let #mutability #ident = #ident;))
}

fn is_simple(pattern: &PatIdent) -> bool {
    pattern.by_ref.is_none() && pattern.subpat.is_none()
}

/// The body as a future in a scope, awaited.
pub(super) fn wrap(sig: &mut Signature, block: &mut Block, call: &RuntimeCall) {
    let edge = return_edge(&sig.output);
    let statements = std::mem::take(&mut block.stmts);
    let moved = move_in(sig, &statements);
    let glue = Span::mixed_site().located_at(sig.ident.span());
    let mut future = quote_spanned!(glue=> async move);
    block.brace_token.surround(&mut future, |tokens| {
        tokens.extend(quote!(#edge #(#moved)* #(#statements)*));
    });
    let scope = call.around(future);
    let awaited = quote_spanned!(glue=> #scope.await);
    block.stmts = vec![Stmt::Expr(Expr::Verbatim(awaited), None)];
}

/// rustc takes an assignment to a field of `mut self` for unused once `self` has moved in, even if a destructor reads it.
pub(super) fn allow_writes_to_self(sig: &Signature, block: &mut Block) {
    let by_value = |receiver: &Receiver| {
        matches!(receiver.kind, ReceiverKind::Value) && receiver.mutability.is_some()
    };
    if sig.receiver().is_some_and(by_value) {
        open(block, quote!(#![allow(unused_assignments)]));
    }
}

/// The body of a sync function as a closure.
pub(super) fn enclose(sig: &Signature, block: &mut Block, call: &RuntimeCall) {
    let statements = std::mem::take(&mut block.stmts);
    let output = if has_impl(&sig.output) { ReturnType::Default } else { sig.output.clone() };
    let mut body = quote!(|| #output);
    block.brace_token.surround(&mut body, |tokens| tokens.extend(quote!(#(#statements)*)));
    block.stmts = vec![Stmt::Expr(Expr::Verbatim(call.around(body)), None)];
}

/// Fixes the output type of an async block before the compiler checks whether the future is `Send`.
pub(super) fn fix_output(future: &mut Expr, output: Option<ReturnType>) {
    if let (Expr::Async(future), Some(output)) = (future, output) {
        open(&mut future.block, return_edge(&output));
    }
}

/// Never runs. It gives `return` and `?` their type at once, as the signature did.
fn return_edge(output: &ReturnType) -> TokenStream {
    let (ty, span) = match output {
        ReturnType::Default => (quote!(()), Span::mixed_site()),
        ReturnType::Type(_, ty) => {
            (erased(ty).into_token_stream(), Span::mixed_site().located_at(ty.span()))
        }
    };
    // rustc reports unreachable code even if a macro wrote it; clippy does not.
    quote_spanned! {span=>
        #[allow(unreachable_code)]
        if false {
            let __leakguard_return: #ty = loop {};
            return __leakguard_return;
        }
    }
}

/// `impl Trait` cannot be the type of a variable; `_` can.
fn erased(ty: &Type) -> Type {
    let mut ty = ty.clone();
    EraseImpl::default().visit_type_mut(&mut ty);
    ty
}

#[derive(Default)]
struct EraseImpl {
    found: bool,
}

impl VisitMut for EraseImpl {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if matches!(ty, Type::ImplTrait(_)) {
            self.found = true;
            *ty = Type::Infer(syn::TypeInfer {
                attrs: Vec::new(),
                underscore_token: Token![_](ty.span()),
            });
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }
}

fn has_impl(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    let mut erase = EraseImpl::default();
    erase.visit_type_mut(&mut ty.clone());
    erase.found
}

/// Parameters are moved in one by one, so that they are dropped in the order in which the function drops them.
///
/// A parameter that is never mentioned stays outside, so that rustc still reports it as unused.
fn move_in(sig: &mut Signature, statements: &[Stmt]) -> Vec<TokenStream> {
    let text = quote!(#(#statements)*).to_string();
    let moved = sig.inputs.iter_mut().enumerate().filter_map(|(index, input)| match input {
        FnArg::Receiver(receiver) => move_self(receiver),
        FnArg::Typed(input) => {
            name_wildcard(index, &mut input.pat);
            match &mut *input.pat {
                Pat::Ident(pattern) => move_one(&input.attrs, pattern, &text),
                _ => None,
            }
        }
    });
    moved.collect()
}

/// `self` cannot be bound again. A mention of the whole moves it as a whole, and not only the fields in use.
fn move_self(receiver: &Receiver) -> Option<TokenStream> {
    let name = receiver.self_token;
    (!matches!(receiver.kind, ReceiverKind::Reference(..)))
        .then(|| quote_spanned!(Span::mixed_site()=> let _ = &#name;))
}

/// A parameter `_` cannot be moved in without a name, and it must be dropped in its turn.
fn name_wildcard(index: usize, pattern: &mut Pat) {
    if matches!(pattern, Pat::Wild(_)) {
        let name = parameter_name(index);
        *pattern = syn::parse_quote!(#name);
    }
}

fn parameter_name(index: usize) -> Ident {
    Ident::new(&format!("__leakguard_parameter_{index}"), Span::mixed_site())
}

fn conditions(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

fn move_one(attributes: &[Attribute], pattern: &mut PatIdent, text: &str) -> Option<TokenStream> {
    let name = &pattern.ident;
    if !is_simple(pattern) || !(mentions(text, name) || name.to_string().starts_with('_')) {
        return None;
    }
    let conditions = conditions(attributes);
    let mutability = pattern.mutability.take();
    Some(quote_spanned!(Span::mixed_site()=> #(#conditions)* let #mutability #name = #name;))
}

/// Notes each parameter that the function owns and mentions.
pub(super) fn note_parameters(sig: &Signature, block: &mut Block, root: &Root) {
    let text = block.to_token_stream().to_string();
    let owned = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) if input.attrs.is_empty() => owned_name(&input.pat, &input.ty, &text),
        _ => None,
    });
    let notes: Vec<_> = owned
        .map(|name| (root.private("given", name.span()), name))
        .map(|(given, name)| quote_spanned!(name.span()=> #given!(#name);))
        .collect();
    if !notes.is_empty() {
        open(block, quote!(#(#notes)*));
    }
}

/// A borrowed parameter goes back to the caller.
fn owned_name<'a>(pattern: &'a Pat, ty: &Type, text: &str) -> Option<&'a Ident> {
    match pattern {
        Pat::Ident(PatIdent { ident, by_ref: None, subpat: None, .. })
            if matches!(ty, Type::Path(_)) && mentions(text, ident) =>
        {
            Some(ident)
        }
        _ => None,
    }
}

/// Whether `text` contains `name` as a word, also inside a string: a format string names variables.
fn mentions(text: &str, name: &Ident) -> bool {
    let name = name.to_string();
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(&name).any(|(start, _)| {
        let (before, after) =
            (text[..start].chars().next_back(), text[start + name.len()..].chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}
