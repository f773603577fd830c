//! Prints what an attribute leaves behind; nothing here can fail.

mod apart;
mod body;
mod group;
mod monitor;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Block, ItemFn, Signature};

use crate::args::{Args, Kind, Wrap};
use crate::item::{Annotated, is_ours};
use crate::model::{Shape, future_of, output_of};
use crate::path::{Root, test_attribute};
use crate::rewrite::{
    Channels, Names, Rewriter, Rewritten, Sites, channels as rewrite_channels, guard,
};

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
            Annotated::Function(function) if self.kind == Kind::Monitor => {
                monitor::expand(self, *function)
            }
            Annotated::Function(function) => self.function(*function, &written),
        }
    }

    /// What is asked for the channels of a function: by this attribute, or by one below it, which is taken off.
    fn channels(&self, attrs: &mut Vec<syn::Attribute>, sig: &Signature) -> Option<Channels> {
        if self.kind == Kind::BoundedChannel {
            return Some(self.channels_of(self.args, sig));
        }
        let below = attrs.iter().position(group::is_for_channels)?;
        // What it cannot mean it says itself.
        let args = group::arguments(&attrs[below]).ok()?;
        attrs.remove(below);
        Some(self.channels_of(&args, sig))
    }

    fn channels_of(&self, args: &Args, sig: &Signature) -> Channels {
        Channels {
            wrap: args.wrap.unwrap_or_default(),
            capacity: args.capacity,
            options: options(self.root, args),
            function: sig.ident.unraw().to_string(),
        }
    }

    fn function(&self, mut function: ItemFn, written: &TokenStream) -> TokenStream {
        let head = self.head(&function.sig);
        let apart =
            self.kind == Kind::Test && self.args.timeout.is_some() && apart::is_alone(&function);
        // Before all else, while the constructors are as the user wrote them.
        let ItemFn {
            attrs, sig, block, ..
        } = &mut function;
        let channels = self.channels(attrs, sig);
        let asked = channels.as_ref().is_some_and(|c| c.wrap != Wrap::Never);
        let wrapped =
            channels.is_some_and(|channels| rewrite_channels(self.root, &channels, block));
        match self.kind {
            // The attribute below does the rest.
            Kind::BoundedChannel | Kind::Track if attrs.iter().any(is_ours) => {}
            Kind::MustTerminate | Kind::Track | Kind::BoundedChannel => {
                let watched = self.watch(sig, block, asked);
                if !watched && !wrapped {
                    return written.clone();
                }
            }
            Kind::Test => self.run(sig, block, asked, ["test", "test_sync"]),
            Kind::Main => self.run(sig, block, asked, ["main", "main_sync"]),
            Kind::Monitor => unreachable!("it has one form only, and a file of its own"),
        }
        let on = match apart {
            true => apart::around(self.root, self.callable_head(&function.sig), function),
            false => quote!(#head #function),
        };
        self.root.gate(&on, &quote!(#head #written))
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

    /// The same for a function that a test calls.
    fn callable_head(&self, sig: &Signature) -> Option<TokenStream> {
        sig.asyncness?;
        let named = |name: &str| self.args.tokio.iter().any(|(given, _)| given == name);
        let mut passed: Vec<_> = self
            .args
            .tokio
            .iter()
            .map(|(_, written)| written.clone())
            .collect();
        if !named("flavor") {
            // The runtime that `tokio::test` makes.
            passed.push(quote!(flavor = "current_thread"));
        }
        Some(self.root.tokio_attribute("main", &passed))
    }

    /// All but `test` and `main`. `false` if the function is as it was.
    fn watch(&self, sig: &mut Signature, block: &mut Block, asked: bool) -> bool {
        let shape = Shape::of(sig, block);
        let Rewritten { changed, mut sites } = self.rewrite(sig, block, shape, asked);
        if changed && shape == Shape::Async {
            body::take(sig, block, self.root);
        }
        match (self.kind, shape) {
            (Kind::Track | Kind::BoundedChannel, _) if !sites.is_empty() => {
                body::open(block, self.call("track", sig, &mut sites).into_statement())
            }
            (Kind::Track | Kind::BoundedChannel, _) => return changed,
            (_, Shape::Sync) => {
                let ticket = self.call("ticket", sig, &mut sites);
                body::open(block, ticket.bound_to(body::TICKET));
            }
            (_, Shape::Bare) => {
                let guard = self.call("detached_scope", sig, &mut sites);
                body::open(block, guard.bound_to_guard());
            }
            (_, Shape::Async) => {
                let scope = self.call("scope", sig, &mut sites);
                return self.wrap(sig, block, &scope, sites);
            }
            (_, Shape::Block) => {
                let output = output_of(sig, block);
                if let Some(future) = future_of(block) {
                    body::expect(future, output);
                    let wrapped = self.call("scope", sig, &mut sites).around(&*future);
                    *future = syn::Expr::Verbatim(wrapped);
                }
            }
        }
        self.list(sig, block, sites);
        true
    }

    /// `true`, for whoever asks whether anything has changed.
    fn wrap(&self, sig: &mut Signature, block: &mut Block, call: &Call, sites: Sites) -> bool {
        body::wrap(sig, block, call);
        self.list(sig, block, sites);
        // Inner attributes come first of all.
        body::allow_writes_to_self(sig, block);
        true
    }

    fn list(&self, sig: &Signature, block: &mut Block, sites: Sites) {
        sites.open(self.root, &sig.ident.unraw().to_string(), block);
    }

    fn rewrite(&self, sig: &Signature, block: &mut Block, shape: Shape, asked: bool) -> Rewritten {
        let mut rewriter = self.rewriter(sig, block, asked);
        if shape == Shape::Bare && self.kind == Kind::MustTerminate {
            rewriter = rewriter.guarded();
        }
        rewriter.body(block)
    }

    fn rewriter(&self, sig: &Signature, block: &Block, asked: bool) -> Rewriter<'_> {
        Rewriter::new(self.root, self.names, sig, block).asked(asked)
    }

    /// `test` and `main`.
    fn run(&self, sig: &mut Signature, block: &mut Block, asked: bool, [future, sync]: [&str; 2]) {
        let Rewritten { mut sites, .. } = self.rewriter(sig, block, asked).body(block);
        if sig.asyncness.is_some() {
            let call = self.call(future, sig, &mut sites);
            self.wrap(sig, block, &call, sites);
        } else {
            body::enclose(sig, block, &self.call(sync, sig, &mut sites));
            self.list(sig, block, sites);
        }
    }

    fn call(&self, name: &str, sig: &Signature, sites: &mut Sites) -> Call {
        let span = sig.ident.span();
        Call {
            path: self.root.private(name, span),
            of: sites.function(span),
            options: options(self.root, self.args),
            span,
        }
    }
}

/// What an attribute asks for, as an expression.
fn options(root: &Root, args: &Args) -> TokenStream {
    let Args {
        timeout,
        grace,
        on_leak,
        on_overrun,
        name,
        allow,
        ..
    } = args;
    let span = Span::mixed_site();
    let (options, action) = (root.private("Options", span), root.private("Action", span));
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

/// A call of one of the runtime's macros. All its tokens carry the span of the function's name: that is its location.
pub(crate) struct Call {
    path: TokenStream,
    /// The site of the function, or its name.
    of: TokenStream,
    options: TokenStream,
    span: Span,
}

impl Call {
    fn around(&self, argument: impl ToTokens) -> TokenStream {
        let Call {
            path,
            of,
            options,
            span,
        } = self;
        quote_spanned!(*span=> #path!(#of, #options, #argument))
    }

    fn alone(&self) -> TokenStream {
        let Call {
            path,
            of,
            options,
            span,
        } = self;
        quote_spanned!(*span=> #path!(#of, #options))
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
