//! The places in a function that are listed, as one table before its first statement.
//!
//! One table for all: to enter something into the list of the whole program takes rustc four small functions.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Block, Expr, Ident, LitStr, Stmt};

use crate::path::Root;

/// What the table is called; one of a function inside hides that of the function around it.
const TABLE: &str = "__LEAKGUARD_SITES";

/// Those found so far.
#[derive(Default)]
pub(crate) struct Sites(Vec<Place>);

struct Place {
    kind: &'static str,
    callee: String,
    span: Span,
}

impl Sites {
    /// A call of `callee` that starts something; gives the place as an expression.
    pub(super) fn spawn(&mut self, callee: &str, span: Span) -> TokenStream {
        self.add("Spawn", callee, span)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The function itself.
    pub(crate) fn function(&mut self, span: Span) -> TokenStream {
        self.add("Function", "", span)
    }

    fn add(&mut self, kind: &'static str, callee: &str, span: Span) -> TokenStream {
        let index = Literal::usize_unsuffixed(self.0.len());
        let callee = callee.to_owned();
        self.0.push(Place { kind, callee, span });
        let (table, glue) = (table(), Span::mixed_site().located_at(span));
        quote_spanned!(glue=> &#table[#index])
    }

    /// Puts the table into the body of `function`.
    pub(crate) fn open(self, root: &Root, function: &str, block: &mut Block) {
        if self.is_empty() {
            return;
        }
        let count = Literal::usize_unsuffixed(self.0.len());
        let (table, span) = (table(), Span::mixed_site());
        let [site, entry] = ["Site", "Entry"].map(|name| root.private(name, span));
        let submit = root.private("submit", span);
        let made = self.0.iter().map(|place| place.made(root, function));
        let listed = quote! {
            static #table: [#site; #count] = [#(#made),*];
            #submit! { #entry(&#table) }
        };
        let listed = Stmt::Expr(Expr::Verbatim(listed), None);
        block.stmts.insert(0, listed);
    }
}

impl Place {
    /// All tokens carry the span: the location is taken from there.
    fn made(&self, root: &Root, function: &str) -> TokenStream {
        let Place { kind, callee, span } = self;
        let [site, kinds, module] =
            ["Site", "SiteKind", "module_path"].map(|name| root.private(name, *span));
        let kind = Ident::new(kind, *span);
        let [function, callee] = [function, callee].map(|text| LitStr::new(text, *span));
        quote_spanned!(*span=> #site::new(#kinds::#kind, #function, #callee, #module!()))
    }
}

fn table() -> Ident {
    Ident::new(TABLE, Span::mixed_site())
}
