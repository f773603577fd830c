//! Prints the expansion of an attribute. Nothing here can fail.

mod apart;
mod body;
mod group;
mod monitor;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Block, Ident, ItemFn, LitStr, ReturnType, Signature};

use crate::args::{ActionArgument, Args, AttributeKind, Wrap};
use crate::item::{Annotated, is_ours};
use crate::model::{BodyShape, future_of, output_of};
use crate::path::{Root, test_attribute};
use crate::rewrite::{Aliases, ChannelRules, Rewriter, Rewritten, Sites, guard, rewrite_channels};
use crate::syntax::{is_last_attribute, is_named};

/// What the expansion of a body depends on, beside the attribute and the signature.
#[derive(Clone, Copy)]
struct BodyForm {
    wants_twins: bool,
    /// No other macro sees the function after this one, so that its signature may change.
    is_last: bool,
}

/// How a test or `main` runs.
struct RunForm {
    wants_twins: bool,
    /// The functions of the runtime for an async and for a sync body.
    names: [&'static str; 2],
    /// The panic that a test asks for.
    should_panic: Option<LitStr>,
}

/// A parsed attribute, which expands any number of functions.
pub(crate) struct Expansion<'a> {
    pub(crate) kind: AttributeKind,
    pub(crate) args: &'a Args,
    pub(crate) root: &'a Root,
    pub(crate) aliases: &'a Aliases,
}

