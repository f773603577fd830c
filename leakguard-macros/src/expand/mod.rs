//! Prints what an attribute leaves behind; nothing here can fail.

mod body;
mod group;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Block, ItemFn, LitStr, Signature};

use crate::args::{Args, Kind};
use crate::item::Annotated;
use crate::model::{Shape, future_of, output_of};
use crate::path::{Root, test_attribute};
use crate::rewrite::{Names, Rewriter, guard};

/// An attribute, ready to be put on any number of functions.
pub(crate) struct Attribute<'a> {
    pub(crate) kind: Kind,
    pub(crate) args: &'a Args,
    pub(crate) root: &'a Root,
    pub(crate) names: &'a Names,
}

impl Attribute<'_> {
    /// The item in its two forms. `written` is what the user wrote, token for token.
    pub(crate) fn expand(&self, item: Annotated, written: TokenStream) -> TokenStream {
        match item {
            Annotated::Untouched => written,
            Annotated::Functions(mut item) => {
                group::each(self, &mut item);
                self.root.gate(&item.into_token_stream(), &written)
            }
            Annotated::Function(function) => self.function(*function, &written),
        }
    }

    fn function(&self, mut function: ItemFn, written: &TokenStream) -> TokenStream {
        let head = self.head(&function.sig);
        match self.kind {
            Kind::MustTerminate | Kind::Track => self.watch(&mut function.sig, &mut function.block),
            Kind::Test => self.run(&mut function.sig, &mut function.block, "test", "test_sync"),
            Kind::Main => self.run(&mut function.sig, &mut function.block, "main", "main_sync"),
        }
        self.root
            .gate(&quote!(#head #function), &quote!(#head #written))
    }

    /// The attribute that makes a function a test or a main function, in both forms of the item.
    fn head(&self, sig: &Signature) -> Option<TokenStream> {
        let passed: Vec<TokenStream> = self
            .args
            .tokio
            .iter()
            .map(|(_, written)| written.clone())
            .collect();
        match (self.kind, sig.asyncness) {
            (Kind::Test, Some(_)) => Some(self.root.tokio_attribute("test", &passed)),
            (Kind::Main, Some(_)) => Some(self.root.tokio_attribute("main", &passed)),
            (Kind::Test, None) => Some(test_attribute()),
            _ => None,
        }
    }

    /// `must_terminate` and `track`.
    fn watch(&self, sig: &mut Signature, block: &mut Block) {
        let shape = Shape::of(sig, block);
        self.rewrite(sig, block, shape);
        match (self.kind, shape) {
            (Kind::Track, _) => body::open(block, self.call("track", sig).into_statement()),
            (_, Shape::Sync) => body::open(block, self.call("ticket", sig).bound_to(body::TICKET)),
            (_, Shape::Bare) => {
                body::open(block, self.call("detached_scope", sig).bound_to_guard())
            }
            (_, Shape::Async) => body::wrap(sig, block, &self.call("scope", sig)),
            (_, Shape::Block) => {
                let output = output_of(sig, block);
                if let Some(future) = future_of(block) {
                    body::expect(future, output);
                    let wrapped = self.call("scope", sig).around(&*future);
                    *future = syn::Expr::Verbatim(wrapped);
                }
            }
        }
    }

    fn rewrite(&self, sig: &Signature, block: &mut Block, shape: Shape) {
        let mut rewriter = Rewriter::new(self.root, self.names, sig, block);
        if shape == Shape::Bare && self.kind != Kind::Track {
            rewriter = rewriter.guarded();
        }
        rewriter.body(block);
    }

    /// `test` and `main`.
    fn run(&self, sig: &mut Signature, block: &mut Block, future: &str, sync: &str) {
        Rewriter::new(self.root, self.names, sig, block).body(block);
        if sig.asyncness.is_some() {
            body::wrap(sig, block, &self.call(future, sig));
        } else {
            body::enclose(sig, block, &self.call(sync, sig));
        }
    }

    fn call(&self, name: &str, sig: &Signature) -> Call {
        let span = sig.ident.span();
        let function = LitStr::new(&sig.ident.unraw().to_string(), span);
        Call {
            path: self.root.private(name, span),
            function,
            options: self.options(),
            span,
        }
    }

    fn options(&self) -> TokenStream {
        let Args {
            timeout,
            grace,
            on_leak,
            on_overrun,
            name,
            allow,
            ..
        } = self.args;
        let span = Span::mixed_site();
        let (options, action) = (
            self.root.private("Options", span),
            self.root.private("Action", span),
        );
        let nanoseconds = |set: &str, value: &Option<u64>| {
            let set = syn::Ident::new(set, span);
            value
                .map(Literal::u64_suffixed)
                .map(|value| quote_spanned!(span=> .#set(#value)))
        };
        let timing = [nanoseconds("timeout", timeout), nanoseconds("grace", grace)];
        let acting = |set: &str, value: &Option<crate::args::Action>| {
            let set = syn::Ident::new(set, span);
            let value = value.map(|value| syn::Ident::new(value.0, span));
            value.map(|value| quote_spanned!(span=> .#set(#action::#value)))
        };
        let actions = [acting("on_leak", on_leak), acting("on_overrun", on_overrun)];
        let name = name
            .as_ref()
            .map(|name| quote_spanned!(span=> .name(#name)));
        let allow = allow
            .as_ref()
            .map(|allow| quote_spanned!(span=> .allow(#allow)));
        let [timing, actions] =
            [timing, actions].map(|pair| pair.into_iter().flatten().collect::<TokenStream>());
        quote_spanned!(span=> #options::new() #timing #actions #name #allow)
    }
}

/// A call of one of the runtime's macros. All its tokens carry the span of the function's name: that is its location.
pub(crate) struct Call {
    path: TokenStream,
    function: LitStr,
    options: TokenStream,
    span: Span,
}

impl Call {
    fn around(&self, argument: impl ToTokens) -> TokenStream {
        let Call {
            path,
            function,
            options,
            span,
        } = self;
        quote_spanned!(*span=> #path!(#function, #options, #argument))
    }

    fn alone(&self) -> TokenStream {
        let Call {
            path,
            function,
            options,
            span,
        } = self;
        quote_spanned!(*span=> #path!(#function, #options))
    }

    fn into_statement(self) -> TokenStream {
        let call = self.alone();
        quote!(#call;)
    }

    fn bound_to(self, name: &str) -> TokenStream {
        let name = syn::Ident::new(name, Span::mixed_site());
        let call = self.alone();
        quote_spanned!(Span::mixed_site()=> let #name = #call;)
    }

    fn bound_to_guard(self) -> TokenStream {
        self.bound_to(&guard().to_string())
    }
}
