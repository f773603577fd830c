//! The places in a function that are listed, as one table before its first statement.
//!
//! One table for all: to enter something into the list of the whole program takes rustc four small functions.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Block, Expr, Ident, LitStr, Stmt};

use crate::path::Root;

/// What a table is called, with a number behind it.
const TABLE: &str = "__LEAKGUARD_SITES_";

/// Those found so far.
pub(crate) struct Sites {
    table: Ident,
    places: Vec<Place>,
}

struct Place {
    kind: &'static str,
    callee: String,
    span: Span,
}

impl Sites {
    /// For a function with this body. Where two attributes stand on one function, the table of the first is in the body
    /// that the second gets, and what refers to it too: no name is used twice.
    pub(super) fn of(block: &Block) -> Self {
        let text = block.to_token_stream().to_string();
        let unused = |number: &usize| !text.contains(&format!("{TABLE}{number}"));
        let number = (0..).find(unused).unwrap_or_default();
        Sites {
            table: Ident::new(&format!("{TABLE}{number}"), Span::mixed_site()),
            places: Vec::new(),
        }
    }

    /// A call of `callee` that starts something; gives the place as an expression.
    pub(super) fn spawn(&mut self, callee: &str, span: Span) -> TokenStream {
        self.add("Spawn", callee, span)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The function itself.
    pub(crate) fn function(&mut self, span: Span) -> TokenStream {
        self.add("Function", "", span)
    }

    fn add(&mut self, kind: &'static str, callee: &str, span: Span) -> TokenStream {
        let index = Literal::usize_unsuffixed(self.places.len());
        let callee = callee.to_owned();
        self.places.push(Place { kind, callee, span });
        let (table, glue) = (&self.table, Span::mixed_site().located_at(span));
        quote_spanned!(glue=> &#table[#index])
    }

    /// Puts the table into the body of `function`.
    pub(crate) fn open(self, root: &Root, function: &str, block: &mut Block) {
        if self.is_empty() {
            return;
        }
        let count = Literal::usize_unsuffixed(self.places.len());
        let (table, span) = (&self.table, Span::mixed_site());
        let [site, entry] = ["Site", "SiteTable"].map(|name| root.private(name, span));
        let submit = root.private("submit", span);
        let made = self.places.iter().map(|place| place.made(root, function));
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
