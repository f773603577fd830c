//! What is left when an attribute is wrong: the user's item, and the error.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemFn};

use crate::args::Kind;
use crate::path::Root;

/// The item goes first and untouched, so that nothing else fails for want of it.
pub(crate) fn fallback(kind: Kind, item: &TokenStream, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    let head = (kind == Kind::Main && is_async(item)).then(|| Root::new(None).tokio_attribute("main", &[]));
    quote!(#head #item #error)
}

/// An `async fn main` without a runtime would be a second error.
fn is_async(item: &TokenStream) -> bool {
    syn::parse2::<ItemFn>(item.clone()).is_ok_and(|function| function.sig.asyncness.is_some())
}
