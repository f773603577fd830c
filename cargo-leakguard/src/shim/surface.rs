//! The crate that the graph sees as tokio: the same features and names.

use super::{Layout, original};
use crate::files;
use anyhow::Result;
use cargo_metadata::Package;
use std::collections::BTreeMap;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, value};

/// The features of a package, and what each turns on.
type Features = BTreeMap<String, Vec<String>>;

/// The features of leakguard that forward one of tokio's.
const FORWARDED: [(&str, &str); 9] = [
    ("rt-multi-thread", "rt-multi-thread"),
    ("test-util", "test-util"),
    ("taskdump", "taskdump"),
    ("io-uring", "io-uring"),
    ("schedule-latency", "schedule-latency"),
    ("tracing", "tokio-tracing"),
    ("net", "io-driver"),
    ("process", "io-driver"),
    ("signal", "io-driver"),
];

/// What the crate root says. Names that are written out hide those of the glob.
const ROOT: &str = "\
//! tokio with leakguard's drop-ins. Written by `cargo leakguard`.

#![allow(warnings)]

pub use original::*;

pub use leakguard::runtime;
pub use leakguard::task;
pub use leakguard::task::spawn;

pub mod sync {
    pub use leakguard::sync::*;
}
";

pub fn write(tokio: &Package, wanted: &[String], layout: &Layout) -> Result<()> {
    files::write(&layout.shim.join("Cargo.toml"), &manifest(tokio, wanted, layout))?;
    files::write(&layout.shim.join("src/lib.rs"), ROOT)
}

fn manifest(tokio: &Package, wanted: &[String], layout: &Layout) -> String {
    let mut document = DocumentMut::new();
    document["package"] = table([
        ("name", value("tokio")),
        ("version", value(tokio.version.to_string())),
        ("edition", value("2021")),
        ("publish", value(false)),
    ]);
    let mut features = Table::new();
    for name in tokio.features.keys() {
        features[name] = value(Array::from_iter(forwards(&tokio.features, name)));
    }
    document["features"] = Item::Table(features);
    let mut dependencies = Table::new();
    let path = layout.original.to_string_lossy().into_owned();
    dependencies["original"] = dependency(original::NAME, path, wanted);
    let path = layout.library.to_string_lossy().into_owned();
    dependencies["leakguard"] =
        dependency("tokio-leakguard", path, &needed(&tokio.features, wanted));
    document["dependencies"] = Item::Table(dependencies);
    document["workspace"] = Item::Table(Table::new());
    document.to_string()
}

/// What the shim's feature `name` turns on. It names the features that tokio's own implies, because leakguard has to learn
/// of `rt-multi-thread` also from a user that asks for `full`.
fn forwards(features: &Features, name: &str) -> Vec<String> {
    let implied = features.get(name).into_iter().flatten();
    [format!("original/{name}")]
        .into_iter()
        .chain(forwarded(name).map(|ours| format!("leakguard/{ours}")))
        .chain(implied.filter(|name| features.contains_key(*name)).cloned())
        .collect()
}

/// The features of leakguard that belong to tokio's feature `name` itself.
fn forwarded(name: &str) -> impl Iterator<Item = &'static str> {
    FORWARDED.iter().filter(move |(theirs, _)| *theirs == name).map(|(_, ours)| *ours)
}

/// The features of leakguard that `wanted`, and what they imply, need.
fn needed(features: &Features, wanted: &[String]) -> Vec<String> {
    let mut reached: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let mut at = 0;
    while let Some(name) = reached.get(at).copied() {
        at += 1;
        for implied in features.get(name).into_iter().flatten() {
            if !reached.contains(&implied.as_str()) {
                reached.push(implied);
            }
        }
    }
    let mut ours = vec!["always".to_owned(), "native-stacks".to_owned()];
    for name in reached.into_iter().flat_map(forwarded) {
        if !ours.iter().any(|known| known == name) {
            ours.push(name.to_owned());
        }
    }
    ours
}

fn table<const N: usize>(entries: [(&str, Item); N]) -> Item {
    let mut table = Table::new();
    for (key, item) in entries {
        table.insert(key, item);
    }
    Item::Table(table)
}

fn dependency(package: &str, path: String, features: &[String]) -> Item {
    let mut dependency = InlineTable::new();
    dependency.insert("package", package.into());
    dependency.insert("path", path.into());
    dependency.insert("default-features", false.into());
    dependency.insert("features", Array::from_iter(features.iter().map(String::as_str)).into());
    value(dependency)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features() -> Features {
        let pairs = [
            ("full", &["rt-multi-thread", "sync"][..]),
            ("rt", &[]),
            ("rt-multi-thread", &["rt", "dep:num_cpus"]),
            ("sync", &[]),
        ];
        let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        pairs.map(|(name, list)| (name.to_owned(), owned(list))).into()
    }

    #[test]
    fn what_full_implies_reaches_leakguard_too() {
        let features = features();
        assert_eq!(forwards(&features, "full"), ["original/full", "rt-multi-thread", "sync"]);
        assert_eq!(
            forwards(&features, "rt-multi-thread"),
            ["original/rt-multi-thread", "leakguard/rt-multi-thread", "rt"]
        );
    }

    #[test]
    fn what_is_wanted_beside_the_users_features_reaches_leakguard_too() {
        let wanted = ["full".to_owned()];
        assert_eq!(needed(&features(), &wanted), ["always", "native-stacks", "rt-multi-thread"]);
        assert_eq!(needed(&features(), &[]), ["always", "native-stacks"]);
    }
}
