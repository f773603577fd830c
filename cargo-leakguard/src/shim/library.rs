//! leakguard itself, on top of `tokio-original`.

use super::{Layout, original};
use crate::files;
use crate::manifest;
use crate::plan::Plan;
use crate::source;
use anyhow::Result;
use cargo_metadata::Package;
use std::path::Path;

/// What came with a version of tokio: the version, a file of its source, and a text in that file. leakguard leaves out what
/// comes with versions whose text is missing.
const ADDITIONS: [(&str, &str, &str); 11] = [
    ("1.39", "sync/mpsc/bounded.rs", "fn sender_strong_count"),
    ("1.40", "task/join_set.rs", "async fn join_all"),
    ("1.41", "sync/watch.rs", "fn sender_count"),
    ("1.44", "sync/broadcast.rs", "struct WeakSender"),
    ("1.45", "runtime/handle.rs", "RefUnwindSafe for Handle"),
    ("1.46", "sync/mpsc/bounded.rs", "fn same_channel_as_sender"),
    ("1.47", "sync/mod.rs", "SetOnce"),
    ("1.49", "task/join_set.rs", "Extend<F> for JoinSet"),
    ("1.51", "runtime/handle.rs", "pub fn name(&self)"),
    ("1.52", "runtime/builder.rs", "fn enable_eager_driver_handoff"),
    ("1.54", "sync/semaphore.rs", "fn blocking_acquire"),
];

pub fn write(plan: &Plan, tokio: &Package, layout: &Layout) -> Result<()> {
    let source = source::find(plan)?;
    original::copy(&source.macros, &layout.macros, |_| Ok(()))?;
    original::copy(&source.library, &layout.library, |manifest| {
        manifest.each_dependency(|name, dependency| match name {
            "tokio" => {
                dependency.remove("version");
                manifest::set(dependency, "package", original::NAME);
                manifest::set(dependency, "path", &layout.original.to_string_lossy());
            }
            "leakguard-macros" => {
                manifest::set(dependency, "path", &layout.macros.to_string_lossy())
            }
            _ => {}
        });
        manifest::set(original::table(manifest, "package")?, "build", "build.rs");
        Ok(())
    })?;
    files::write(&layout.library.join("build.rs"), &build_script(tokio, &layout.original))
}

/// Tells leakguard what this tokio does not have yet.
fn build_script(tokio: &Package, source: &Path) -> String {
    let mut lines = vec![
        "rerun-if-changed=build.rs".to_owned(),
        "rustc-cfg=leakguard_shim".to_owned(),
        format!("rustc-env=LEAKGUARD_TOKIO_VERSION={}", tokio.version),
    ];
    for (version, file, text) in ADDITIONS {
        let is_there =
            files::read(&source.join("src").join(file)).is_ok_and(|source| source.contains(text));
        if !is_there {
            lines.push(format!("rustc-cfg=leakguard_tokio_before=\"{version}\""));
        }
    }
    let prints =
        lines.iter().map(|line| format!("    println!({:?});\n", format!("cargo::{line}")));
    format!("fn main() {{\n{}}}\n", prints.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_order() {
        assert!(ADDITIONS.is_sorted_by_key(|(version, ..)| *version));
    }
}
