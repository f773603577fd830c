//! The crate that the graph sees as tokio: the same features and names.

use super::{Layout, original};
use crate::files;
use anyhow::Result;
use cargo_metadata::Package;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, value};

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
        let mut forwards = Array::from_iter([format!("original/{name}")]);
        let ours = FORWARDED.iter().filter(|(theirs, _)| theirs == name);
        ours.for_each(|(_, ours)| forwards.push(format!("leakguard/{ours}")));
        features[name] = value(forwards);
    }
    document["features"] = Item::Table(features);
    let mut dependencies = Table::new();
    let path = layout.original.to_string_lossy().into_owned();
    dependencies["original"] = dependency(original::NAME, path, wanted);
    let path = layout.library.to_string_lossy().into_owned();
    dependencies["leakguard"] =
        dependency("tokio-leakguard", path, &["always", "native-stacks"].map(str::to_owned));
    document["dependencies"] = Item::Table(dependencies);
    document["workspace"] = Item::Table(Table::new());
    document.to_string()
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
