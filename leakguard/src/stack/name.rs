//! Turns a demangled symbol, of either mangling, into the path a user would write; does not judge its origin.

use std::path::Path;

use super::source;

/// A function's name, and the crate that its symbol names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FunctionName {
    /// In the form of reports.
    pub(super) shown: String,
    /// The crate of the function, or of the type that it is implemented for.
    pub(super) krate: Option<String>,
    /// The path is that of the file, because the symbol has only the last part.
    pub(super) is_guessed: bool,
}

impl FunctionName {
    /// Reads `symbol`, which must be demangled without its hash; `file` helps where the symbol is only a last segment,
    /// as with `debug = "line-tables-only"`.
    pub(super) fn new(symbol: &str, file: Option<&Path>) -> Self {
        let plain = drop_closures(&drop_generics(symbol));
        let module = file.and_then(source::module).filter(|_| !plain.contains("::"));
        let is_guessed = module.is_some();
        let shown = module.map_or_else(|| plain.clone(), |module| format!("{module}::{plain}"));
        let krate = first_crate(&shown).map(str::to_owned);
        Self { shown: shorten_trait(&shown), krate, is_guessed }
    }
}

/// Removes each `<…>` that lists arguments, and keeps one that qualifies: `<T<A> as I<B>>::f` to `<T as I>::f`.
/// An inherent `<T<A>>::f`, as the v0 mangling has it, becomes `T::f`.
fn drop_generics(symbol: &str) -> String {
    let mut out = String::with_capacity(symbol.len());
    let mut rest = symbol;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        let Some(length) = group_length(&rest[open..]) else {
            break;
        };
        let inner = &rest[open + 1..open + length - 1];
        rest = &rest[open + length..];
        if opens_a_path(&out) {
            push_qualified(&mut out, &drop_generics(inner));
        } else if out.ends_with("::") {
            out.truncate(out.len() - 2);
        }
    }
    out.push_str(rest);
    out
}

/// A bracket that follows neither a name nor `::` starts a path.
fn opens_a_path(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '}'))
}

fn push_qualified(out: &mut String, inner: &str) {
    if inner.contains(" as ") {
        out.extend(["<", inner, ">"]);
    } else {
        out.push_str(inner);
    }
}

/// The length of the bracketed group at the start of `text`; the arrow of a function type is no bracket.
fn group_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
        before = c;
    }
    None
}

/// The compiler treats the body of an async function as a closure, so one level is dropped and further levels become
/// one.
fn drop_closures(plain: &str) -> String {
    let segments = split_segments(plain);
    let (closures, named): (Vec<&str>, Vec<&str>) =
        segments.into_iter().partition(|part| is_closure(part));
    match (named.is_empty(), closures.len()) {
        (true, _) => closures.last().map_or_else(String::new, |part| unnumbered(part)),
        (false, 0 | 1) => named.join("::"),
        (false, _) => named.join("::") + "::{closure}",
    }
}

/// Splits at `::`, but not inside `<…>`.
fn split_segments(plain: &str) -> Vec<&str> {
    let skip = plain.starts_with('<').then(|| group_length(plain)).flatten().unwrap_or(0);
    let (head, tail) = plain.split_at(skip);
    let mut segments: Vec<&str> = tail.split("::").collect();
    if skip > 0 {
        segments[0] = head;
    }
    segments
}

fn is_closure(segment: &str) -> bool {
    const KINDS: &[&str] =
        &["{{closure}}", "{closure", "{async_fn", "{async_block", "{async_closure", "{coroutine"];
    KINDS.iter().any(|kind| segment.starts_with(kind))
}

/// `{async_fn#0}` to `{async_fn}`, `{{closure}}` to `{closure}`.
fn unnumbered(closure: &str) -> String {
    let kind = closure.trim_matches(['{', '}']);
    let kind = kind.split('#').next().unwrap_or(kind);
    format!("{{{kind}}}")
}

