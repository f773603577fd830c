//! Puts an attribute on each function of an `impl` block, a trait or a module.

use syn::{Attribute, Block, ImplItem, Item, Signature, TraitItem};

use super::{BodyForm, Expansion};
use crate::args::{Args, AttributeKind, Wrap};
use crate::item::is_ours;
use crate::rewrite::rewrite_channels;
use crate::syntax::is_last_attribute;

pub(super) fn each(expansion: &Expansion<'_>, item: &mut Item) {
    match item {
        Item::Fn(item) => function(expansion, &[], &item.attrs, &mut item.sig, &mut item.block),
        Item::Impl(outer) => outer.items.iter_mut().for_each(|item| {
            if let ImplItem::Fn(item) = item {
                function(expansion, &outer.attrs, &item.attrs, &mut item.sig, &mut item.block);
            }
        }),
        Item::Trait(outer) => outer.items.iter_mut().for_each(|item| {
            if let TraitItem::Fn(syn::TraitItemFn { attrs, sig, default: Some(block), .. }) = item {
                function(expansion, &outer.attrs, attrs, sig, block);
            }
        }),
        Item::Mod(item) => {
            let items = item.content.iter_mut().flat_map(|(_, items)| items);
            items.for_each(|item| each(expansion, item));
        }
        _ => {}
    }
}

/// A `const fn` spawns nothing, and an attribute of the function itself takes precedence.
fn function(
    expansion: &Expansion<'_>,
    outer: &[Attribute],
    attrs: &[Attribute],
    sig: &mut Signature,
    block: &mut Block,
) {
    if sig.constness.is_none() && !attrs.iter().any(is_ours) {
        let channels = expansion.channels_of(expansion.args, sig);
        let for_channels = expansion.kind == AttributeKind::BoundedChannel;
        if for_channels {
            rewrite_channels(expansion.root, &channels, block);
        }
        let form = BodyForm {
            wants_twins: for_channels && channels.wrap != Wrap::Never,
            is_last: is_last_attribute(outer) && is_last_attribute(attrs),
        };
        expansion.watch(sig, block, form);
    }
}

/// The arguments of a `#[bounded_channel]`.
pub(super) fn arguments(attribute: &Attribute) -> syn::Result<Args> {
    let tokens = match &attribute.meta {
        syn::Meta::List(list) => list.tokens.clone(),
        _ => proc_macro2::TokenStream::new(),
    };
    Args::parse(AttributeKind::BoundedChannel, tokens)
}
