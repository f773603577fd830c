//! Puts an attribute on each function of an `impl` block, a trait or a module.

use syn::{Attribute, Block, ImplItem, Item, Signature, TraitItem};

use super::Expansion;
use crate::args::{Args, AttributeKind, Wrap};
use crate::item::is_ours;
use crate::rewrite::rewrite_channels;

pub(super) fn each(expansion: &Expansion<'_>, item: &mut Item) {
    match item {
        Item::Fn(item) => function(expansion, &item.attrs, &mut item.sig, &mut item.block),
        Item::Impl(item) => item.items.iter_mut().for_each(|item| {
            if let ImplItem::Fn(item) = item {
                function(expansion, &item.attrs, &mut item.sig, &mut item.block);
            }
        }),
        Item::Trait(item) => item.items.iter_mut().for_each(|item| {
            if let TraitItem::Fn(syn::TraitItemFn { attrs, sig, default: Some(block), .. }) = item {
                function(expansion, attrs, sig, block);
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
        expansion.watch(sig, block, for_channels && channels.wrap != Wrap::Never);
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
