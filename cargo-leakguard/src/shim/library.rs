//! leakguard itself, on top of `tokio-original`.

use super::{Layout, original};
use crate::files;
use crate::manifest;
use crate::plan::Plan;
use crate::source;
use anyhow::Result;
use cargo_metadata::Package;
use std::fmt::Write as _;

/// The minor version of the newest tokio that has been looked at.
const NEWEST: u64 = 54;

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
    files::write(&layout.library.join("build.rs"), &build_script(tokio))
}

/// The drop-ins leave out what this tokio does not have yet.
fn build_script(tokio: &Package) -> String {
    let mut text = format!(
        "fn main() {{\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    \
         println!(\"cargo::rustc-cfg=leakguard_shim\");\n    \
         println!(\"cargo::rustc-env=LEAKGUARD_TOKIO_VERSION={}\");\n",
        tokio.version
    );
    for minor in tokio.version.minor + 1..=NEWEST {
        let _ = writeln!(
            text,
            "    println!(\"cargo::rustc-cfg=leakguard_tokio_before=\\\"1.{minor}\\\"\");"
        );
    }
    text + "}\n"
}
