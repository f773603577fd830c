//! Spells every name of the `leakguard` crate that generated code mentions; nothing else may.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

/// Where the user's crate finds `leakguard`: `::leakguard`, or what `crate = …` says.
#[derive(Clone)]
pub(crate) struct Root(Option<Path>);

impl Root {
    pub(crate) fn new(written: Option<Path>) -> Self {
        Root(written)
    }

    fn spanned(&self, span: Span) -> TokenStream {
        match &self.0 {
            Some(path) => located(quote!(#path), span),
            // The leading colons keep a local module named `leakguard` out of the way.
            None => quote_spanned!(span=> ::leakguard),
        }
    }

    /// One of the hidden items. All its tokens carry `span`, because the runtime reads its location from there.
    ///
    /// Its path has this crate's version, so that a runtime of another version is reported as such.
    pub(crate) fn private(&self, name: &str, span: Span) -> TokenStream {
        let name = syn::Ident::new(name, span);
        let version = format!("v{}", env!("CARGO_PKG_VERSION").replace('.', "_"));
        let version = syn::Ident::new(&version, span);
        let root = self.spanned(span);
        quote_spanned!(span=> #root::__private::#version::#name)
    }

    /// Both forms of an item; `leakguard`'s own cfg takes one of them.
    pub(crate) fn gate(&self, on: &TokenStream, off: &TokenStream) -> TokenStream {
        let gate = self.private("gate", Span::call_site());
        quote!(#gate! { { #on } { #off } })
    }

    /// `#[tokio::test(…)]` or `#[tokio::main(…)]` through our own dependency, so that the user needs no import.
    pub(crate) fn tokio_attribute(&self, name: &str, arguments: &[TokenStream]) -> TokenStream {
        let name = syn::Ident::new(name, Span::call_site());
        let tokio = self.private("tokio", Span::call_site());
        let as_text = tokio.to_string().replace(' ', "");
        quote!(#[#tokio::#name(#(#arguments,)* crate = #as_text)])
    }
}

/// The language's own `#[test]`.
pub(crate) fn test_attribute() -> TokenStream {
    quote!(#[::core::prelude::v1::test])
}

/// What the user wrote in `crate = …` keeps its hygiene and only moves.
fn located(path: TokenStream, span: Span) -> TokenStream {
    let moved = |mut token: proc_macro2::TokenTree| {
        token.set_span(span.resolved_at(token.span()));
        token
    };
    path.into_iter().map(moved).collect()
}
