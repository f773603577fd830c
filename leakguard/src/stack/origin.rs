//! Decides the origin of a function, by the crate that its symbol names and by the path of its source.

use std::path::Path;

use super::name::FunctionName;
use super::source;

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
    /// The type's crate decides first: a function of tokio belongs to tokio, wherever its source lies. Then the source
    /// decides, since a default method of a trait has the user's type and the library's lines.
    pub(super) fn of(name: &FunctionName, file: Option<&Path>) -> Self {
        let foreign = file.filter(|file| source::is_foreign(file));
        if foreign.is_none() && is_own_test(name) {
            return Self::User;
        }
        if name.krate.as_deref().is_some_and(is_runtime) || file.is_some_and(is_glue) {
            return Self::Runtime;
        }
        match foreign {
            Some(file) => Self::of_foreign(file),
            // A function without a path, and without debug information or in another language, is start-up code or a
            // shim.
            None if !file.is_some_and(is_rust) && name.krate.is_none() => Self::Runtime,
            None => Self::User,
        }
    }

    fn of_foreign(file: &Path) -> Self {
        if source::package(file).as_deref().is_some_and(is_runtime) {
            Self::Runtime
        } else {
            Self::Library
        }
    }
}

fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "rs")
}

/// Whether the code is a closure that leakguard's macros put into a user's function.
fn is_glue(file: &Path) -> bool {
    let sources = Path::new(file!()).ancestors().nth(2);
    let folder = sources.map(|sources| sources.join("__private"));
    folder.zip(file.parent()).is_some_and(|(folder, parent)| parent.ends_with(folder))
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
    fn wrapper_around_a_user_future_belongs_to_its_library() {
        let symbol = "<tokio::task::unconstrained::Unconstrained<my::Fut> as core::future::future::Future>::poll";
        assert_eq!(origin(symbol, ""), FrameOrigin::Runtime);
        assert_eq!(
            origin(
                "<my::Fut as futures_util::future::FutureExt>::poll_unpin",
                "/r/registry/src/i/futures-util-0.3.34/src/future/mod.rs"
            ),
            FrameOrigin::Runtime
        );
        assert_eq!(
            origin("<my::It as Iterator>::next", "/rustc/59/library/core/src/iter/x.rs"),
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
        let closure = "/home/user/leakguard/src/__private/on.rs";
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
                "/r/.cargo/registry/src/i/flume-0.11.1/src/async.rs"
            ),
            FrameOrigin::Library
        );
        assert_eq!(
            origin("hyper::x", "/r/.cargo/git/checkouts/hyper-1/ab/src/x.rs"),
            FrameOrigin::Library
        );
        assert_eq!(
            origin("test::run_test", "/rustc/59/library/test/src/lib.rs"),
            FrameOrigin::Library
        );
        assert_eq!(origin("__rust_try", ""), FrameOrigin::Runtime);
        // A function of the C library, whose debug information may be installed.
        assert_eq!(origin("start_thread", "./nptl/pthread_create.c"), FrameOrigin::Runtime);
        assert_eq!(
            origin("poll<u8>", "/r/.cargo/registry/src/i/tokio-1.54.1/src/sync/oneshot.rs"),
            FrameOrigin::Runtime
        );
    }
}
