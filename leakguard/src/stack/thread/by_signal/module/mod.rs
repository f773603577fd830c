//! The programs and libraries in this process, with the tables from which their stacks are unwound.
//!
//! The tables are copied, some megabytes once, because a library may be closed while they are read.

#[cfg(target_os = "linux")]
#[path = "elf.rs"]
mod format;
#[cfg(target_os = "macos")]
#[path = "macho.rs"]
mod format;

pub(super) use format::{Version, all, version};
