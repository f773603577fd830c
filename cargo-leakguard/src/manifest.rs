//! Reads and changes `Cargo.toml`. The user's comments and order stay.

use crate::files;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value, value};

const KINDS: [&str; 6] = [
    "dependencies",
    "dev-dependencies",
    "dev_dependencies",
    "build-dependencies",
    "build_dependencies",
    "replace",
];
/// What only the package's own tests and documentation need.
const DEVELOPMENT: [&str; 8] =
    ["dev-dependencies", "dev_dependencies", "test", "bench", "example", "bin", "lints", "badges"];

/// One `Cargo.toml` and where it lies.
pub struct Manifest {
    pub document: DocumentMut,
    directory: PathBuf,
}

impl Manifest {
    pub fn read(directory: &Path) -> Result<Self> {
        let path = directory.join("Cargo.toml");
        let text = files::read(&path)?;
        let document = text.parse().with_context(|| format!("cannot parse {}", path.display()))?;
        Ok(Manifest { document, directory: directory.to_owned() })
    }

    pub fn write(&self, directory: &Path) -> Result<()> {
        files::write(&directory.join("Cargo.toml"), &self.document.to_string())
    }

    /// Makes the relative paths of dependencies that leave `root` absolute.
    pub fn anchor(&mut self, root: &Path) {
        let directory = self.directory.clone();
        self.each_dependency(|_, dependency| {
            let path = dependency.get("path").and_then(Item::as_str);
            if let Some(path) = path.map(|path| files::normalized(&directory.join(path)))
                && !path.starts_with(root)
            {
                set(dependency, "path", path.to_string_lossy().as_ref());
            }
        });
    }

    /// Makes it the manifest of a package that stands alone and is only a dependency.
    pub fn isolate(&mut self) -> Result<()> {
        self.inherit()?;
        for name in DEVELOPMENT {
            self.document.remove(name);
        }
        if let Some(package) = self.document.get_mut("package").and_then(Item::as_table_like_mut) {
            for name in ["workspace", "readme", "license-file", "default-run", "metadata"] {
                package.remove(name);
            }
        }
        for_each_table(self.document.get_mut("target"), |platform| {
            platform.remove("dev-dependencies");
        });
        let directory = self.directory.clone();
        self.each_dependency(|_, dependency| {
            if let Some(path) = dependency.get("path").and_then(Item::as_str) {
                let path = files::normalized(&directory.join(path));
                set(dependency, "path", path.to_string_lossy().as_ref());
            }
        });
        // No workspace above may claim it.
        self.document["workspace"] = Item::Table(Table::new());
        Ok(())
    }

    /// Writes out what comes from the workspace that the package belongs to.
    fn inherit(&mut self) -> Result<()> {
        if !self.document.to_string().contains("workspace") {
            return Ok(());
        }
        let Some(root) = self.root()? else {
            return Ok(());
        };
        let shared = root.document.get("workspace");
        let common = shared.and_then(|shared| shared.get("package"));
        if let Some(package) = self.document.get_mut("package").and_then(Item::as_table_like_mut) {
            let names: Vec<String> = package.iter().map(|(name, _)| name.to_owned()).collect();
            for name in names {
                if is_inherited(package.get(&name))
                    && let Some(item) = common.and_then(|common| common.get(&name))
                {
                    package.insert(&name, item.clone());
                }
            }
        }
        let dependencies = shared.and_then(|shared| shared.get("dependencies"));
        let above = root.directory;
        self.each_dependency(|name, dependency| {
            let item = dependencies.and_then(|dependencies| dependencies.get(name));
            if dependency.remove("workspace").is_some()
                && let Some(item) = item
            {
                take_over(dependency, item, &above);
            }
        });
        Ok(())
    }

    /// The workspace above, if there is one.
    fn root(&self) -> Result<Option<Manifest>> {
        for above in self.directory.ancestors() {
            if above.join("Cargo.toml").is_file() {
                let manifest = Manifest::read(above)?;
                if manifest.document.contains_key("workspace") {
                    return Ok(Some(manifest));
                }
            }
        }
        Ok(None)
    }

