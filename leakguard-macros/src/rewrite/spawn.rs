//! Makes calls that spawn wrap their arguments.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::punctuated::Punctuated;
use syn::{
    Expr, ExprCall, ExprField, ExprMethodCall, GenericArgument, Ident, LitBool, Member, Path,
    Token, Type,
};

use super::Rewriter;
use super::argument::{self, ArgumentPosition, WatchedPart};
use super::names::{is_spawn_name, takes_job};
use crate::path::Root;
use crate::syntax::{bare, first_span, last_name, names_from_end, take_operand};

/// A call that spawns something.
struct SpawnCall {
    name: String,
    text: String,
    span: Span,
    /// It is known to take an `FnOnce()`.
    takes_job: bool,
    detached: bool,
}

pub(super) fn rewrite_call(rewriter: &mut Rewriter<'_>, call: &mut ExprCall, detached: bool) {
    let path = match bare(&call.func) {
        Expr::Path(path) => path,
        Expr::Field(ExprField { member: Member::Named(name), .. }) => {
            let name = name.clone();
            return rewrite_field(rewriter, &name, &mut call.args);
        }
        _ => return,
    };
    let Some((name, takes_job)) = spawn_path(rewriter, &path.path) else {
        return;
    };
    let spawn = SpawnCall {
        name,
        text: text(&path.path),
        span: first_span(&call.func),
        takes_job,
        detached,
    };
    rewrite_arguments(rewriter, &spawn, &mut call.args);
}

/// `(self.spawn)(future)`, where the field is a function. A closure literal stays, because a bare `fn()` may be wanted.
fn rewrite_field(
    rewriter: &mut Rewriter<'_>,
    field: &Ident,
    arguments: &mut Punctuated<Expr, Token![,]>,
) {
    let name = field.to_string();
    if is_spawn_name(&name) && !arguments.iter().any(argument::has_closure) {
        let text = format!(".{name}");
        let (takes_job, span) = (takes_job(&name), field.span());
        let spawn = SpawnCall { name, text, span, takes_job, detached: false };
        rewrite_arguments(rewriter, &spawn, arguments);
    }
}

/// Methods that call their only argument with one item, and bound its type by a trait of closures.
const MAPS: [&str; 3] = ["map", "for_each", "then"];

