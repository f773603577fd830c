//! Reads what stands below an attribute, and refuses what it cannot mean.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Item, ItemFn, Result, TraitItemFn};

use crate::args::Kind;

/// What an attribute can stand on.
pub(crate) enum Annotated {
    /// A function or method with a body.
    Function(Box<ItemFn>),
    /// An `impl` block, a trait or an inline module: each function in it is meant.
    Functions(Box<Item>),
    /// A trait method without a body, or syntax that syn does not know: left as it is.
    Untouched,
}

impl Annotated {
    pub(crate) fn parse(kind: Kind, tokens: TokenStream) -> Result<Self> {
        if let Ok(function) = syn::parse2::<ItemFn>(tokens.clone()) {
            return accept(function);
        }
        if let Ok(method) = syn::parse2::<TraitItemFn>(tokens.clone()) {
            return match kind {
                // Without a word its calls would go unsupervised.
                Kind::Monitor => Err(Error::new(method.sig.ident.span(), expected(kind))),
                _ => Ok(Annotated::Untouched),
            };
        }
        // A syntax newer than syn goes unwatched: rustc has read it already, so an error here would only be in the way.
        let Ok(item) = syn::parse2::<Item>(tokens) else {
            return Ok(Annotated::Untouched);
        };
        group(kind, item)
    }
}

fn accept(function: ItemFn) -> Result<Annotated> {
    if let Some(constant) = &function.sig.constness {
        let message = "a `const fn` cannot be watched: it may run in the compiler, where nothing is started; remove this attribute";
        return Err(Error::new(constant.span, message));
    }
    Ok(Annotated::Function(Box::new(function)))
}

fn group(kind: Kind, item: Item) -> Result<Annotated> {
    match &item {
        Item::Mod(module) if module.content.is_none() => {
            let message = "only an inline module can be watched: write the attribute inside the file, on its functions";
            Err(Error::new(module.mod_token.span, message))
        }
        Item::Impl(_) | Item::Trait(_) | Item::Mod(_)
            if matches!(
                kind,
                Kind::MustTerminate | Kind::Track | Kind::BoundedChannel
            ) =>
        {
            Ok(Annotated::Functions(Box::new(item)))
        }
        _ => Err(Error::new(keyword(&item), expected(kind))),
    }
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::MustTerminate | Kind::Track | Kind::BoundedChannel => {
            "expected a function with a body, or an `impl` block, a trait or an inline `mod` that holds some"
        }
        Kind::Test => "expected a test function: `#[leakguard::test] async fn name() { … }`",
        Kind::Main => "expected the main function: `#[leakguard::main] async fn main() { … }`",
        Kind::Monitor => {
            "expected one function with a body: `#[leakguard::monitor(max_active = 10)] async fn name() -> Result<…> { … }`"
        }
    }
}

/// The token that says what the item is.
fn keyword(item: &Item) -> Span {
    match item {
        Item::Const(item) => item.const_token.span,
        Item::Enum(item) => item.enum_token.span,
        Item::ForeignMod(item) => item.abi.extern_token.span,
        Item::Impl(item) => item.impl_token.span,
        Item::Mod(item) => item.mod_token.span,
        Item::Static(item) => item.static_token.span,
        Item::Struct(item) => item.struct_token.span,
        Item::Trait(item) => item.trait_token.span,
        Item::Type(item) => item.type_token.span,
        Item::Union(item) => item.union_token.span,
        Item::Use(item) => item.use_token.span,
        other => other.span(),
    }
}

const OURS: [&str; 3] = ["must_terminate", "track", "bounded_channel"];

/// By the name, and by the crate for `#[leakguard::test]`. A monitor watches nothing.
pub(crate) fn is_ours(attribute: &Attribute) -> bool {
    let segments = &attribute.path().segments;
    if segments.last().is_some_and(|last| last.ident == "monitor") {
        return false;
    }
    let ours = |name: &syn::Ident| OURS.iter().any(|ours| name == ours);
    segments.len() > 1 && segments[0].ident == "leakguard"
        || segments.last().is_some_and(|last| ours(&last.ident))
}
