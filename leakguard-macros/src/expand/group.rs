//! Puts an attribute on each function of an `impl` block, a trait or a module.

use syn::{Attribute as Written, Block, ImplItem, Item, Signature, TraitItem};

use super::Attribute;

const OURS: [&str; 3] = ["must_terminate", "track", "bounded_channel"];

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
        attribute.watch(sig, block);
    }
}

/// By the name, and by the crate for `#[leakguard::test]`.
fn is_ours(attribute: &Written) -> bool {
    let segments = &attribute.path().segments;
    let ours = |name: &syn::Ident| OURS.iter().any(|ours| name == ours);
    segments.len() > 1 && segments[0].ident == "leakguard"
        || segments.last().is_some_and(|last| ours(&last.ident))
}
