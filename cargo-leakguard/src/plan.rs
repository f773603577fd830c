//! What the user asked, and what cargo knows of the workspace. Nothing is written here.

use crate::args::Request;
use crate::cargo;
use anyhow::{Context, Result, bail};
use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, Package};
use std::path::{Path, PathBuf};

/// The oldest tokio whose types have drop-ins.
pub const FLOOR: Version = Version::new(1, 38, 0);

/// Where the workspace is and where ours goes.
#[derive(Debug)]
pub struct Plan {
    /// The root of the user's workspace.
    pub root: PathBuf,
    /// The manifest that the user's command is about.
    pub manifest: PathBuf,
    /// Everything of ours is below.
    pub ours: PathBuf,
    /// The user's target directory.
    pub target: PathBuf,
    /// The manifests of the members, and of all else that lies below the root.
    pub members: Vec<PathBuf>,
}

impl Plan {
    pub fn new(request: &Request) -> Result<Self> {
        let manifest = cargo::located(request.cargo_value("--manifest-path").as_deref())?;
        let metadata = metadata(&manifest, request, &["--no-deps"])?;
        let target = metadata.target_directory.clone().into_std_path_buf();
        Ok(Plan {
            root: metadata.workspace_root.clone().into_std_path_buf(),
            manifest,
            ours: target.join("leakguard"),
            target,
            members: metadata
                .packages
                .iter()
                .map(|package| package.manifest_path.clone().into())
                .collect(),
        })
    }

    /// The workspace of links.
    pub fn scratch(&self) -> PathBuf {
        self.ours.join("ws")
    }

    /// Where cargo builds it.
    pub fn build(&self) -> PathBuf {
        self.ours.join("build")
    }

    /// The files of the processes that are watched.
    pub fn findings(&self) -> PathBuf {
        self.ours.join("findings")
    }

    /// The place in the scratch workspace of a path below the root.
    pub fn linked(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root)
            .map_or_else(|_| path.to_owned(), |rest| self.scratch().join(rest))
    }
}

/// The whole graph, as the user's lock has it. Fails if that is missing or not current, and writes nothing.
pub fn locked_graph(plan: &Plan, request: &Request) -> Result<Metadata> {
    metadata(&plan.manifest, request, &["--locked"])
}

/// The whole graph of the workspace at `manifest`, whose lock may change.
pub fn graph(manifest: &Path, request: &Request) -> Result<Metadata> {
    metadata(manifest, request, &[])
}

fn metadata(manifest: &Path, request: &Request, more: &[&str]) -> Result<Metadata> {
    let mut command = cargo::cargo();
    command.args(["metadata", "--format-version", "1", "--manifest-path"]).arg(manifest).args(more);
    if request.has_cargo_flag("--offline") || request.has_cargo_flag("--frozen") {
        command.arg("--offline");
    }
    serde_json::from_str(&cargo::text(&mut command)?)
        .context("cannot read what cargo tells of the workspace")
}

/// The tokio that the graph uses.
pub fn tokio(graph: &Metadata) -> Result<&Package> {
    let used = graph
        .packages
        .iter()
        .filter(|package| *package.name == "tokio" && package.version.major == 1);
    match used.collect::<Vec<_>>()[..] {
        [] => bail!("no package of this workspace uses tokio 1, so there is nothing to watch"),
        [package] => Ok(package),
        [first, second, ..] => bail!(
            "the workspace uses tokio from two sources, {} and {}: only one can be watched",
            first.id,
            second.id
        ),
    }
}

/// The key below `[patch]` that replaces packages of the same source.
pub fn patch_key(package: &Package) -> Option<String> {
    let source = package.source.as_ref()?.repr.as_str();
    if source == "registry+https://github.com/rust-lang/crates.io-index" {
        return Some("crates-io".into());
    }
    let (_, url) = source.split_once('+')?;
    let end = url.find(['?', '#']).unwrap_or(url.len());
    Some(url[..end].into())
}