/// `<pool::Job as core::future::future::Future>::poll` to `<pool::Job as Future>::poll`.
fn shorten_trait(plain: &str) -> String {
    let split = plain.strip_prefix('<').and_then(|rest| rest.rsplit_once(" as "));
    let Some((implementor, rest)) = split else {
        return plain.to_owned();
    };
    let Some((interface, method)) = rest.split_once('>') else {
        return plain.to_owned();
    };
    let interface = interface.rsplit("::").next().unwrap_or(interface);
    format!("<{implementor} as {interface}>{method}")
}

/// The first path in a symbol: that of the type if it has one, else that of the trait.
fn first_crate(plain: &str) -> Option<&str> {
    let (path, _) = plain.split_once("::")?;
    let start = path.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    Some(&path[start..]).filter(|krate| !krate.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(symbol: &str, shown: &str, krate: &str) {
        let name = FunctionName::new(symbol, None);
        assert_eq!((name.shown.as_str(), name.krate.as_deref()), (shown, Some(krate)), "{symbol}");
    }

    #[test]
    fn both_manglings_give_the_same_name() {
        let recv = "tokio::sync::mpsc::chan::Rx::recv";
        check("tokio::sync::mpsc::chan::Rx<T,S>::recv::{{closure}}", recv, "tokio");
        check("<tokio::sync::mpsc::chan::Rx<u8, a::Semaphore>>::recv::{closure#0}", recv, "tokio");
        check("pool::worker::{{closure}}", "pool::worker", "pool");
        check("pool::worker::{closure#0}", "pool::worker", "pool");
        check("pool::once::<pool::main::{closure#0}>", "pool::once", "pool");
    }

    #[test]
    fn closure_in_an_async_function_is_one_more_level() {
        check("pool::process::{{closure}}::{{closure}}", "pool::process::{closure}", "pool");
        check(
            "pool::process::{closure#0}::{closure#1}::{closure#0}",
            "pool::process::{closure}",
            "pool",
        );
        check("pool::outer::{{closure}}::inner", "pool::outer::inner", "pool");
    }

    #[test]
    fn trait_function_is_named_by_its_type() {
        let poll = "core::future::future::Future>::poll";
        check(&format!("<pool::Job<pool::A> as {poll}"), "<pool::Job as Future>::poll", "pool");
        check(
            &format!("<tokio::task::unconstrained::Unconstrained<my::Fut> as {poll}"),
            "<tokio::task::unconstrained::Unconstrained as Future>::poll",
            "tokio",
        );
        check(&format!("<&mut F as {poll}"), "<&mut F as Future>::poll", "core");
        check(&format!("<&mut my::Fut as {poll}"), "<&mut my::Fut as Future>::poll", "my");
        check(
            "<fn(a::A) -> b::B as my::Call<(u8,)>>::call",
            "<fn(a::A) -> b::B as Call>::call",
            "a",
        );
        check("<F as my::Ext<A>>::go::{{closure}}", "<F as Ext>::go", "my");
        check(
            "core::ops::function::impls::<impl core::ops::function::FnOnce<A> for &mut F>::call_once",
            "core::ops::function::impls::call_once",
            "core",
        );
        check("<<my::A as my::B>::C as my::D>::go", "<<my::A as my::B>::C as D>::go", "my");
    }

    #[test]
    fn bare_name_gets_its_module_from_the_file() {
        let file = Path::new("/r/registry/src/i/tokio-1.54.1/src/sync/mutex.rs");
        let name = |symbol| FunctionName::new(symbol, Some(file)).shown;
        assert_eq!(name("{async_fn#0}<u8, a::B>"), "tokio::sync::mutex::{async_fn}");
        assert_eq!(name("lock<u8>"), "tokio::sync::mutex::lock");
        assert_eq!(name("my::lock"), "my::lock");
        assert_eq!(
            FunctionName::new("main", None),
            FunctionName { shown: "main".into(), krate: None, is_guessed: false }
        );
    }
}
