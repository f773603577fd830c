//! Reads a source path: its package, its module, and its form relative to the workspace.

use super::package;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The crate whose `src` directory holds `file`, judged by the name of the directory: `tokio` for `tokio-1.54.1/src/…`.
pub(super) fn directory(file: &Path) -> Option<String> {
    let text = slashed(file);
    let (package, _) = split_at_src(&text)?;
    Some(crate_name(package))
}

/// The module path of `file`, guessed from its directory: `tokio::sync::mpsc::chan`.
pub(super) fn module(file: &Path) -> Option<String> {
    let text = slashed(file);
    let (package, inside) = split_at_src(&text)?;
    let stem = inside.strip_suffix(".rs")?;
    let modules = stem.split('/').filter(|part| !matches!(*part, "lib" | "main" | "mod"));
    let path: Vec<String> =
        std::iter::once(crate_name(package)).chain(modules.map(str::to_owned)).collect();
    Some(path.join("::"))
}

/// `file` without the directory of the workspace, if it lies in it.
pub(super) fn relative(file: &Path) -> &Path {
    static ROOT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let root = ROOT.get_or_init(workspace);
    root.as_ref().and_then(|root| file.strip_prefix(root).ok()).unwrap_or(file)
}

/// That of the package that cargo runs, else the one around the current directory, else that directory.
fn workspace() -> Option<PathBuf> {
    let current = env::current_dir().ok();
    let start = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).or_else(|| current.clone())?;
    // Paths relative to `/` only lack their first character.
    package::workspace(&start).or(current).filter(|root| root.parent().is_some())
}

/// Splits at the last `/src/` that has a package directory before it, so that a workspace may lie below `~/src`.
pub(super) fn split_at_src(text: &str) -> Option<(&str, &str)> {
    let (before, inside) = text.rsplit_once("/src/")?;
    let package = before.rsplit('/').next()?;
    Some((package, inside))
}

/// Removes the version, and spells the name as code does.
pub(super) fn crate_name(directory: &str) -> String {
    let end = version_start(directory).unwrap_or(directory.len());
    directory[..end].replace('-', "_")
}

/// The first dash that a digit follows: `tokio-1.54.1`, and not the one in `async-channel`.
pub(super) fn version_start(directory: &str) -> Option<usize> {
    let bytes = directory.as_bytes();
    (0..bytes.len())
        .find(|&at| bytes[at] == b'-' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
}

pub(super) fn slashed(file: &Path) -> String {
    file.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_gives_package_and_module() {
        let cases = [
            (
                "/root/.cargo/registry/src/index.crates.io-1/tokio-1.54.1/src/sync/mpsc/chan.rs",
                "tokio",
                "tokio::sync::mpsc::chan",
            ),
            (
                "/r/.cargo/registry/src/i/async-channel-2.5.0/src/lib.rs",
                "async_channel",
                "async_channel",
            ),
            ("/rustc/5980/library/core/src/future/mod.rs", "core", "core::future"),
            (r"C:\work\my-app\src\pool.rs", "my_app", "my_app::pool"),
            ("/home/me/src/app/src/main.rs", "app", "app"),
        ];
        for (file, krate, path) in cases {
            assert_eq!(directory(Path::new(file)).as_deref(), Some(krate), "{file}");
            assert_eq!(module(Path::new(file)).as_deref(), Some(path), "{file}");
        }
        assert_eq!(module(Path::new("/work/app/tests/all.rs")), None);
    }

    #[test]
    fn file_of_this_workspace_is_shown_relative_to_it() {
        // `file!()` is relative to the workspace, the debug information is not.
        let here = Path::new(file!());
        if let (true, Some(root)) = (here.is_relative(), workspace()) {
            assert_eq!(relative(&root.join(here)), here);
        }
        assert_eq!(relative(Path::new("/elsewhere/x.rs")), Path::new("/elsewhere/x.rs"));
    }
}
