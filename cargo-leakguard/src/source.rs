//! Where leakguard's own source is: beside this crate in a checkout, else where cargo keeps it.

use crate::cargo;
use crate::files;
use crate::plan::Plan;
use anyhow::{Context, Result};
use cargo_metadata::Metadata;
use std::path::{Path, PathBuf};

/// The directories of the packages.
pub struct Source {
    pub library: PathBuf,
    pub macros: PathBuf,
}

pub fn find(plan: &Plan) -> Result<Source> {
    match checkout() {
        Some(source) => Ok(source),
        None => fetched(plan),
    }
}

fn checkout() -> Option<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let source = Source { library: root.join("leakguard"), macros: root.join("leakguard-macros") };
    let exists = |directory: &Path| directory.join("Cargo.toml").is_file();
    (exists(&source.library) && exists(&source.macros)).then_some(source)
}

/// Asks cargo for the release that belongs to this command, by a package that depends on it.
fn fetched(plan: &Plan) -> Result<Source> {
    let version = env!("CARGO_PKG_VERSION");
    let asking = plan.ours.join("source");
    let manifest = format!(
        "[package]\nname = \"asking\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[lib]\npath = \"lib.rs\"\n\n\
         [dependencies]\ntokio-leakguard = \"={version}\"\n\n[workspace]\n"
    );
    files::write(&asking.join("Cargo.toml"), &manifest)?;
    files::write(&asking.join("lib.rs"), "")?;
    let mut command = cargo::cargo();
    command
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(asking.join("Cargo.toml"));
    let text = cargo::text(&mut command).with_context(|| {
        format!(
            "cannot get the source of leakguard {version}: run once with a network, or vendor the packages \
             `tokio-leakguard` and `leakguard-macros` of that version and what they depend on"
        )
    })?;
    let graph: Metadata =
        serde_json::from_str(&text).context("cannot read what cargo tells of leakguard")?;
    let directory = |name: &str| {
        let package = graph.packages.iter().find(|package| *package.name == name);
        let parent = package.and_then(|package| package.manifest_path.parent());
        parent
            .map(|directory| directory.as_std_path().to_owned())
            .with_context(|| format!("cargo knows no `{name}`"))
    };
    Ok(Source { library: directory("tokio-leakguard")?, macros: directory("leakguard-macros")? })
}
