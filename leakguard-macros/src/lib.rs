//! The attributes of leakguard. They are documented where they are re-exported, in `leakguard`.

mod args;
mod expand;
mod fallback;
mod fragment;
mod item;
mod model;
mod path;
mod rewrite;
mod syntax;
mod validate;

use proc_macro::TokenStream;
use proc_macro2::Span;

use args::{Args, AttributeKind};
use item::Annotated;

/// Every task that the function spawns must end; see `leakguard::must_terminate`.
#[proc_macro_attribute]
pub fn must_terminate(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(AttributeKind::MustTerminate, args, item)
}

/// Registers the tasks that the function spawns; see `leakguard::track`.
#[proc_macro_attribute]
pub fn track(args: TokenStream, item: TokenStream) -> TokenStream {
    if args.is_empty() && rewrite::is_plain(&item) {
        return item;
    }
    attribute(AttributeKind::Track, args, item)
}

/// Watches the channels that the function creates; see `leakguard::bounded_channel`.
#[proc_macro_attribute]
pub fn bounded_channel(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(AttributeKind::BoundedChannel, args, item)
}

/// A test that fails on leaks; see `leakguard::test`.
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(AttributeKind::Test, args, item)
}

/// A main function that reports leaks when it returns; see `leakguard::main`.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(AttributeKind::Main, args, item)
}

/// A limit, a deadline and an alert for the calls of a function; see `leakguard::monitor`.
#[proc_macro_attribute]
pub fn monitor(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(AttributeKind::Monitor, args, item)
}

fn attribute(kind: AttributeKind, args: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let expanded = expanded(kind, args.into(), item.clone());
    expanded.unwrap_or_else(|error| fallback::fallback(kind, &item, &error)).into()
}

/// Parses and validates; the expansion cannot fail.
fn expanded(
    kind: AttributeKind,
    args: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> syn::Result<proc_macro2::TokenStream> {
    let annotated = Annotated::parse(kind, item.clone())?;
    let mut args = Args::parse(kind, args)?;
    validate::validate(kind, &args, &annotated)?;
    let root = path::Root::new(args.krate.take());
    let aliases = rewrite::Aliases::collect(&annotated, Span::call_site());
    let expansion = expand::Expansion { kind, args: &args, root: &root, aliases: &aliases };
    Ok(expansion.expand(annotated, item))
}
