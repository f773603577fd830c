//! Finds the file with the debug information that was removed from a program.

use super::elf::Elf;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where distributions install such files.
const INSTALLED: &str = "/usr/lib/debug";

/// As gdb finds it: by the build's number, else by the name that the program has for it.
pub(super) fn find(program: &Elf, path: &Path) -> Option<Elf> {
    let by_number = numbered(program.section(".note.gnu.build-id"));
    let mut paths = by_number.into_iter().chain(named(program.section(".gnu_debuglink"), path));
    paths.find_map(|path| Elf::open(&path))
}

fn numbered(note: &[u8]) -> Option<PathBuf> {
    /// Three numbers, and a name of four bytes.
    const HEADER: usize = 16;
    let (first, rest) = note.get(HEADER..)?.split_first()?;
    let rest: String = rest.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(PathBuf::from(format!("{INSTALLED}/.build-id/{first:02x}/{rest}.debug")))
}

fn named(link: &[u8], path: &Path) -> Vec<PathBuf> {
    let name = link.split(|&byte| byte == 0).next().unwrap_or_default();
    let (Some(folder), false) = (path.parent(), name.is_empty()) else {
        return Vec::new();
    };
    let name = OsStr::from_bytes(name);
    let installed = folder.strip_prefix("/").unwrap_or(folder);
    let folders = [folder.to_owned(), folder.join(".debug"), Path::new(INSTALLED).join(installed)];
    let paths = folders.map(|folder| folder.join(name));
    paths.into_iter().filter(|found| found != path).collect()
}
