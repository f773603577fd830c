//! tokio as the user's lock has it, under the package name `tokio-original`.

use super::Layout;
use crate::files;
use crate::manifest::{self, Manifest};
use crate::plan::Plan;
use anyhow::{Context, Result};
use cargo_metadata::Package;
use std::path::Path;
use toml_edit::{Item, Table, TableLike};

pub const NAME: &str = "tokio-original";

pub fn write(tokio: &Package, layout: &Layout) -> Result<()> {
    let from = tokio.manifest_path.parent().context("a manifest lies in a directory")?;
    copy(from.as_std_path(), &layout.original, |manifest| {
        manifest::set(table(manifest, "package")?, "name", NAME);
        manifest::set(table(manifest, "lib")?, "name", "tokio");
        Ok(())
    })
}

/// Copies a package with a manifest that `change` has changed. Warnings in it are not the user's.
pub fn copy(
    from: &Path,
    to: &Path,
    change: impl FnOnce(&mut Manifest) -> Result<()>,
) -> Result<()> {
    let mut manifest = Manifest::read(from)?;
    manifest.isolate()?;
    change(&mut manifest)?;
    copy_silenced(from, to)?;
    manifest.write(to)
}

pub fn table<'a>(manifest: &'a mut Manifest, name: &str) -> Result<&'a mut dyn TableLike> {
    let item = manifest.document.entry(name).or_insert_with(|| Item::Table(Table::new()));
    item.as_table_like_mut().with_context(|| format!("`{name}` is no table"))
}

/// Cargo hides the warnings of a registry's packages, but not those of a package with a path.
fn copy_silenced(from: &Path, to: &Path) -> Result<()> {
    let (manifest, root) = (Path::new("Cargo.toml"), Path::new("src/lib.rs"));
    files::copy_package(from, to, &[manifest, root])?;
    // In the first line, so that all others keep their number.
    let text = files::read(&from.join(root))?;
    files::write(&to.join(root), &format!("#![allow(warnings)] {text}"))
}

/// The key below `[patch]` where the user's workspace replaces tokio by a directory.
pub fn patched_source(plan: &Plan) -> Option<String> {
    let manifest = Manifest::read(&plan.root).ok()?;
    let patches = manifest.document.get("patch")?.as_table_like()?;
    let is_tokio = |(key, item): (&str, &Item)| {
        item.get("package").and_then(Item::as_str).unwrap_or(key) == "tokio"
    };
    let found = patches
        .iter()
        .find(|(_, source)| source.as_table_like().is_some_and(|t| t.iter().any(is_tokio)));
    found.map(|(source, _)| source.to_owned())
}
