//! Where cargo got the package of a source file from: told by the form of the path and by files beside it, because any
//! directory of the user's may be named `vendor`, `core` or `registry`.

use super::source::{crate_name, slashed, split_at_src, version_start};
use crate::site;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The crate of a package that is no part of any workspace: from a registry, a git repository, a vendored copy, or the
/// compiler's own.
pub(super) fn fetched(file: &Path) -> Option<String> {
    let text = slashed(file);
    let directory = of_compiler(&text)
        .or_else(|| in_registry(&text))
        .or_else(|| in_checkout(&text))
        .map(str::to_owned)
        .or_else(|| vendored(file))?;
    Some(crate_name(&directory))
}

/// The package of such a crate as its manifest names it, with its version if the path has it. The compiler's own are
/// left out.
pub(super) fn named(file: &Path) -> Option<(String, Option<String>)> {
    let text = slashed(file);
    if of_compiler(&text).is_some() {
        return None;
    }
    let directory = in_registry(&text).or_else(|| in_checkout(&text)).map(str::to_owned);
    let directory = directory.or_else(|| vendored(file))?;
    Some(match version_start(&directory) {
        Some(at) => (directory[..at].to_owned(), Some(directory[at + 1..].to_owned())),
        None => (directory, None),
    })
}

/// Whether the file belongs to leakguard itself.
pub(super) fn is_leakguards(file: &Path) -> bool {
    option_env!("CARGO_MANIFEST_DIR")
        .is_some_and(|own| file.starts_with(Path::new(own).join("src")))
}

/// Whether the file lies in the workspace of the package that cargo runs. For a program that runs without cargo, in one
/// that has an annotated file: cargo passes the files of members to rustc by their paths from the workspace.
pub(super) fn is_member(file: &Path) -> bool {
    static ROOT: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
        workspace(&package)
    });
    static ANNOTATED: LazyLock<Option<&Path>> = LazyLock::new(|| {
        let mut files = site::sites().into_iter().map(|site| Path::new(site.location().file()));
        files.find(|file| file.is_relative())
    });
    match (&*ROOT, &*ANNOTATED) {
        (Some(root), _) => file.starts_with(root),
        (None, Some(known)) => workspace(file).is_some_and(|root| root.join(known).is_file()),
        (None, None) => false,
    }
}

/// Whether the crate has a site, and so is the user's.
pub(super) fn is_annotated(krate: &str) -> bool {
    static CRATES: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let all = site::sites().into_iter().filter_map(|site| site.module().split("::").next());
        let mut crates: Vec<_> = all.filter(|krate| *krate != "leakguard").collect();
        crates.dedup();
        crates
    });
    CRATES.contains(&krate)
}

/// The nearest directory around a path that has a lock file.
pub(super) fn workspace(path: &Path) -> Option<PathBuf> {
    let mut around = path.ancestors();
    around.find(|directory| directory.join("Cargo.lock").is_file()).map(Path::to_path_buf)
}

/// `core` of `/rustc/HASH/library/core/src/…`, of the copy that rustup installs, or a package that std was built with.
fn of_compiler(text: &str) -> Option<&str> {
    let in_build = text.strip_prefix("/rustc/").and_then(|rest| rest.split_once("/library/"));
    let in_copy = || text.split_once("/lib/rustlib/src/rust/library/");
    let library = in_build.or_else(in_copy).map(|(_, library)| library);
    library.or_else(|| text.strip_prefix("/rust/deps/"))?.split('/').next()
}

/// `tokio-1.54.1` of `…/registry/src/index.crates.io-0123456789abcdef/tokio-1.54.1/src/…`.
fn in_registry(text: &str) -> Option<&str> {
    each_after(text, "/registry/src/").find_map(|rest| {
        let (index, rest) = rest.split_once('/')?;
        let (package, _) = rest.split_once('/')?;
        (is_hashed(index) || index == OURS).then_some(package)
    })
}

/// The index of the copies that `cargo leakguard` makes.
const OURS: &str = "leakguard";

