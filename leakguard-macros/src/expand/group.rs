//! Puts an attribute on each function of an `impl` block, a trait or a module.

use syn::{Attribute as Written, Block, ImplItem, Item, Signature, TraitItem};

use super::Attribute;
use crate::args::{Args, Kind, Wrap};
use crate::item::is_ours;
use crate::rewrite::channels as rewrite_channels;

pub(super) fn each(attribute: &Attribute<'_>, item: &mut Item) {
    match item {
        Item::Fn(item) => function(attribute, &item.attrs, &mut item.sig, &mut item.block),
        Item::Impl(item) => item.items.iter_mut().for_each(|item| {
            if let ImplItem::Fn(item) = item {
                function(attribute, &item.attrs, &mut item.sig, &mut item.block);
            }
        }),
        Item::Trait(item) => item.items.iter_mut().for_each(|item| {
            if let TraitItem::Fn(syn::TraitItemFn {
                attrs,
                sig,
                default: Some(block),
                ..
            }) = item
            {
                function(attribute, attrs, sig, block);
            }
        }),
        Item::Mod(item) => {
            let items = item.content.iter_mut().flat_map(|(_, items)| items);
            items.for_each(|item| each(attribute, item));
        }
        _ => {}
    }
}

/// A constant function starts nothing, and one with an attribute of its own knows better.
fn function(attribute: &Attribute<'_>, attrs: &[Written], sig: &mut Signature, block: &mut Block) {
    if sig.constness.is_none() && !attrs.iter().any(is_ours) {
        let channels = attribute.channels_of(attribute.args, sig);
        let asked = attribute.kind == Kind::BoundedChannel;
        if asked {
            rewrite_channels(attribute.root, &channels, block);
        }
        attribute.watch(sig, block, asked && channels.wrap != Wrap::Never);
    }
}

/// Whether it is `#[bounded_channel]`.
pub(super) fn is_for_channels(attribute: &Written) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|last| last.ident == "bounded_channel")
}

/// The arguments of such an attribute.
pub(super) fn arguments(attribute: &Written) -> syn::Result<Args> {
    let tokens = match &attribute.meta {
        syn::Meta::List(list) => list.tokens.clone(),
        _ => proc_macro2::TokenStream::new(),
    };
    Args::parse(Kind::BoundedChannel, tokens)
}
