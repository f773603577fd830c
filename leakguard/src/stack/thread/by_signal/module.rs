//! The programs and libraries in this process, with the tables that tell how to walk out of their functions.
//!
//! The tables are copied, because a library may be closed while they are read. That is some megabytes, once.

#[cfg(target_os = "linux")]
#[path = "module/elf.rs"]
mod format;
#[cfg(target_os = "macos")]
#[path = "module/macho.rs"]
mod format;

pub(super) use format::{Mark, all, mark};
