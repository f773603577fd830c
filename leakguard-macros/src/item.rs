//! Parses the item below an attribute, and refuses items that the attribute cannot apply to.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Error, Item, ItemFn, Result, TraitItemFn};

use crate::args::AttributeKind;
use crate::fragment::KeepFragments;
use crate::syntax::is_named;

/// An item that an attribute applies to.
pub(crate) enum Annotated {
    /// A function or method with a body.
    Function(Box<ItemFn>),
    /// An `impl` block, a trait or an inline module: the attribute applies to each function in it.
    Functions(Box<Item>),
    /// A trait method without a body, or syntax that syn does not know: left as it is.
    Untouched,
}

impl Annotated {
    pub(crate) fn parse(kind: AttributeKind, tokens: TokenStream) -> Result<Self> {
        if let Ok(function) = syn::parse2::<ItemFn>(tokens.clone()) {
            return accept(function);
        }
        if let Ok(method) = syn::parse2::<TraitItemFn>(tokens.clone()) {
            return match kind {
                // Silence would leave its calls unsupervised.
                AttributeKind::Monitor => Err(Error::new(method.sig.ident.span(), expected(kind))),
                _ => Ok(Annotated::Untouched),
            };
        }
        // Syntax that is newer than syn goes unwatched. rustc has accepted it, so an error here would only be in the way.
        let Ok(item) = syn::parse2::<Item>(tokens) else {
            return Ok(Annotated::Untouched);
        };
        group(kind, item)
    }
}

fn accept(mut function: ItemFn) -> Result<Annotated> {
    if let Some(constant) = &function.sig.constness {
        let message = "a `const fn` cannot be watched: it may run in the compiler, where no task can be spawned; remove this attribute";
        return Err(Error::new(constant.span, message));
    }
    KeepFragments.visit_item_fn_mut(&mut function);
    Ok(Annotated::Function(Box::new(function)))
}

fn group(kind: AttributeKind, mut item: Item) -> Result<Annotated> {
    match &item {
        Item::Mod(module) if module.content.is_none() => {
            let message = "only an inline module can be watched: write the attribute inside the file, on its functions";
            Err(Error::new(module.mod_token.span, message))
        }
        Item::Impl(_) | Item::Trait(_) | Item::Mod(_)
            if matches!(
                kind,
                AttributeKind::MustTerminate | AttributeKind::Track | AttributeKind::BoundedChannel
            ) =>
        {
            KeepFragments.visit_item_mut(&mut item);
            Ok(Annotated::Functions(Box::new(item)))
        }
        _ => Err(Error::new(keyword(&item), expected(kind))),
    }
}

fn expected(kind: AttributeKind) -> &'static str {
    match kind {
        AttributeKind::MustTerminate | AttributeKind::Track | AttributeKind::BoundedChannel => {
            "expected a function with a body, or an `impl` block, a trait or an inline `mod` that holds some"
        }
        AttributeKind::Test => {
            "expected a test function: `#[leakguard::test] async fn name() { … }`"
        }
        AttributeKind::Main => {
            "expected the main function: `#[leakguard::main] async fn main() { … }`"
        }
        AttributeKind::Monitor => {
            "expected one function with a body: `#[leakguard::monitor(max_active = 10)] async fn name() -> Result<…> { … }`"
        }
    }
}

/// The keyword that introduces the item.
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

/// By the name, or by the crate for `#[leakguard::test]`. A monitor watches nothing.
pub(crate) fn is_ours(attribute: &Attribute) -> bool {
    let is_named = |name| is_named(attribute, name);
    let segments = &attribute.path().segments;
    !is_named("monitor")
        && (segments.len() > 1 && segments[0].ident == "leakguard"
            || ["must_terminate", "track", "bounded_channel"].into_iter().any(is_named))
}