/// The directory of a package in `…/git/checkouts/hyper-0123456789abcdef/fedcba9/…`, or `hyper` at its root.
fn in_checkout(text: &str) -> Option<&str> {
    each_after(text, "/git/checkouts/").find_map(|rest| {
        let (repository, rest) = rest.split_once('/')?;
        let (revision, _) = rest.split_once('/')?;
        let is_revision = revision.len() >= 7 && is_hex(revision);
        (is_hashed(repository) && is_revision).then_some(())?;
        let package = split_at_src(text).map(|(package, _)| package);
        package
            .filter(|package| *package != revision)
            .or_else(|| repository.rsplit_once('-').map(|it| it.0))
    })
}

/// The directory of a package that `cargo vendor` copied: it puts a list of checksums into each.
fn vendored(file: &Path) -> Option<String> {
    let package =
        file.ancestors().skip(1).find(|directory| directory.join("Cargo.toml").is_file())?;
    let is_copy = package.join(".cargo-checksum.json").is_file();
    is_copy.then(|| package.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

fn each_after<'a>(text: &'a str, lead: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(lead).map(|(at, lead)| &text[at + lead.len()..])
}

/// Whether cargo made the name: it ends with a hash.
fn is_hashed(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(_, hash)| hash.len() == 16 && is_hex(hash))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(file: &str) -> Option<String> {
        fetched(Path::new(file))
    }

    #[test]
    fn packages_that_cargo_fetched_are_known_by_the_form_of_their_path() {
        let cases = [
            (
                "/r/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/tokio-1.54.1/src/lib.rs",
                "tokio",
            ),
            (
                "/w/target/leakguard/registry/src/leakguard/tokio-1.54.1/src/macros/select.rs",
                "tokio",
            ),
            ("/r/registry/src/github.com-1ecc6299db9ec823/odd-name-0.1.0/library/a.rs", "odd_name"),
            ("/r/.cargo/git/checkouts/hyper-f41b9a7c2a1d3e55/0123abc/src/x.rs", "hyper"),
            (
                "/r/.cargo/git/checkouts/tokio-f41b9a7c2a1d3e55/0123abc/tokio-util/src/x.rs",
                "tokio_util",
            ),
            (
                "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/future/mod.rs",
                "core",
            ),
            (
                r"C:\r\.cargo\registry\src\index.crates.io-1949cf8c6b5b557f\mio-1.2.4\src\lib.rs",
                "mio",
            ),
            (
                "/r/.rustup/toolchains/stable/lib/rustlib/src/rust/library/alloc/src/boxed.rs",
                "alloc",
            ),
            ("/rust/deps/hashbrown-0.16.1/src/map.rs", "hashbrown"),
        ];
        for (file, krate) in cases {
            assert_eq!(from(file).as_deref(), Some(krate), "{file}");
        }
    }

    #[test]
    fn directories_of_the_user_may_have_any_name() {
        let users = [
            "/home/me/registry/src/main.rs",
            "/home/me/registry/src/api/v1/list.rs",
            "/home/me/git/checkouts/mine/src/lib.rs",
            "/home/me/vendor/app/src/lib.rs",
            "/home/me/rustc/driver/src/lib.rs",
            "/home/me/core/src/lib.rs",
        ];
        for file in users {
            assert_eq!(from(file), None, "{file}");
        }
    }

    #[test]
    fn vendored_copy_is_known_by_its_checksums() {
        let root = env::temp_dir().join(format!("leakguard-vendor-{}", std::process::id()));
        let (copy, own) = (root.join("vendor/flume-0.11.1"), root.join("vendor/mine"));
        for package in [&copy, &own] {
            std::fs::create_dir_all(package.join("src")).unwrap();
            std::fs::write(package.join("Cargo.toml"), "").unwrap();
        }
        std::fs::write(copy.join(".cargo-checksum.json"), "{}").unwrap();
        let found = [&copy, &own].map(|package| fetched(&package.join("src/lib.rs")));
        std::fs::remove_dir_all(root).unwrap();
        assert_eq!(found, [Some("flume".to_owned()), None]);
    }

    #[test]
    fn workspace_and_leakguard_are_told_apart() {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let test = own.parent().unwrap().join("core/src/lib.rs");
        assert!(is_member(&test) && !is_leakguards(&test));
        assert!(is_leakguards(&own.join("src/lib.rs")));
        assert!(!is_member(Path::new("/elsewhere/core/src/lib.rs")));
    }
}