    /// Calls `f` with the name and the table of each dependency that has one.
    pub fn each_dependency(&mut self, mut f: impl FnMut(&str, &mut dyn TableLike)) {
        let mut each = |table: &mut dyn TableLike| {
            for kind in KINDS {
                for_each_entry(table.get_mut(kind), &mut f);
            }
        };
        each(self.document.as_table_mut());
        for_each_table(self.document.get_mut("target"), &mut each);
        if let Some(workspace) =
            self.document.get_mut("workspace").and_then(Item::as_table_like_mut)
        {
            for_each_entry(workspace.get_mut("dependencies"), &mut f);
        }
        for_each_table(self.document.get_mut("patch"), |source| {
            for (name, item) in source.iter_mut() {
                if let Some(dependency) = item.as_table_like_mut() {
                    f(&name, dependency);
                }
            }
        });
    }

    /// Has every package of `source` that is named `name` come from `path`.
    pub fn patch(&mut self, source: &str, name: &str, path: &Path) {
        let patches = self.document.entry("patch").or_insert_with(implicit);
        let Some(patches) = patches.as_table_like_mut() else {
            return;
        };
        let source = patches.entry(source).or_insert_with(|| Item::Table(Table::new()));
        if let Some(source) = source.as_table_like_mut() {
            // The user's own patch, whose code is in `path` now, may have another key.
            source.remove(name);
            let mut dependency = toml_edit::InlineTable::new();
            dependency.insert("path", path.to_string_lossy().into_owned().into());
            source.insert(name, Item::Value(Value::InlineTable(dependency)));
        }
    }
}

fn implicit() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

fn for_each_table(item: Option<&mut Item>, mut f: impl FnMut(&mut dyn TableLike)) {
    if let Some(table) = item.and_then(Item::as_table_like_mut) {
        for (_, item) in table.iter_mut() {
            if let Some(table) = item.as_table_like_mut() {
                f(table);
            }
        }
    }
}

fn for_each_entry(item: Option<&mut Item>, f: &mut impl FnMut(&str, &mut dyn TableLike)) {
    if let Some(table) = item.and_then(Item::as_table_like_mut) {
        for (name, item) in table.iter_mut() {
            if let Some(dependency) = item.as_table_like_mut() {
                f(&name, dependency);
            }
        }
    }
}

fn is_inherited(item: Option<&Item>) -> bool {
    item.and_then(|item| item.get("workspace")).is_some()
}

pub fn set(table: &mut dyn TableLike, key: &str, text: &str) {
    table.insert(key, value(text));
}

/// Fills a dependency with what the workspace says of it. The member may only add features.
fn take_over(dependency: &mut dyn TableLike, item: &Item, above: &Path) {
    let added = dependency.remove("features");
    match item.as_table_like() {
        None => drop(dependency.insert("version", item.clone())),
        Some(table) => {
            for (key, item) in table.iter() {
                if dependency.get(key).is_none() {
                    dependency.insert(key, item.clone());
                }
            }
            if let Some(path) = table.get("path").and_then(Item::as_str) {
                set(
                    dependency,
                    "path",
                    files::normalized(&above.join(path)).to_string_lossy().as_ref(),
                );
            }
        }
    }
    let added = added.as_ref().and_then(Item::as_array);
    for feature in added.into_iter().flatten() {
        let features =
            dependency.entry("features").or_insert_with(|| value(toml_edit::Array::new()));
        if let Some(features) = features.as_array_mut() {
            features.push(feature.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(directory: &str, text: &str) -> Manifest {
        Manifest { document: text.parse().expect("valid TOML"), directory: directory.into() }
    }

    #[test]
    fn only_paths_that_leave_the_root_become_absolute() {
        let mut manifest = manifest(
            "/code/app",
            "[dependencies]\nnear = { path = \"crates/near\" }\nfar = { path = \"../far\" }\n\
             [target.'cfg(unix)'.dependencies.other]\npath = \"../other\"\n[patch.crates-io]\nfork = { path = \"../fork\" }\n",
        );
        manifest.anchor(Path::new("/code/app"));
        let text = manifest.document.to_string();
        for expected in ["\"crates/near\"", "\"/code/far\"", "\"/code/other\"", "\"/code/fork\""] {
            assert!(text.contains(expected), "{expected} in\n{text}");
        }
    }

    #[test]
    fn patch_replaces_that_of_the_user() {
        let mut manifest = manifest(
            "/code",
            "[patch.crates-io]\ntokio = { git = \"https://example.org/fork\" }\n",
        );
        manifest.patch("crates-io", "tokio", Path::new("/shim"));
        assert_eq!(
            manifest.document.to_string(),
            "[patch.crates-io]\ntokio = { path = \"/shim\" }\n"
        );
    }
}
