//! What is left when an attribute is wrong: the user's item, and the error.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemFn};

use crate::args::Kind;
use crate::path::Root;

/// The item goes first and untouched, so that nothing else fails for want of it.
pub(crate) fn fallback(kind: Kind, item: &TokenStream, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    let head = (kind == Kind::Main && lacks_runtime(item))
        .then(|| Root::new(None).tokio_attribute("main", &[]));
    quote!(#head #item #error)
}

/// An `async fn main` without a runtime would be a second error.
fn lacks_runtime(item: &TokenStream) -> bool {
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        return false;
    };
    let main = |attribute: &syn::Attribute| {
        attribute
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "main")
    };
    function.sig.asyncness.is_some() && !function.attrs.iter().any(main)
}
