//! Maps a file into memory, for the rest of the process.
#![expect(unsafe_code, reason = "the system returns a pointer")]

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::ptr;

/// The content of a file. Only pages that are read take memory.
pub(super) fn map(path: &Path) -> Option<&'static [u8]> {
    let file = File::open(path).ok()?;
    let length = usize::try_from(file.metadata().ok()?.len()).ok()?;
    // SAFETY: Takes numbers, and fails for those that make no sense, such as a length of 0.
    let start = unsafe {
        let (protection, flags) = (libc::PROT_READ, libc::MAP_PRIVATE);
        libc::mmap(ptr::null_mut(), length, protection, flags, file.as_raw_fd(), 0)
    };
    if start == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: The mapping has that length, and nothing removes it. Linkers and package managers replace a program that
    // runs by a new file, and do not write to the old one.
    Some(unsafe { std::slice::from_raw_parts(start.cast(), length) })
}
