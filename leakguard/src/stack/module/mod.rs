//! The program and the libraries in this process, as the dynamic loader lists them.

#[cfg(target_os = "linux")]
#[path = "elf.rs"]
mod format;
#[cfg(target_os = "macos")]
#[path = "macho.rs"]
mod format;

#[cfg(not(miri))]
pub(super) use format::statics;
pub(super) use format::{Version, images, unwind_tables, version};
use std::borrow::Cow;
use std::ops::Range;
use std::path::PathBuf;

/// A module with the tables from which stacks in it are unwound. Those of a library are copied, because it may be
/// closed while they are read. The program itself is never closed.
pub(super) type UnwindModule = framehop::Module<Cow<'static, [u8]>>;

/// A file that is loaded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) path: PathBuf,
    /// What is added to an address in the file to get that in this process.
    pub(super) bias: usize,
    pub(super) memory: Range<usize>,
}

/// Copies `bytes` unless they are the program's.
fn kept(bytes: &'static [u8], is_program: bool) -> Cow<'static, [u8]> {
    match is_program {
        true => Cow::Borrowed(bytes),
        false => Cow::Owned(bytes.to_vec()),
    }
}
