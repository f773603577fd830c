//! Replaces `tokio::spawn` as a value, such as in `let start: fn(_) -> _ = tokio::spawn`, by a function of the same signature.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Ident, Path};

use super::Rewriter;
use super::aliases::ends_word;
use crate::path::Root;
use crate::syntax::names_from_end;

/// The parts of a signature in which the functions differ.
struct Spawner {
    /// Below `tokio`.
    path: &'static [&'static str],
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Future,
    LocalFuture,
    Job,
}

const SPAWNERS: [Spawner; 4] = [
    Spawner { path: &["spawn"], form: Form::Future },
    Spawner { path: &["task", "spawn"], form: Form::Future },
    Spawner { path: &["task", "spawn_local"], form: Form::LocalFuture },
    Spawner { path: &["task", "spawn_blocking"], form: Form::Job },
];

impl Spawner {
    fn of(path: &Path) -> Option<&'static Spawner> {
        let mut names: Vec<String> = names_from_end(path).collect();
        names.reverse();
        let (first, rest) = names.split_first()?;
        let plain = path.segments.iter().rev().skip(1).all(|segment| segment.arguments.is_none());
        SPAWNERS.iter().find(|spawner| first == "tokio" && plain && rest == spawner.path)
    }
}

/// The functions that take the place of others in one body.
#[derive(Default)]
pub(super) struct Substitutes {
    /// How often a body names one of them without a call. Two functions have two types, and one of them may be assigned where
    /// the other was. So only one is replaced.
    uses: usize,
    items: TokenStream,
}

impl Substitutes {
    /// For a body with this text.
    pub(super) fn of(text: &str) -> Self {
        Substitutes { uses: uses(text), items: TokenStream::new() }
    }

    pub(super) fn into_items(self) -> TokenStream {
        self.items
    }
}

/// Replaces `path`, which is not called here.
pub(super) fn rewrite(rewriter: &mut Rewriter<'_>, path: &mut Path) {
    if rewriter.substitutes.uses != 1 || rewriter.aliases.hides_tokio() {
        return;
    }
    let Some(spawner) = Spawner::of(path) else { return };
    let mut original = path.clone();
    let Some(last) = original.segments.last_mut() else { return };
    let arguments = std::mem::take(&mut last.arguments);
    let span = last.ident.span();
    let site = rewriter.sites.spawn(&format!("tokio::{}", spawner.path.join("::")), span);
    let name = Ident::new("__leakguard_spawner", Span::mixed_site().located_at(span));
    rewriter.substitutes.items = item(rewriter.root, spawner.form, &name, &original, &site);
    let mut new = Path::from(name);
    new.segments[0].arguments = arguments;
    *path = new;
    rewriter.changed = true;
}

/// The function, which refers to the table of sites beside it.
fn item(root: &Root, form: Form, name: &Ident, original: &Path, site: &TokenStream) -> TokenStream {
    let span = name.span();
    let (colons, krate) = (original.leading_colon, &original.segments[0].ident);
    let [watch, watch_job] = ["watch", "watch_job"].map(|name| root.private(name, span));
    let handle = quote_spanned!(span=> #colons #krate::task::JoinHandle);
    match form {
        Form::Future => quote_spanned! {span=>
            #[track_caller]
            fn #name<F>(future: F) -> #handle<F::Output>
            where
                F: ::core::future::Future + ::core::marker::Send + 'static,
                F::Output: ::core::marker::Send + 'static,
            {
                #original(#watch!(#site, false, future))
            }
        },
        Form::LocalFuture => quote_spanned! {span=>
            #[track_caller]
            fn #name<F>(future: F) -> #handle<F::Output>
            where
                F: ::core::future::Future + 'static,
                F::Output: 'static,
            {
                #original(#watch!(#site, false, future))
            }
        },
        Form::Job => quote_spanned! {span=>
            #[track_caller]
            fn #name<F, R>(job: F) -> #handle<R>
            where
                F: ::core::ops::FnOnce() -> R + ::core::marker::Send + 'static,
                R: ::core::marker::Send + 'static,
            {
                #original(#watch_job!(#site, false, job))
            }
        },
    }
}

/// How often the text of a body names a function of `tokio` that spawns, and does not call it. Macros are not parsed.
fn uses(text: &str) -> usize {
    if !text.contains("spawn") {
        return 0;
    }
    let text: String = text.split_whitespace().collect();
    let count = |spawner: &Spawner| {
        let path = format!("tokio::{}", spawner.path.join("::"));
        let after =
            text.match_indices(&path).filter_map(|(at, _)| text[at + path.len()..].chars().next());
        after.filter(|next| *next != '(' && ends_word(*next)).count()
    };
    SPAWNERS.iter().map(count).sum()
}

#[cfg(test)]
mod tests {
    use super::uses;

    #[test]
    fn only_a_path_that_is_not_called_is_a_use() {
        assert_eq!(uses("{ tokio :: spawn (f) ; tokio::task::spawn_blocking(g) }"), 0);
        assert_eq!(uses("{ let a = tokio :: spawn ; b(tokio::task::spawn, 1) }"), 2);
        assert_eq!(uses("{ tokio::task::spawn_blocking; tokio::spawner }"), 1);
    }
}
