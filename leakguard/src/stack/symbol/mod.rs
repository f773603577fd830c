//! Looks up the functions and lines of addresses in debug information, under a lock that only this file takes.
//!
//! That may take seconds in a large program, so no poll of a task may wait for it.

#[cfg(target_os = "linux")]
mod beside;
#[cfg(target_os = "linux")]
mod compressed;
#[cfg(target_os = "linux")]
mod elf;
#[cfg(target_os = "linux")]
mod elf_program;
#[cfg(target_os = "macos")]
mod macho_program;
#[cfg(target_os = "linux")]
mod map;

use super::frame::Frame;
use super::module::{self, Image, Version};
use crate::lock::Lock;
use addr2line::FrameIter;
#[cfg(target_os = "linux")]
use elf_program::ElfProgram as Program;
#[cfg(target_os = "macos")]
use macho_program::MachoProgram as Program;
use std::borrow::Cow;
use std::path::Path;

static SYMBOLS: Lock<Symbols> = Lock::new(Symbols { version: None, modules: Vec::new() });

/// The debug information that was read, by module.
struct Symbols {
    version: Option<Version>,
    modules: Vec<Module>,
}

struct Module {
    image: Image,
    /// Read when the first address in the module is looked up. `Some(None)` if there is none.
    program: Option<Option<Program>>,
}

/// A function as debug information names it.
#[derive(Default)]
struct Symbol<'a> {
    /// As the linker knows it.
    name: Option<String>,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
}

/// The functions whose call returns to `address`: several, innermost first, where the compiler inlined calls, and none
/// where nothing is known.
pub(super) fn frames_at(address: usize) -> Vec<Frame> {
    // The call lies before the place to which it returns.
    SYMBOLS.lock().frames_at(address.wrapping_sub(1))
}

/// Keeps every other thread from looking addresses up.
#[cfg(test)]
pub(crate) fn hold() -> impl Drop {
    SYMBOLS.lock()
}

impl Symbols {
    fn frames_at(&mut self, address: usize) -> Vec<Frame> {
        let Some(module) = self.module(address) else {
            return Vec::new();
        };
        let path = &module.image.path;
        let program = module.program.get_or_insert_with(|| Program::open(path));
        let address = address.wrapping_sub(module.image.bias) as u64;
        let symbols = program.as_ref().map(|program| program.look_up(address));
        let symbols = symbols.unwrap_or_default();
        symbols.iter().map(Symbol::frame).collect()
    }

    fn module(&mut self, address: usize) -> Option<&mut Module> {
        self.refresh();
        let mut all = self.modules.iter_mut();
        all.find(|module| module.image.memory.contains(&address))
    }

    /// Keeps what was read of modules that are still loaded.
    fn refresh(&mut self) {
        let version = module::version();
        if self.version == version && version.is_some() {
            return;
        }
        let mut before = std::mem::take(&mut self.modules);
        self.modules = module::images()
            .into_iter()
            .map(|image| {
                let known = before.iter().position(|module| module.image == image);
                known.map(|at| before.swap_remove(at)).unwrap_or(Module { image, program: None })
            })
            .collect();
        self.version = version;
    }
}

impl<'a> Symbol<'a> {
    fn of<R: gimli::Reader>(frame: &addr2line::Frame<'a, R>) -> Self {
        let name = frame.function.as_ref().and_then(|it| it.raw_name().ok());
        let location = frame.location.as_ref();
        Symbol {
            name: name.map(Cow::into_owned),
            file: location.and_then(|location| location.file),
            line: location.and_then(|location| location.line),
            column: location.and_then(|location| location.column),
        }
    }

    /// Whether it is a function in Rust of which the debug information has the last part of the name at most, as with
    /// `debug = "line-tables-only"`.
    fn lacks_path(&self) -> bool {
        let is_rust = self.file.is_some_and(|file| file.ends_with(".rs"));
        is_rust && !self.name.as_ref().is_some_and(|name| name.starts_with("_"))
    }

    fn frame(&self) -> Frame {
        let file = self.file.map(Path::new);
        let name = self.name.as_deref().unwrap_or("?");
        let name = format!("{:#}", rustc_demangle::demangle(name));
        Frame::new(&name, file, self.line, self.column)
    }
}

/// The functions of `frames`. Where these have no names, `function` has that of the outermost one.
fn symbols_of<'a, R: gimli::Reader + 'a>(
    frames: Option<FrameIter<'a, R>>,
    function: impl Fn() -> Option<&'a str>,
) -> Vec<Symbol<'a>> {
    let mut symbols = Vec::new();
    let mut frames = frames;
    while let Some(Ok(Some(frame))) = frames.as_mut().map(FrameIter::next) {
        symbols.push(Symbol::of(&frame));
    }
    match symbols.last_mut() {
        Some(outermost) if outermost.lacks_path() => {
            outermost.name = function().map(str::to_owned).or(outermost.name.take());
        }
        Some(_) => {}
        None => symbols.extend(
            function().map(|name| Symbol { name: Some(name.to_owned()), ..Symbol::default() }),
        ),
    }
    symbols
}