impl Expansion<'_> {
    /// The item in its two forms. `written` is what the user wrote, token for token.
    pub(crate) fn expand(&self, item: Annotated, written: TokenStream) -> TokenStream {
        match item {
            Annotated::Untouched => written,
            Annotated::Functions(mut item) => {
                group::each(self, &mut item);
                self.root.gate(&item.into_token_stream(), &written)
            }
            Annotated::Function(function) if self.kind == AttributeKind::Monitor => {
                monitor::expand(self, *function)
            }
            Annotated::Function(function) => self.function(*function, &written),
        }
    }

    /// What this attribute, or one below it that is removed, asks for the channels of a function.
    fn channels(&self, attrs: &mut Vec<syn::Attribute>, sig: &Signature) -> Option<ChannelRules> {
        if self.kind == AttributeKind::BoundedChannel {
            return Some(self.channels_of(self.args, sig));
        }
        let below = attrs.iter().position(|other| is_named(other, "bounded_channel"))?;
        // The other attribute reports its own errors.
        let args = group::arguments(&attrs[below]).ok()?;
        attrs.remove(below);
        Some(self.channels_of(&args, sig))
    }

    fn channels_of(&self, args: &Args, sig: &Signature) -> ChannelRules {
        ChannelRules {
            wrap: args.wrap.unwrap_or_default(),
            capacity: args.capacity,
            options: options(self.root, args),
            function: sig.ident.unraw().to_string(),
        }
    }

    fn function(&self, mut function: ItemFn, written: &TokenStream) -> TokenStream {
        let head = self.head(&function.sig);
        let is_alone = apart::is_alone(&function);
        let should_panic = apart::asked_panic(&function.attrs);
        // The harness's thread must not end with the panic of a report that the test does not ask for.
        let needs_thread = self.args.timeout.is_some() || should_panic.is_some();
        let apart = self.kind == AttributeKind::Test && needs_thread && is_alone;
        // Comes first, while the constructors are as the user wrote them.
        let ItemFn { attrs, sig, block, .. } = &mut function;
        let channels = self.channels(attrs, sig);
        let wants_twins = channels.as_ref().is_some_and(|c| c.wrap != Wrap::Never);
        let wrapped =
            channels.is_some_and(|channels| rewrite_channels(self.root, &channels, block));
        match self.kind {
            // The attribute below does the rest.
            AttributeKind::BoundedChannel | AttributeKind::Track if attrs.iter().any(is_ours) => {}
            AttributeKind::MustTerminate | AttributeKind::Track | AttributeKind::BoundedChannel => {
                let is_last = is_last_attribute(attrs);
                let watched = self.watch(sig, block, BodyForm { wants_twins, is_last });
                if !watched && !wrapped {
                    return written.clone();
                }
            }
            AttributeKind::Test => {
                let names = match sig.output {
                    ReturnType::Type(..) if is_alone => {
                        ["test_with_result", "test_sync_with_result"]
                    }
                    _ => ["test", "test_sync"],
                };
                self.run(sig, block, RunForm { wants_twins, names, should_panic });
            }
            AttributeKind::Main => {
                let names = ["main", "main_sync"];
                self.run(sig, block, RunForm { wants_twins, names, should_panic: None });
            }
            AttributeKind::Monitor => unreachable!("`monitor` has a file of its own"),
        }
        let on = match apart {
            true => apart::around(self.root, self.callable_head(&function.sig), function),
            false => quote!(#head #function),
        };
        self.root.gate(&on, &quote!(#head #written))
    }

    /// The attribute that turns a function into a test or a main function, in both forms of the item.
    fn head(&self, sig: &Signature) -> Option<TokenStream> {
        match (self.kind, sig.asyncness) {
            (AttributeKind::Test, Some(_)) => Some(self.tokio_attribute("test", None)),
            (AttributeKind::Main, Some(_)) => Some(self.tokio_attribute("main", None)),
            (AttributeKind::Test, None) => Some(test_attribute()),
            _ => None,
        }
    }

    /// The same for a function that a test calls.
    fn callable_head(&self, sig: &Signature) -> Option<TokenStream> {
        sig.asyncness?;
        let is_flavor = |(name, _): &(Ident, TokenStream)| name == "flavor";
        // As `tokio::test` does.
        let default = quote!(flavor = "current_thread");
        let flavor = (!self.args.tokio.iter().any(is_flavor)).then_some(default);
        Some(self.tokio_attribute("main", flavor))
    }

    fn tokio_attribute(&self, name: &str, more: Option<TokenStream>) -> TokenStream {
        let written = self.args.tokio.iter().map(|(_, written)| written.clone());
        let passed: Vec<TokenStream> = written.chain(more).collect();
        self.root.tokio_attribute(name, &passed)
    }

    /// Expands every kind but `test` and `main`. Returns whether the function has changed.
    fn watch(&self, sig: &mut Signature, block: &mut Block, form: BodyForm) -> bool {
        let shape = BodyShape::of(sig, block);
        let guarded = shape == BodyShape::Unwrapped && self.kind == AttributeKind::MustTerminate;
        let rewriter = self.rewriter(sig, block, form.wants_twins).guarded(guarded);
        let Rewritten { changed, mut sites } = rewriter.body(block);
        if changed && shape == BodyShape::Async {
            body::note_parameters(sig, block, self.root);
        }
        match (self.kind, shape) {
            (AttributeKind::Track | AttributeKind::BoundedChannel, _) if !sites.is_empty() => {
                body::open(block, self.call("track", sig, &mut sites).into_statement())
            }
            (AttributeKind::Track | AttributeKind::BoundedChannel, _) => return changed,
            (_, BodyShape::Sync) => {
                let ticket = self.call("ticket", sig, &mut sites);
                body::open(block, ticket.bound_to(&body::ticket()));
            }
            (_, BodyShape::Unwrapped) => {
                let scope = self.call("detached_scope", sig, &mut sites);
                body::open(block, scope.bound_to(&guard()));
            }
            (_, BodyShape::Async) => {
                let scope = self.call("scope", sig, &mut sites);
                if form.is_last {
                    body::hand_out(self.root, sig, block, &scope);
                } else {
                    body::wrap(sig, block, &scope);
                }
                self.finish(sig, block, sites);
                return true;
            }
            (_, BodyShape::Block) => {
                let output = output_of(sig, block);
                if let Some(future) = future_of(block) {
                    body::fix_output(future, output);
                    let wrapped = self.call("scope", sig, &mut sites).around(&*future);
                    *future = syn::Expr::Verbatim(wrapped);
                }
            }
        }
        self.list(sig, block, sites);
        true
    }

    fn finish(&self, sig: &Signature, block: &mut Block, sites: Sites) {
        self.list(sig, block, sites);
        // Inner attributes come first.
        body::allow_writes_to_self(sig, block);
    }

    fn list(&self, sig: &Signature, block: &mut Block, sites: Sites) {
        sites.open(self.root, &sig.ident.unraw().to_string(), block);
    }

    fn rewriter(&self, sig: &Signature, block: &Block, wants_twins: bool) -> Rewriter<'_> {
        Rewriter::new(self.root, self.aliases, sig, block).wants_twins(wants_twins)
    }

    /// Expands `test` and `main`.
    fn run(&self, sig: &mut Signature, block: &mut Block, form: RunForm) {
        let RunForm { wants_twins, names: [future, sync], should_panic } = form;
        let Rewritten { mut sites, .. } = self.rewriter(sig, block, wants_twins).body(block);
        let name = if sig.asyncness.is_some() { future } else { sync };
        let mut call = self.call(name, sig, &mut sites);
        call.options.extend(setter("should_panic", should_panic));
        if sig.asyncness.is_some() {
            body::wrap(sig, block, &call);
            self.finish(sig, block, sites);
        } else {
            body::enclose(sig, block, &call);
            self.list(sig, block, sites);
        }
    }

    fn call(&self, name: &str, sig: &Signature, sites: &mut Sites) -> RuntimeCall {
        let span = sig.ident.span();
        let path = self.root.private(name, span);
        // Only a macro can make the options of these two a constant.
        let bang = matches!(name, "scope" | "ticket").then(|| quote_spanned!(span=> !));
        RuntimeCall {
            path: quote!(#path #bang),
            of: sites.function(span),
            options: options(self.root, self.args),
            span,
        }
    }
}

/// The options of an attribute, as an expression.
fn options(root: &Root, args: &Args) -> TokenStream {
    let span = Span::mixed_site();
    let (options, action) = (root.private("Options", span), root.private("Action", span));
    let duration = |name: &str, value: Option<u64>| {
        let value = value.map(Literal::u64_suffixed);
        setter(name, value)
    };
    let on = |name: &str, value: Option<ActionArgument>| {
        let variant = value.map(|value| Ident::new(value.0, span));
        setter(name, variant.map(|variant| quote_spanned!(span=> #action::#variant)))
    };
    let setters = [
        duration("timeout", args.timeout),
        duration("grace", args.grace),
        on("on_leak", args.on_leak),
        on("on_overrun", args.on_overrun),
        setter("name", args.name.as_ref()),
        setter("allow", args.allow.as_ref()),
        setter("strict", args.strict.map(|strict| syn::LitBool::new(strict, span))),
    ];
    let setters = setters.iter().flatten();
    quote_spanned!(span=> #options::new() #(#setters)*)
}

/// `.name(value)`, if there is a value.
fn setter(name: &str, value: Option<impl ToTokens>) -> Option<TokenStream> {
    let span = Span::mixed_site();
    let name = Ident::new(name, span);
    value.map(|value| quote_spanned!(span=> .#name(#value)))
}

/// A call of one of the runtime's functions or macros. All its tokens carry the span of the function's name, which is its location.
pub(crate) struct RuntimeCall {
    path: TokenStream,
    /// The site of the function, or its name.
    of: TokenStream,
    options: TokenStream,
    span: Span,
}

impl RuntimeCall {
    fn around(&self, argument: impl ToTokens) -> TokenStream {
        let (path, of, options) = (&self.path, &self.of, &self.options);
        quote_spanned!(self.span=> #path(#of, #options, #argument))
    }

    fn alone(&self) -> TokenStream {
        let (path, of, options) = (&self.path, &self.of, &self.options);
        quote_spanned!(self.span=> #path(#of, #options))
    }

    fn into_statement(self) -> TokenStream {
        let call = self.alone();
        quote!(#call;)
    }

    fn bound_to(self, name: &Ident) -> TokenStream {
        let call = self.alone();
        quote_spanned!(Span::mixed_site()=> let #name = #call;)
    }
}
