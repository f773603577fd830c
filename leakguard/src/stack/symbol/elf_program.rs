//! The debug information of one program or library on Linux.

use super::beside;
use super::elf::{Elf, Functions};
use super::{Symbol, symbols_of};
use addr2line::{Context, LookupContinuation, LookupResult, SplitDwarfLoad};
use gimli::{Dwarf, DwarfPackage, EndianSlice, LittleEndian, SectionId};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Bytes = EndianSlice<'static, LittleEndian>;

pub(super) struct ElfProgram {
    elf: Elf,
    context: Context<Bytes>,
    /// Debug information that stands in a file beside the program (`split-debuginfo = "packed"`).
    package: Option<DwarfPackage<Bytes>>,
    functions: OnceCell<Functions>,
}

impl ElfProgram {
    pub(super) fn open(path: &Path) -> Option<Self> {
        let file = Elf::open(path)?;
        // The program is named by a link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let separate = file.section(".debug_info").is_empty();
        let separate = separate.then(|| beside::find(&file, &path)).flatten();
        let elf = separate.unwrap_or(file);
        let dwarf = sections(&elf, |id| Some(id.name()))?;
        Some(ElfProgram {
            context: Context::from_dwarf(dwarf).ok()?,
            package: package(path),
            functions: OnceCell::new(),
            elf,
        })
    }

    /// What is known of the instruction at an address in the file: first the innermost function.
    pub(super) fn look_up(&self, address: u64) -> Vec<Symbol<'_>> {
        let mut lookup = self.context.find_frames(address);
        let found = loop {
            match lookup {
                LookupResult::Output(found) => break found,
                LookupResult::Load { load, continuation } => {
                    lookup = continuation.resume(self.split(load));
                }
            }
        };
        symbols_of(found.ok(), || self.function(address))
    }

    /// The linker's name for the function at an address.
    fn function(&self, address: u64) -> Option<&str> {
        let functions = self.functions.get_or_init(|| self.elf.functions());
        functions.at(address)
    }

    /// Debug information of one unit that is not in the program, from the package or from a file of its own.
    fn split(&self, load: SplitDwarfLoad<Bytes>) -> Option<Arc<Dwarf<Bytes>>> {
        let packed = self.package.as_ref();
        if let Some(unit) = packed.and_then(|all| all.find_cu(load.dwo_id, &load.parent).ok()?) {
            return Some(Arc::new(unit));
        }
        let path = |bytes: Option<Bytes>| Some(PathBuf::from(bytes?.to_string().ok()?));
        let path = path(load.comp_dir).unwrap_or_default().join(path(load.path)?);
        let elf = Elf::open(&path)?;
        let mut unit = sections(&elf, SectionId::dwo_name)?;
        unit.make_dwo(&load.parent);
        Some(Arc::new(unit))
    }
}

fn sections(elf: &Elf, name: fn(SectionId) -> Option<&'static str>) -> Option<Dwarf<Bytes>> {
    Dwarf::load(|id| Ok::<_, gimli::Error>(bytes(elf, name(id)))).ok()
}

/// The package of a program, `NAME.dwp`.
fn package(program: PathBuf) -> Option<DwarfPackage<Bytes>> {
    let mut path = program.into_os_string();
    path.push(".dwp");
    let elf = Elf::open(path.as_ref())?;
    let section = |id: SectionId| Ok::<_, gimli::Error>(bytes(&elf, id.dwo_name()));
    DwarfPackage::load(section, Bytes::default()).ok()
}

fn bytes(elf: &Elf, section: Option<&str>) -> Bytes {
    let content = section.map(|section| elf.section(section));
    EndianSlice::new(content.unwrap_or_default(), LittleEndian)
}
