//! The workspace of links: the user's files under a manifest and a lock of our own.
//!
//! Cargo reads paths without following links. So the members below the root are those of the manifest here, and the paths
//! of their files, from the root on, are the same as in a plain build.

use crate::files;
use crate::manifest::Manifest;
use crate::plan::Plan;
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// One package that is replaced in the whole graph.
#[derive(Debug)]
pub struct Patch {
    /// The key below `[patch]`.
    pub source: String,
    pub name: &'static str,
    pub path: PathBuf,
}

/// Links the user's files into the scratch workspace and writes its manifest.
pub fn fill(plan: &Plan, patches: &[Patch]) -> Result<()> {
    let mut written = BTreeMap::new();
    for manifest in &plan.members {
        let directory = manifest.parent().unwrap_or(manifest);
        if !directory.starts_with(&plan.root) {
            bail!(
                "the member {} lies outside of the workspace's root, where its links cannot be",
                directory.display()
            );
        }
        let mut manifest = Manifest::read(directory)?;
        let before = manifest.document.to_string();
        manifest.anchor(&plan.root);
        if let Ok(below) = directory.strip_prefix(&plan.root)
            && manifest.document.to_string() != before
        {
            written.insert(below.to_owned(), manifest.document.to_string());
        }
    }
    written.insert(PathBuf::new(), root_manifest(plan, patches)?);
    let tree = Tree { plan, written };
    tree.fill(Path::new(""))
}

fn root_manifest(plan: &Plan, patches: &[Patch]) -> Result<String> {
    let mut manifest = Manifest::read(&plan.root)?;
    manifest.anchor(&plan.root);
    for patch in patches {
        manifest.patch(&patch.source, patch.name, &patch.path);
    }
    Ok(manifest.document.to_string())
}

struct Tree<'a> {
    plan: &'a Plan,
    /// The manifests that differ from the user's, by their directory below the root.
    written: BTreeMap<PathBuf, String>,
}

impl Tree<'_> {
    /// Makes the directory `below` the root a real one, with a link for each entry that stays as it is.
    fn fill(&self, below: &Path) -> Result<()> {
        let (real, ours) = (self.plan.root.join(below), self.plan.scratch().join(below));
        if ours.is_symlink() {
            files::remove(&ours)?;
        }
        files::create_dir(&ours)?;
        let names = files::entries(&real)?;
        for name in files::entries(&ours)? {
            let is_lock = below == Path::new("") && name == "Cargo.lock";
            if !is_lock && (!names.contains(&name) || self.is_left_out(below, &name)) {
                files::remove(&ours.join(&name))?;
            }
        }
        for name in names.iter().filter(|name| !self.is_left_out(below, name)) {
            let path = below.join(name);
            match self.written.get(below) {
                Some(text) if name == "Cargo.toml" => files::write(&ours.join(name), text)?,
                _ if self.written.keys().any(|directory| directory.starts_with(&path)) => {
                    self.fill(&path)?
                }
                _ => files::link(&ours.join(name), &real.join(name))?,
            }
        }
        Ok(())
    }

    /// Whether an entry has no link. Below the user's root, cargo and git find the user's configuration by themselves.
    fn is_left_out(&self, below: &Path, name: &OsStr) -> bool {
        let is_root = below == Path::new("");
        let is_found_above = self.plan.scratch().starts_with(&self.plan.root);
        let holds_target = self.plan.target.starts_with(self.plan.root.join(below).join(name));
        holds_target
            || is_root && name == "Cargo.lock"
            || is_root && is_found_above && (name == ".cargo" || name == ".git")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A root with a member that depends on a package outside, and one that does not.
    fn workspace(name: &str) -> Plan {
        let outside =
            std::env::temp_dir().join(format!("leakguard-scratch-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&outside);
        let root = outside.join("root");
        let package = |name: &str, more: &str| {
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n{more}")
        };
        let far = "[dependencies]\nfar = { path = \"../../../far\" }\n";
        for (path, text) in [
            ("root/Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n".to_owned()),
            ("root/Cargo.lock", "version = 4\n".to_owned()),
            ("root/.cargo/config.toml", String::new()),
            ("root/target/stale", String::new()),
            ("root/crates/near/Cargo.toml", package("near", "")),
            ("root/crates/reaching/Cargo.toml", package("reaching", far)),
            ("root/crates/reaching/src/lib.rs", String::new()),
        ] {
            files::write(&outside.join(path), &text).expect("a writable directory");
        }
        Plan {
            manifest: root.join("Cargo.toml"),
            ours: root.join("target/leakguard"),
            target: root.join("target"),
            members: ["near", "reaching"]
                .map(|name| root.join("crates").join(name).join("Cargo.toml"))
                .into(),
            root,
        }
    }

    #[test]
    fn only_what_differs_is_copied() {
        let plan = workspace("differs");
        let patch = Patch { source: "crates-io".into(), name: "tokio", path: "/shim".into() };
        fill(&plan, &[patch]).expect("a workspace");
        let ours = plan.scratch();
        assert!(
            files::read(&ours.join("Cargo.toml"))
                .is_ok_and(|text| text.contains("tokio = { path = \"/shim\" }"))
        );
        assert!(ours.join("crates/near").is_symlink());
        assert!(!ours.join("crates/reaching").is_symlink());
        assert!(ours.join("crates/reaching/src").is_symlink());
        let text = files::read(&ours.join("crates/reaching/Cargo.toml")).expect("a manifest");
        let far = plan.root.parent().expect("a parent").join("far");
        assert!(text.contains(&*far.to_string_lossy()), "{text}");
        for absent in ["target", ".cargo", "Cargo.lock"] {
            assert!(!ours.join(absent).exists(), "{absent}");
        }
        fs::remove_dir_all(plan.root.parent().expect("a parent")).expect("a removable directory");
    }

    #[test]
    fn links_of_what_has_gone_are_removed() {
        let plan = workspace("gone");
        fill(&plan, &[]).expect("a workspace");
        fs::remove_dir_all(plan.root.join("crates/near")).expect("a removable directory");
        let plan = Plan { members: plan.members[1..].to_vec(), ..plan };
        fill(&plan, &[]).expect("a workspace");
        assert!(!plan.scratch().join("crates/near").is_symlink());
        fs::remove_dir_all(plan.root.parent().expect("a parent")).expect("a removable directory");
    }
}
