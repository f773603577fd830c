//! What runs the tests of this process.

use std::env;
use std::path::Path;
use std::sync::OnceLock;

/// What runs the tests of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runner {
    /// The harness of rustc, or one that takes its place in a test binary of cargo's.
    Libtest,
    /// Each test is a process.
    Nextest,
    /// It is no test binary.
    None,
}

impl Runner {
    pub(super) fn here() -> Self {
        static HERE: OnceLock<Runner> = OnceLock::new();
        *HERE.get_or_init(|| match env::current_exe() {
            _ if env::var_os("NEXTEST").is_some() => Runner::Nextest,
            Ok(binary) if is_test(&binary) => Runner::Libtest,
            _ => Runner::None,
        })
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Runner::Libtest => "libtest",
            Runner::Nextest => "nextest",
            Runner::None => "none",
        }
    }
}

/// Whether cargo built it to be run in place. It gives test binaries a hash and puts them among the dependencies.
fn is_test(binary: &Path) -> bool {
    let folder = binary.parent().and_then(Path::file_name);
    let stem = binary.file_stem().unwrap_or_default().to_string_lossy();
    let hash = stem.rsplit_once('-').map(|(_, hash)| hash);
    let is_hash = |hash: &str| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    folder.is_some_and(|name| name == "deps") && hash.is_some_and(is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_binaries_are_known_by_their_path() {
        let is = |path| is_test(Path::new(path));
        assert!(is("/w/target/debug/deps/all-0123456789abcdef"));
        assert!(is("/w/target/debug/deps/my_app-0123456789abcdef.exe"));
        assert!(!is("/w/target/debug/my-app"));
        assert!(!is("/w/target/debug/examples/all-0123456789abcdef"));
        assert!(!is("/w/target/debug/deps/my-app"));
        assert!(is(env::current_exe().unwrap().to_str().unwrap()));
    }
}
