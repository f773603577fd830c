//! What an attribute with a mistake expands to: the user's item, and the error.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemFn};

use crate::args::AttributeKind;
use crate::path::Root;
use crate::syntax::is_named;

/// The item goes first and untouched, so that its absence causes no other errors.
pub(crate) fn fallback(kind: AttributeKind, item: &TokenStream, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    let head = (kind == AttributeKind::Main && lacks_runtime(item))
        .then(|| Root::new(None).tokio_attribute("main", &[]));
    quote!(#head #item #error)
}

/// An `async fn main` without a runtime would be a second error.
fn lacks_runtime(item: &TokenStream) -> bool {
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        return false;
    };
    let is_main = |attribute| is_named(attribute, "main");
    function.sig.asyncness.is_some() && !function.attrs.iter().any(is_main)
}
