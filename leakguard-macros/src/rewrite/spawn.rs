//! Makes calls that start something hand their arguments over watched.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, ExprMethodCall, Path, Token};

use super::argument::{self, Part, Position};
use super::wait::{first, strip};
use super::{Rewriter, bare};
use crate::path::Root;

const STARTERS: &[&str] = &[
    "spawn",
    "spawn_async",
    "spawn_blocking",
    "spawn_blocking_on",
    "spawn_boxed",
    "spawn_detached",
    "spawn_fifo",
    "spawn_future",
    "spawn_local",
    "spawn_local_on",
    "spawn_named",
    "spawn_on",
    "spawn_pinned",
    "spawn_pinned_by_idx",
    "spawn_scoped",
    "spawn_task",
    "spawn_thread",
    "spawn_unchecked",
    "spawn_with_handle",
];

/// A call that starts something.
struct Starter {
    name: String,
    text: String,
    span: Span,
    /// It is known to want an `FnOnce()`.
    job: bool,
    detached: bool,
}

pub(super) fn rewrite_call(rewriter: &mut Rewriter<'_>, call: &mut ExprCall, detached: bool) {
    let Expr::Path(path) = bare(&call.func) else {
        return;
    };
    let Some((name, job)) = starter_path(rewriter, &path.path) else {
        return;
    };
    let starter = Starter {
        name,
        text: text(&path.path),
        span: first(&call.func),
        job,
        detached,
    };
    arguments(rewriter, &starter, &mut call.args);
}

/// Gives the site of what is started. Whether a thrown away result was its handle, only the type of the result can tell.
pub(super) fn rewrite_method(
    rewriter: &mut Rewriter<'_>,
    call: &mut ExprMethodCall,
) -> Option<TokenStream> {
    let name = call.method.to_string();
    if !STARTERS.contains(&name.as_str()) {
        return None;
    }
    let (text, job) = (format!(".{name}"), is_job(&name));
    let starter = Starter {
        name,
        text,
        span: call.method.span(),
        job,
        detached: false,
    };
    arguments(rewriter, &starter, &mut call.args)
}

/// `call`, whose result is thrown away, after it has started something at `site`.
pub(super) fn throw_away(root: &Root, call: &ExprMethodCall, site: &TokenStream) -> Expr {
    let span = call.method.span();
    let path = root.private("discarded", span);
    Expr::Verbatim(quote_spanned!(span=> #path!(#call, #site)))
}

/// The true name of what is called, and whether it is known to want an `FnOnce()`.
fn starter_path(rewriter: &Rewriter<'_>, path: &Path) -> Option<(String, bool)> {
    let last = path.segments.last()?.ident.to_string();
    if path.segments.len() == 1
        && let Some((name, owner)) = rewriter.names.renamed(&last)
    {
        return Some((name.clone(), is_job(name) || owner == "thread"));
    }
    let owner = path
        .segments
        .iter()
        .rev()
        .nth(1)
        .map(|segment| segment.ident.to_string());
    let job = is_job(&last) || matches!(owner.as_deref(), Some("thread" | "rayon"));
    STARTERS.contains(&last.as_str()).then_some((last, job))
}

fn is_job(name: &str) -> bool {
    name.starts_with("spawn_blocking")
        || matches!(name, "spawn_thread" | "spawn_unchecked" | "spawn_fifo")
}

pub(super) fn is_starter(name: &str) -> bool {
    name.starts_with("spawn") && STARTERS.contains(&name)
}

/// The path as the user knows it, without generic arguments.
fn text(path: &Path) -> String {
    let names: Vec<String> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    names.join("::")
}

fn arguments(
    rewriter: &mut Rewriter<'_>,
    starter: &Starter,
    arguments: &mut Punctuated<Expr, Token![,]>,
) -> Option<TokenStream> {
    let count = arguments.len();
    let mut site = None;
    for (index, argument) in arguments.iter_mut().enumerate() {
        let position = Position {
            alone: count == 1,
            last: index + 1 == count,
        };
        let pointer = rewriter.names.wants_pointer(&starter.name, index);
        match argument::part(argument, &rewriter.borrowed, &position) {
            Part::None => continue,
            Part::Closure(_) if pointer => continue,
            Part::Closure(closure) => site = Some(wrap(rewriter, starter, "watch_call", closure)),
            Part::Value(value) => {
                let with = if starter.job { "watch_job" } else { "watch" };
                site = Some(wrap(rewriter, starter, with, value));
            }
        }
    }
    site
}

/// Gives the site.
fn wrap(
    rewriter: &mut Rewriter<'_>,
    starter: &Starter,
    with: &str,
    argument: &mut Expr,
) -> TokenStream {
    let Starter {
        text,
        span,
        detached,
        ..
    } = starter;
    let watch = rewriter.root.private(with, *span);
    let site = rewriter.sites.spawn(text, *span);
    let fate = syn::Ident::new(if *detached { "detached" } else { "kept" }, *span);
    let argument_now = strip(argument);
    *argument = Expr::Verbatim(quote_spanned!(*span=> #watch!(#site, #fate, #argument_now)));
    rewriter.changed = true;
    site
}
