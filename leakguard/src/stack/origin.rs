//! Decides the origin of a function: by where cargo got the crate of its source from, else by the crate that its symbol
//! names.

use super::name::FunctionName;
use super::{package, source};
use std::path::Path;

/// The origin of the code of a [`Frame`](super::Frame).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FrameOrigin {
    /// The code of the workspace being watched.
    User,
    /// A dependency: from a registry, a git checkout, a vendored copy or the compiler's sources.
    Library,
    /// The code below every task: the standard library, tokio, futures, and leakguard itself.
    Runtime,
}

/// Crates that only run the user's futures. To hide another crate, add its name as code spells it.
const RUNTIME: &[&str] = &[
    "alloc",
    "backtrace",
    "core",
    "std", // the language, and the unwinder
    "leakguard",
    "leakguard_macros",
    "tokio_leakguard",
    "futures",
    "futures_channel",
    "futures_core",
    "futures_executor",
    "futures_io",
    "futures_sink",
    "futures_task",
    "futures_util",
    "mio",
    "pin_project_lite",
    "tokio",
    "tokio_stream",
    "tokio_util",
    "tracing",
    "tracing_futures", // `Instrumented` futures
];

impl FrameOrigin {
    /// The source decides, since a default method of a trait has the user's type and the library's lines.
    pub(super) fn of(name: &FunctionName, file: Option<&Path>) -> Self {
        let fetched = file.and_then(package::fetched);
        match (fetched, file) {
            (Some(krate), _) if is_runtime(&krate) => Self::Runtime,
            (Some(_), _) => Self::Library,
            (None, _) if is_own_test(name) => Self::User,
            (None, Some(file)) if is_users(name, file) => Self::User,
            (None, None) if is_users_by_name(name) => Self::User,
            (None, _) => Self::Runtime,
        }
    }
}

/// Whether a file that cargo did not fetch is the user's: all but leakguard, start-up code in other languages, and a
/// runtime that cargo takes from a directory outside of the workspace.
fn is_users(name: &FunctionName, file: &Path) -> bool {
    if package::is_leakguards(file) || !is_rust(file) && name.krate.is_none() {
        return false;
    }
    let krate = name.krate.as_deref();
    let is_known = package::is_member(file) || krate.is_some_and(package::is_annotated);
    let seems_runtime = source::directory(file).as_deref().is_some_and(is_runtime);
    is_known || !seems_runtime || krate.is_some_and(|krate| !is_runtime(krate))
}

/// Without debug information. A function without a path is start-up code or a shim.
fn is_users_by_name(name: &FunctionName) -> bool {
    let krate = name.krate.as_deref();
    krate.is_some_and(|krate| package::is_annotated(krate) || !is_runtime(krate))
}

fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "rs")
}

fn is_runtime(krate: &str) -> bool {
    RUNTIME.contains(&krate)
}

