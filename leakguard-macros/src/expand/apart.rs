//! Runs a test with a timeout on a thread of its own, so that the test fails even if it blocks its thread.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Ident, ItemFn, LitStr, Meta};

use crate::path::{Root, test_attribute};

/// Whether no other macro reads the function and its attributes: another macro must find the test as it is without ours.
pub(super) fn is_alone(function: &ItemFn) -> bool {
    let known = |attribute: &Attribute| KNOWN.iter().any(|name| attribute.path().is_ident(name));
    function.sig.inputs.is_empty()
        && function.sig.generics.params.is_empty()
        && function.attrs.iter().all(known)
}

/// Attributes of the language itself.
const KNOWN: &[&str] = &["allow", "cfg", "deny", "doc", "expect", "ignore", "should_panic", "warn"];

/// Attributes that only the test as a whole may have.
const OUTER: &[&str] = &["cfg", "doc", "ignore", "should_panic"];

/// What the panic must say that a test asks for. Empty if any panic will do.
pub(super) fn asked_panic(attributes: &[Attribute]) -> Option<LitStr> {
    let asks = attributes.iter().find(|attribute| attribute.path().is_ident("should_panic"))?;
    let mut expected = None;
    let text = match &asks.meta {
        Meta::NameValue(meta) => Some(meta.value.to_token_stream()),
        Meta::List(_) => {
            // rustc reports what is wrong with it.
            let _ = asks.parse_nested_meta(|meta| {
                expected = Some(meta.value()?.parse::<LitStr>()?);
                Ok(())
            });
            None
        }
        Meta::Path(_) => None,
    };
    let expected = expected.or_else(|| syn::parse2(text?).ok());
    Some(expected.unwrap_or_else(|| LitStr::new("", Span::mixed_site())))
}

/// The test around `function`, which `head` turns into one that can be called like any other.
pub(super) fn around(root: &Root, head: Option<TokenStream>, mut function: ItemFn) -> TokenStream {
    let should_panic = match asked_panic(&function.attrs) {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    };
    let test = test_attribute();
    let name = function.sig.ident.clone();
    let is_outer = |attribute: &Attribute| OUTER.iter().any(|name| attribute.path().is_ident(name));
    let (outer, inner): (Vec<_>, Vec<_>) =
        std::mem::take(&mut function.attrs).into_iter().partition(is_outer);
    function.attrs = inner.clone();
    let visibility = std::mem::replace(&mut function.vis, syn::Visibility::Inherited);
    let body = Ident::new("__leakguard_test", Span::mixed_site());
    function.sig.ident = body.clone();
    let apart = root.private("apart", Span::mixed_site());
    quote_spanned! {name.span()=>
        #(#outer)*
        #(#inner)*
        #test
        #visibility fn #name() {
            #head
            #function
            #apart(#should_panic, #body)
        }
    }
}
