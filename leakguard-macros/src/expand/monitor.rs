//! Puts the body of a function into a monitor, in every build.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::{ItemFn, LitStr};

use super::{Expansion, RuntimeCall, body, setter};

pub(super) fn expand(expansion: &Expansion<'_>, mut function: ItemFn) -> TokenStream {
    let name = &function.sig.ident;
    let written = expansion.args.name.clone();
    let shown = written.unwrap_or_else(|| LitStr::new(&name.unraw().to_string(), name.span()));
    let monitored = expansion.root.private("monitored", name.span());
    let call = RuntimeCall {
        path: quote_spanned!(name.span()=> #monitored!),
        of: shown.into_token_stream(),
        options: options(expansion),
        span: name.span(),
    };
    body::wrap(&mut function.sig, &mut function.block, &call);
    body::allow_writes_to_self(&function.sig, &mut function.block);
    function.into_token_stream()
}

/// A `MonitorBuilder`.
fn options(expansion: &Expansion<'_>) -> TokenStream {
    let (args, root, span) = (expansion.args, expansion.root, Span::mixed_site());
    let [monitor, duration] = ["Monitor", "Duration"].map(|name| root.private(name, span));
    let time = |nanos: u64| {
        let nanos = Literal::u64_suffixed(nanos);
        quote_spanned!(span=> #duration::from_nanos(#nanos))
    };
    let alert_after = args.alert_after.as_ref().map(|(_, limit)| time(*limit));
    let setters = [
        setter("max_active", args.max_active.map(Literal::usize_suffixed)),
        setter("call_timeout", args.call_timeout.map(time)),
        setter("alert_after", alert_after),
        setter("cancel_abandoned", args.cancel_abandoned),
    ];
    let setters = setters.iter().flatten();
    quote_spanned!(span=> #monitor::builder() #(#setters)*)
}
