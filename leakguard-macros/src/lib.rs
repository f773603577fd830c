//! The attributes of leakguard. They are documented where they are re-exported, in `leakguard`.

mod args;
mod expand;
mod fallback;
mod item;
mod model;
mod path;
mod rewrite;
mod validate;

use proc_macro::TokenStream;
use proc_macro2::Span;

use args::{Args, Kind};
use item::Annotated;

/// Everything the function starts must end; see `leakguard::must_terminate`.
#[proc_macro_attribute]
pub fn must_terminate(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::MustTerminate, args, item)
}

/// Registers what the function starts; see `leakguard::track`.
#[proc_macro_attribute]
pub fn track(args: TokenStream, item: TokenStream) -> TokenStream {
    if args.is_empty() && rewrite::is_plain(&item) {
        return item;
    }
    attribute(Kind::Track, args, item)
}

/// Watches the channels that the function makes; see `leakguard::bounded_channel`.
#[proc_macro_attribute]
pub fn bounded_channel(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::BoundedChannel, args, item)
}

/// A test that fails on leaks; see `leakguard::test`.
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Test, args, item)
}

/// A main function that reports at its end; see `leakguard::main`.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Main, args, item)
}

/// A limit, a deadline and an alert for the calls of a function; see `leakguard::monitor`.
#[proc_macro_attribute]
pub fn monitor(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Monitor, args, item)
}

fn attribute(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let expanded = expanded(kind, args.into(), item.clone());
    expanded
        .unwrap_or_else(|error| fallback::fallback(kind, &item, &error))
        .into()
}

/// Parse and validate; what comes after cannot fail.
fn expanded(
    kind: Kind,
    args: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> syn::Result<proc_macro2::TokenStream> {
    let annotated = Annotated::parse(kind, item.clone())?;
    let mut args = Args::parse(kind, args)?;
    validate::validate(kind, &args, &annotated)?;
    let root = path::Root::new(args.krate.take());
    let names = rewrite::Names::collect(&annotated, Span::call_site());
    let attribute = expand::Attribute {
        kind,
        args: &args,
        root: &root,
        names: &names,
    };
    Ok(attribute.expand(annotated, item))
}
