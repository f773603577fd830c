//! Puts the body of a function into a monitor, in every build.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::{ItemFn, LitStr};

use super::{Attribute, Call, body};

pub(super) fn expand(attribute: &Attribute<'_>, mut function: ItemFn) -> TokenStream {
    let name = &function.sig.ident;
    let shown = attribute.args.name.clone();
    let shown = shown.unwrap_or_else(|| LitStr::new(&name.unraw().to_string(), name.span()));
    let call = Call {
        path: attribute.root.private("monitored", name.span()),
        of: shown.into_token_stream(),
        options: options(attribute),
        span: name.span(),
    };
    body::wrap(&mut function.sig, &mut function.block, &call);
    body::allow_writes_to_self(&function.sig, &mut function.block);
    function.into_token_stream()
}

/// A `MonitorBuilder`.
fn options(attribute: &Attribute<'_>) -> TokenStream {
    let (args, span) = (attribute.args, Span::mixed_site());
    let (monitor, duration) = (
        attribute.root.private("Monitor", span),
        attribute.root.private("Duration", span),
    );
    let time = |nanos: u64| {
        let nanos = Literal::u64_suffixed(nanos);
        quote_spanned!(span=> #duration::from_nanos(#nanos))
    };
    let max_active = args.max_active.map(|calls| {
        let calls = Literal::usize_suffixed(calls);
        quote_spanned!(span=> .max_active(#calls))
    });
    let call_timeout = args.call_timeout.map(|limit| {
        let limit = time(limit);
        quote_spanned!(span=> .call_timeout(#limit))
    });
    let alert_after = args.alert_after.as_ref().map(|(_, limit)| {
        let limit = time(*limit);
        quote_spanned!(span=> .alert_after(#limit))
    });
    let cancel = args
        .cancel_abandoned
        .map(|cancel| quote_spanned!(span=> .cancel_abandoned(#cancel)));
    quote_spanned!(span=> #monitor::builder() #max_active #call_timeout #alert_after #cancel)
}
