//! The crate named `tokio` that the whole graph gets: tokio's own code under another name, with leakguard's drop-ins in
//! front.
//!
//! ```text
//! the user's crates and all libraries → tokio (the shim) → leakguard → tokio-original
//!                                                        → tokio-original
//! ```

mod library;
mod original;
mod surface;

use crate::plan::{self, Plan};
use crate::scratch::Patch;
use anyhow::{Result, bail};
use cargo_metadata::{Metadata, Package};
use std::path::PathBuf;

/// Where the packages are that the shim consists of.
pub struct Layout {
    /// The shim itself.
    pub shim: PathBuf,
    /// Named like a registry's directory of tokio: that is how frames of tokio's are known.
    pub original: PathBuf,
    pub library: PathBuf,
    pub macros: PathBuf,
}

impl Layout {
    fn new(plan: &Plan, tokio: &Package) -> Self {
        let registry = plan.ours.join("registry/src/leakguard");
        let ours = env!("CARGO_PKG_VERSION");
        Layout {
            shim: plan.ours.join("shim/tokio"),
            original: registry.join(format!("tokio-{}", tokio.version)),
            library: registry.join(format!("tokio-leakguard-{ours}")),
            macros: registry.join(format!("leakguard-macros-{ours}")),
        }
    }
}

/// Writes the packages, and returns what `graph` has to be patched with.
pub fn write(plan: &Plan, graph: &Metadata, features: &[String]) -> Result<Vec<Patch>> {
    let tokio = plan::tokio(graph)?;
    let Some(source) = plan::patch_key(tokio).or_else(|| original::patched_source(plan)) else {
        bail!(
            "tokio is a member of this workspace or a dependency by path, and cargo cannot replace such a package"
        );
    };
    let layout = Layout::new(plan, tokio);
    original::write(tokio, &layout)?;
    library::write(plan, tokio, &layout)?;
    surface::write(tokio, features, &layout)?;
    let mut patches = vec![Patch { source, name: "tokio", path: layout.shim }];
    // A user of leakguard's gets the same copy of it.
    for (name, path) in [("tokio-leakguard", layout.library), ("leakguard-macros", layout.macros)] {
        let used = graph.packages.iter().find(|package| *package.name == name);
        patches.extend(used.and_then(plan::patch_key).map(|source| Patch { source, name, path }));
    }
    Ok(patches)
}
