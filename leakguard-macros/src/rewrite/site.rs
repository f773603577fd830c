//! Lists the sites of a function in one table before its first statement.
//!
//! There is one table for all sites, because each entry in the program's list costs rustc four small functions.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Block, Expr, Ident, LitStr, Stmt};

use crate::path::Root;

/// Name of a table, without its number.
const TABLE: &str = "__LEAKGUARD_SITES_";

/// The sites found so far.
pub(crate) struct Sites {
    table: Ident,
    entries: Vec<SiteEntry>,
    /// Items that refer to the table.
    beside: TokenStream,
}

struct SiteEntry {
    kind: &'static str,
    callee: String,
    span: Span,
}

impl Sites {
    /// For a function whose body has this text. With two attributes on one function, the second finds the table of the first in the
    /// body, so it takes an unused name.
    pub(super) fn of(text: &str) -> Self {
        let unused = |number: &usize| !text.contains(&format!("{TABLE}{number}"));
        let number = (0..).find(unused).unwrap_or_default();
        Sites {
            table: Ident::new(&format!("{TABLE}{number}"), Span::mixed_site()),
            entries: Vec::new(),
            beside: TokenStream::new(),
        }
    }

    pub(super) fn beside(self, items: TokenStream) -> Self {
        Sites { beside: items, ..self }
    }

    /// Adds a call of `callee` that spawns. Returns the site as an expression.
    pub(super) fn spawn(&mut self, callee: &str, span: Span) -> TokenStream {
        self.add("Spawn", callee, span)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds the function itself.
    pub(crate) fn function(&mut self, span: Span) -> TokenStream {
        self.add("Function", "", span)
    }

    fn add(&mut self, kind: &'static str, callee: &str, span: Span) -> TokenStream {
        let index = Literal::usize_unsuffixed(self.entries.len());
        let callee = callee.to_owned();
        self.entries.push(SiteEntry { kind, callee, span });
        let (table, glue) = (&self.table, Span::mixed_site().located_at(span));
        quote_spanned!(glue=> &#table[#index])
    }

    /// Inserts the table into the body of `function`.
    pub(crate) fn open(self, root: &Root, function: &str, block: &mut Block) {
        if self.is_empty() {
            return;
        }
        let count = Literal::usize_unsuffixed(self.entries.len());
        let (table, span) = (&self.table, Span::mixed_site());
        let [site, entry] = ["Site", "SiteTable"].map(|name| root.private(name, span));
        let submit = root.private("submit", span);
        let tokens = self.entries.iter().map(|entry| entry.tokens(root, function));
        let beside = &self.beside;
        let listed = quote! {
            static #table: [#site; #count] = [#(#tokens),*];
            #submit! { #entry(&#table) }
            #beside
        };
        let listed = Stmt::Expr(Expr::Verbatim(listed), None);
        block.stmts.insert(0, listed);
    }
}

impl SiteEntry {
    /// All tokens carry the span, because the runtime reads the location from there.
    fn tokens(&self, root: &Root, function: &str) -> TokenStream {
        let SiteEntry { kind, callee, span } = self;
        let [site, kinds, module] =
            ["Site", "SiteKind", "module_path"].map(|name| root.private(name, *span));
        let kind = Ident::new(kind, *span);
        let [function, callee] = [function, callee].map(|text| LitStr::new(text, *span));
        quote_spanned!(*span=> #site::new(#kinds::#kind, #function, #callee, #module!()))
    }
}