/// In leakguard's own unit tests the test functions stand for the user's code.
fn is_own_test(name: &FunctionName) -> bool {
    cfg!(test) && name.shown.starts_with("leakguard::") && name.shown.contains("::tests::")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(symbol: &str, file: &str) -> FrameOrigin {
        let file = (!file.is_empty()).then(|| Path::new(file));
        FrameOrigin::of(&FunctionName::new(symbol, file), file)
    }

    #[test]
    fn code_outside_of_package_stores_is_the_users() {
        assert_eq!(origin("pool::worker::{{closure}}", "/w/pool/src/lib.rs"), FrameOrigin::User);
        assert_eq!(origin("pool::worker::{{closure}}", ""), FrameOrigin::User);
        assert_eq!(
            origin("<my::Fut as core::future::future::Future>::poll", "/w/src/lib.rs"),
            FrameOrigin::User
        );
        assert_eq!(origin("{async_fn#0}", "/w/src/main.rs"), FrameOrigin::User);
    }

    #[test]
    fn crates_of_the_workspace_may_have_the_names_of_a_runtime() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for name in ["core", "std", "futures", "tracing", "backtrace", "vendor/tokio"] {
            let (symbol, file) = (format!("{name}::serve::{{{{closure}}}}"), root.join(name));
            let file = file.join("src/server.rs");
            assert_eq!(origin(&symbol, file.to_str().unwrap()), FrameOrigin::User, "{name}");
        }
        // The directory alone has such a name, of a path dependency.
        assert_eq!(origin("my_core::serve", "/w/vendor/core/src/lib.rs"), FrameOrigin::User);
        // A runtime that `[patch]` takes from a directory beside the workspace.
        assert_eq!(origin("tokio::time::sleep", "/w/tokio/src/time.rs"), FrameOrigin::Runtime);
    }

    #[test]
    fn method_of_the_user_on_a_foreign_type_is_the_users() {
        let symbol = "<tokio::sync::mpsc::Receiver<u8> as my::Drain>::drain::{{closure}}";
        assert_eq!(origin(symbol, "/w/my/src/lib.rs"), FrameOrigin::User);
    }

    #[test]
    fn wrapper_around_a_user_future_belongs_to_its_library() {
        let symbol = "<tokio::task::unconstrained::Unconstrained<my::Fut> as core::future::future::Future>::poll";
        assert_eq!(origin(symbol, ""), FrameOrigin::Runtime);
        assert_eq!(
            origin(
                "<my::Fut as futures_util::future::FutureExt>::poll_unpin",
                "/r/registry/src/index.crates.io-1949cf8c6b5b557f/futures-util-0.3.34/src/future/mod.rs"
            ),
            FrameOrigin::Runtime
        );
        assert_eq!(
            origin(
                "<my::It as Iterator>::next",
                "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/iter/x.rs"
            ),
            FrameOrigin::Runtime
        );
    }

    #[test]
    fn leakguard_belongs_to_the_runtime_and_its_neighbours_do_not() {
        let here = "/home/user/leakguard/src/watch/future.rs";
        assert_eq!(
            origin("<leakguard::watch::future::Watched<my::Fut> as F>::poll", here),
            FrameOrigin::Runtime
        );
        let closure = concat!(env!("CARGO_MANIFEST_DIR"), "/src/__private/on.rs");
        assert_eq!(origin("my::dine::{{closure}}", closure), FrameOrigin::Runtime);
        assert_eq!(
            origin("leakguard_demo::worker", "/home/user/leakguard/demo/src/main.rs"),
            FrameOrigin::User
        );
        assert_eq!(origin("stacks::worker", "/home/user/tests/stacks/main.rs"), FrameOrigin::User);
        assert_eq!(
            origin("forgotten_sender::search", "/home/user/examples/forgotten_sender.rs"),
            FrameOrigin::User
        );
    }

    #[test]
    fn dependencies_and_glue_are_distinguished() {
        assert_eq!(
            origin(
                "flume::async::RecvFut<T>::poll_inner",
                "/r/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/flume-0.11.1/src/async.rs"
            ),
            FrameOrigin::Library
        );
        assert_eq!(
            origin("hyper::x", "/r/.cargo/git/checkouts/hyper-f41b9a7c2a1d3e55/0123abc/src/x.rs"),
            FrameOrigin::Library
        );
        assert_eq!(
            origin(
                "test::run_test",
                "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/test/src/lib.rs"
            ),
            FrameOrigin::Library
        );
        assert_eq!(origin("__rust_try", ""), FrameOrigin::Runtime);
        // A function of the C library, whose debug information may be installed.
        assert_eq!(origin("start_thread", "./nptl/pthread_create.c"), FrameOrigin::Runtime);
        assert_eq!(
            origin(
                "poll<u8>",
                "/r/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/tokio-1.54.1/src/sync/oneshot.rs"
            ),
            FrameOrigin::Runtime
        );
    }
}
