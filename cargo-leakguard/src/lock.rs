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

/// Moves what cargo names until the graph resolves.
fn settle(manifest: &Path, request: &Request) -> Result<Metadata> {
    let mut tried = BTreeSet::new();
    loop {
        let error = match plan::graph(manifest, request) {
            Ok(graph) => return Ok(graph),
            Err(error) => error,
        };
        let text = format!("{error:#}");
        let next = named(&text).into_iter().find(|name| !tried.contains(name));
        match next {
            Some(name) if tried.len() < MOVES => {
                update(manifest, request, Some(&name));
                tried.insert(name);
            }
            _ => {
                eprintln!(
                    "warning: the lock leaves no room for leakguard, so all packages are moved to their newest"
                );
                update(manifest, request, None);
                return plan::graph(manifest, request)
                    .context("leakguard does not fit into this workspace's graph");
            }
        }
    }
}

/// Whether this succeeds shows when the graph is resolved again.
fn update(manifest: &Path, request: &Request, package: Option<&str>) {
    let mut command = cargo::cargo();
    command.args(["update", "--quiet", "--manifest-path"]).arg(manifest).args(package);
    if request.has_cargo_flag("--offline") || request.has_cargo_flag("--frozen") {
        command.arg("--offline");
    }
    let _ = cargo::output(&mut command);
}

/// The packages that cargo names when versions cannot be selected.
fn named(error: &str) -> Vec<String> {
    let markers = [
        "previously selected package `",
        "failed to select a version for `",
        "failed to select a version for the requirement `",
    ];
    let after = markers.iter().flat_map(|marker| error.split(marker).skip(1));
    let names = after.filter_map(|rest| rest.split([' ', '`']).next());
    names.map(str::to_owned).collect()
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
        assert_eq!(named(error), ["libc", "libc"]);
    }
}
