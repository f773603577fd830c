//! The debug information of one program or library on macOS: in itself, in a folder beside it, or in its object files.

use super::{Symbol, symbols_of};
use addr2line::Loader;
use std::path::Path;

pub(super) struct MachoProgram(Loader);

impl MachoProgram {
    pub(super) fn open(path: &Path) -> Option<Self> {
        Loader::new(path).ok().map(MachoProgram)
    }

    /// What is known of the instruction at an address in the file: first the innermost function.
    pub(super) fn look_up(&self, address: u64) -> Vec<Symbol<'_>> {
        let function = || {
            let name = self.0.find_symbol(address)?;
            // The linker puts a dash before each name.
            Some(name.strip_prefix('_').unwrap_or(name))
        };
        symbols_of(self.0.find_frames(address).ok(), function)
    }
}