/// `.map(tokio::spawn)` becomes `.map(|future| tokio::spawn(future))`, in which the spawn is a call. Only where the function
/// is known: the type of the parameter has to follow from what calls it.
pub(super) fn expand_path(rewriter: &Rewriter<'_>, call: &mut ExprMethodCall) {
    if !MAPS.iter().any(|name| call.method == name) || call.args.len() != 1 {
        return;
    }
    let Some(Expr::Path(path)) = call.args.first().cloned() else { return };
    let owner = names_from_end(&path.path).nth(1);
    let is_known = matches!(owner.as_deref(), None | Some("tokio" | "task"));
    if is_known && path.qself.is_none() && spawn_path(rewriter, &path.path).is_some() {
        let future = Ident::new("__leakguard_future", Span::mixed_site());
        call.args[0] = syn::parse_quote!(|#future| #path(#future));
    }
}

/// Returns the site of the spawn. Whether a discarded result was its handle, only the type of the result shows.
pub(super) fn rewrite_method(
    rewriter: &mut Rewriter<'_>,
    call: &mut ExprMethodCall,
) -> Option<TokenStream> {
    let name = call.method.to_string();
    if !is_spawn_name(&name) {
        return None;
    }
    let spawn = SpawnCall {
        text: format!(".{name}"),
        takes_job: takes_job(&name),
        name,
        span: call.method.span(),
        detached: false,
    };
    rewrite_arguments(rewriter, &spawn, &mut call.args)
}

/// `futures.collect::<JoinSet<_>>()` spawns each of the futures. `wanted` is the type of the result, if a `let` names it.
pub(super) fn rewrite_collect(
    rewriter: &mut Rewriter<'_>,
    call: &mut ExprMethodCall,
    wanted: Option<&Type>,
) {
    if call.method != "collect" || !call.args.is_empty() {
        return;
    }
    let named = call.turbofish.as_ref().and_then(|turbofish| match turbofish.args.first() {
        Some(GenericArgument::Type(named)) => Some(named),
        _ => None,
    });
    if !named.or(wanted).is_some_and(is_join_set) {
        return;
    }
    let span = call.method.span();
    let watch = rewriter.root.private("watch", span);
    let site = rewriter.sites.spawn(".collect", span);
    let future = Ident::new("__leakguard_future", Span::mixed_site());
    // With its parentheses, if it has any.
    let receiver = std::mem::replace(&mut *call.receiver, Expr::Verbatim(TokenStream::new()));
    // As a method, because a stream collects into a set as well.
    *call.receiver = Expr::Verbatim(
        quote_spanned!(span=> #receiver.map(|#future| #watch!(#site, false, #future))),
    );
    rewriter.changed = true;
}

fn is_join_set(named: &Type) -> bool {
    matches!(named, Type::Path(path) if last_name(&path.path).is_some_and(|name| name == "JoinSet"))
}

/// `call`, which spawns at `site` and whose result is discarded.
pub(super) fn discard(root: &Root, call: &ExprMethodCall, site: &TokenStream) -> Expr {
    let span = call.method.span();
    let path = root.private("discarded", span);
    Expr::Verbatim(quote_spanned!(span=> #path!(#call, #site)))
}

/// The original name of the callee, and whether it is known to take an `FnOnce()`.
fn spawn_path(rewriter: &Rewriter<'_>, path: &Path) -> Option<(String, bool)> {
    let mut names = names_from_end(path);
    let (last, owner) = (names.next()?, names.next());
    if owner.is_none()
        && let Some((name, owner)) = rewriter.aliases.renamed(&last)
    {
        return Some((name.clone(), takes_job(name) || owner == "thread"));
    }
    let takes_job = takes_job(&last) || matches!(owner.as_deref(), Some("thread" | "rayon"));
    is_spawn_name(&last).then_some((last, takes_job))
}

/// The path as the user knows it, without generic arguments.
fn text(path: &Path) -> String {
    let mut names: Vec<String> = names_from_end(path).collect();
    names.reverse();
    names.join("::")
}

/// Returns the site if an argument is watched.
fn rewrite_arguments(
    rewriter: &mut Rewriter<'_>,
    spawn: &SpawnCall,
    arguments: &mut Punctuated<Expr, Token![,]>,
) -> Option<TokenStream> {
    let count = arguments.len();
    let mut site = None;
    for (index, argument) in arguments.iter_mut().enumerate() {
        let position = ArgumentPosition { alone: count == 1, last: index + 1 == count };
        let pointer = rewriter.aliases.wants_pointer(&spawn.name, index);
        match argument::part(argument, &rewriter.borrowed, &position) {
            WatchedPart::None => continue,
            WatchedPart::Closure(_) if pointer => continue,
            WatchedPart::Closure(closure) => {
                site = Some(wrap(rewriter, spawn, "watch_call", closure))
            }
            WatchedPart::Value(value) => {
                let with = if spawn.takes_job { "watch_job" } else { "watch" };
                site = Some(wrap(rewriter, spawn, with, value));
            }
        }
    }
    site
}

/// Returns the site.
fn wrap(
    rewriter: &mut Rewriter<'_>,
    spawn: &SpawnCall,
    with: &str,
    argument: &mut Expr,
) -> TokenStream {
    let span = spawn.span;
    let watch = rewriter.root.private(with, span);
    let site = rewriter.sites.spawn(&spawn.text, span);
    let detached = LitBool::new(spawn.detached, span);
    let operand = take_operand(argument);
    *argument = Expr::Verbatim(quote_spanned!(span=> #watch!(#site, #detached, #operand)));
    rewriter.changed = true;
    site
}
