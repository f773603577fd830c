//! Writes files, links and copies. What has not changed is left alone, so that cargo does not build it again.

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// Writes `text` unless the file has it already.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if path.is_symlink() {
        fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_dir(parent)?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

pub fn create_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))
}

pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Removes a file, a link or a tree. Succeeds if there is none.
pub fn remove(path: &Path) -> Result<()> {
    let is_tree = path.is_dir() && !path.is_symlink();
    let removed = if is_tree { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Makes `at` a link to `to`.
pub fn link(at: &Path, to: &Path) -> Result<()> {
    if fs::read_link(at).is_ok_and(|old| old == to) {
        return Ok(());
    }
    remove(at)?;
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(to, at);
    #[cfg(windows)]
    let linked = match to.is_dir() {
        true => std::os::windows::fs::symlink_dir(to, at),
        false => std::os::windows::fs::symlink_file(to, at),
    };
    linked.with_context(|| format!("cannot link {} to {}", at.display(), to.display()))
}

/// The names in a directory.
pub fn entries(path: &Path) -> Result<BTreeSet<OsString>> {
    let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    entries
        .map(|entry| Ok(entry?.file_name()))
        .collect::<std::io::Result<_>>()
        .with_context(|| format!("cannot read {}", path.display()))
}

/// Copies the files of a package, without `left_out` and what builds leave there.
pub fn copy_package(from: &Path, to: &Path, left_out: &[&Path]) -> Result<()> {
    copy_below(from, to, Path::new(""), left_out)
}

fn copy_below(from: &Path, to: &Path, below: &Path, left_out: &[&Path]) -> Result<()> {
    create_dir(&to.join(below))?;
    for name in entries(&from.join(below))? {
        let path = below.join(&name);
        let (source, copy) = (from.join(&path), to.join(&path));
        if name == "target" || name == ".git" || left_out.contains(&&*path) {
            continue;
        }
        if source.is_dir() {
            copy_below(from, to, &path, left_out)?;
        } else if !is_same(&source, &copy) {
            fs::copy(&source, &copy)
                .with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}

fn is_same(a: &Path, b: &Path) -> bool {
    let length = |path| fs::metadata(path).map(|data| data.len()).ok();
    length(b).is_some() && length(a) == length(b) && fs::read(a).ok() == fs::read(b).ok()
}

/// `path` without `.` and `..`, as cargo reads it: links are not followed.
pub fn normalized(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}
