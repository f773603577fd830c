//! The lock of the scratch workspace: the user's own, with what leakguard adds.

use crate::args::Request;
use crate::cargo;
use crate::files;
use crate::plan::{self, Plan};
use anyhow::{Context, Result, bail};
use cargo_metadata::Metadata;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toml_edit::DocumentMut;

/// How many packages may be moved one by one before all are.
const MOVES: usize = 12;

/// Resolves the scratch workspace, as near to the user's lock as cargo can. Returns the graph and what has moved.
pub fn resolve(plan: &Plan, request: &Request) -> Result<(Metadata, Vec<String>)> {
    let (theirs, ours) = (plan.root.join("Cargo.lock"), plan.scratch().join("Cargo.lock"));
    let stamp = plan.ours.join("Cargo.lock.user");
    let lock = files::read(&theirs).ok();
    // What cargo has added stays, unless the user's lock has changed.
    if lock.is_none() || files::read(&stamp).ok() != lock || !ours.exists() {
        files::remove(&ours)?;
        if let Some(lock) = &lock {
            files::write(&ours, lock)?;
        }
    }
    let manifest = plan.scratch().join("Cargo.toml");
    let graph = settle(&manifest, request)?;
    if let Some(lock) = &lock {
        files::write(&stamp, lock)?;
    }
    let moved =
        lock.map(|lock| moved(&lock, &files::read(&ours).unwrap_or_default())).transpose()?;
    Ok((graph, moved.unwrap_or_default()))
}

/// Moves what cargo names until the graph resolves. Packages that hold each other have to move at once.
fn settle(manifest: &Path, request: &Request) -> Result<Metadata> {
    let (mut tried, mut together) = (BTreeSet::new(), Vec::new());
    let mut error = match plan::graph(manifest, request) {
        Ok(graph) => return Ok(graph),
        Err(error) => format!("{error:#}"),
    };
    while tried.len() < MOVES
        && let Some(next) = named(&error).into_iter().find(|next| !tried.contains(next))
    {
        tried.insert(next.clone());
        together.push(next);
        if let Err(of_update) = update(manifest, request, &together) {
            error = format!("{of_update:#}");
            continue;
        }
        together.clear();
        match plan::graph(manifest, request) {
            Ok(graph) => return Ok(graph),
            Err(of_graph) => error = format!("{of_graph:#}"),
        }
    }
    eprintln!(
        "warning: the lock leaves no room for leakguard, so all packages are moved to their newest"
    );
    // Whether this succeeds shows when the graph is resolved again.
    let _ = update(manifest, request, &[]);
    plan::graph(manifest, request).context("leakguard does not fit into this workspace's graph")
}

fn update(manifest: &Path, request: &Request, packages: &[String]) -> Result<()> {
    let mut command = cargo::cargo();
    command.args(["update", "--quiet", "--manifest-path"]).arg(manifest).args(packages);
    if request.has_cargo_flag("--offline") || request.has_cargo_flag("--frozen") {
        command.arg("--offline");
    }
    cargo::text(&mut command).map(drop)
}

/// The packages that cargo names when versions cannot be selected, as `cargo update` takes them. A lock may have several
/// versions of one that was selected before.
fn named(error: &str) -> Vec<String> {
    let selected = error.split("previously selected package `").skip(1);
    let selected = selected.filter_map(|rest| rest.split('`').next());
    let selected = selected.map(|package| package.replacen(" v", "@", 1));
    let markers =
        ["failed to select a version for `", "failed to select a version for the requirement `"];
    let after = markers.iter().flat_map(|marker| error.split(marker).skip(1));
    let names = after.filter_map(|rest| rest.split([' ', '`']).next());
    selected.chain(names.map(str::to_owned)).collect()
}

/// What has another version than in the user's lock: `name 1.2.3 → 1.2.4`.
fn moved(theirs: &str, ours: &str) -> Result<Vec<String>> {
    let (theirs, ours) = (versions(theirs)?, versions(ours)?);
    let mut lines = Vec::new();
    for (name, before) in &theirs {
        let Some(after) = ours.get(name) else {
            continue;
        };
        let gone: Vec<_> = before.difference(after).cloned().collect();
        let new: Vec<_> = after.difference(before).cloned().collect();
        if !gone.is_empty() {
            lines.push(format!("{name} {} → {}", gone.join(", "), new.join(", ")));
        }
    }
    Ok(lines)
}

fn versions(lock: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let document: DocumentMut = lock.parse().context("cannot parse Cargo.lock")?;
    let packages = document.get("package").and_then(|packages| packages.as_array_of_tables());
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages.into_iter().flatten() {
        let text = |key: &str| package.get(key).and_then(|item| item.as_str());
        let (Some(name), Some(version)) = (text("name"), text("version")) else {
            bail!("a package of Cargo.lock has no name or no version");
        };
        versions.entry(name.into()).or_default().insert(version.into());
    }
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_told() {
        let lock = |slab: &str| format!("[[package]]\nname = \"slab\"\nversion = \"{slab}\"\n");
        assert_eq!(moved(&lock("0.4.1"), &lock("0.4.9")).expect("locks"), ["slab 0.4.1 → 0.4.9"]);
        assert!(moved(&lock("0.4.1"), &lock("0.4.1")).expect("locks").is_empty());
    }

    #[test]
    fn cargo_names_what_has_to_move() {
        let error = "error: failed to select a version for `libc`.\n ... required by package `mio v1.0`\n\
                     previously selected package `libc v0.2.140`\n    ... which satisfies";
        assert_eq!(named(error), ["libc@0.2.140", "libc"]);
    }
}
