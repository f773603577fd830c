//! Reads the sections and the functions of a file in the format ELF, of 64 bits and little endian.

use super::compressed;
use super::map::map;
use std::path::Path;

/// A mapped file.
pub(super) struct Elf {
    sections: Vec<Section>,
}

struct Section {
    name: &'static [u8],
    kind: u32,
    flags: u64,
    /// The number of the section that this one refers to.
    link: usize,
    content: &'static [u8],
}

/// The functions that a table of symbols lists, by address.
pub(super) struct Functions {
    sorted: Vec<Function>,
    names: &'static [u8],
}

struct Function {
    start: u64,
    size: u64,
    name: usize,
}

impl Elf {
    pub(super) fn open(path: &Path) -> Option<Self> {
        const CLASS_64: u8 = 2;
        const LITTLE_ENDIAN: u8 = 1;
        let bytes = map(path)?;
        let is_known = bytes.starts_with(&[0x7f, b'E', b'L', b'F', CLASS_64, LITTLE_ENDIAN]);
        is_known.then_some(())?;
        let sections = sections(bytes)?;
        Some(Elf { sections })
    }

    /// The content of a section, inflated if it is compressed. Empty if there is none.
    pub(super) fn section(&self, name: &str) -> &'static [u8] {
        const COMPRESSED: u64 = 0x800;
        let mut all = self.sections.iter();
        let found = all.find(|section| section.name == name.as_bytes());
        let content = |section: &Section| match section.flags & COMPRESSED {
            0 => Some(section.content),
            _ => compressed::inflate(section.content),
        };
        found.and_then(content).unwrap_or_default()
    }

    /// Those of the full table, or, in a stripped file, of the table for the loader.
    pub(super) fn functions(&self) -> Functions {
        const ALL: u32 = 2;
        const FOR_LOADER: u32 = 11;
        let of_kind = |kind| self.sections.iter().find(|section| section.kind == kind);
        let Some(table) = of_kind(ALL).or_else(|| of_kind(FOR_LOADER)) else {
            return Functions::NONE;
        };
        let (symbols, _) = table.content.as_chunks();
        let mut sorted: Vec<_> = symbols.iter().filter_map(function).collect();
        sorted.sort_unstable_by_key(|function| function.start);
        let names = self.sections.get(table.link);
        Functions { sorted, names: names.map(|section| section.content).unwrap_or_default() }
    }
}

impl Functions {
    const NONE: Self = Functions { sorted: Vec::new(), names: &[] };

    /// The name of the function in which `address` lies.
    pub(super) fn at(&self, address: u64) -> Option<&'static str> {
        let after = self.sorted.partition_point(|it| it.start <= address);
        let found = &self.sorted[after.checked_sub(1)?];
        let is_inside = address - found.start <= found.size;
        text(self.names, found.name).filter(|_| is_inside)
    }
}

/// A symbol of the table, if it is a function that the file has.
fn function(symbol: &[u8; 24]) -> Option<Function> {
    const FUNCTION: u8 = 2;
    let is_function = symbol[4] & 0xf == FUNCTION && half(symbol, 6)? != 0;
    is_function.then_some(Function {
        start: long(symbol, 8)?,
        size: long(symbol, 16)?,
        name: word(symbol, 0)? as usize,
    })
}

fn sections(bytes: &'static [u8]) -> Option<Vec<Section>> {
    const HEADER: usize = 64;
    let start = usize::try_from(long(bytes, 0x28)?).ok()?;
    let (count, names) = (half(bytes, 0x3c)?, half(bytes, 0x3e)?);
    let headers = bytes.get(start..)?.get(..usize::from(count) * HEADER)?;
    let (headers, _) = headers.as_chunks::<HEADER>();
    let names = content(bytes, headers.get(usize::from(names))?)?;
    let section = |header: &[u8; HEADER]| {
        Some(Section {
            name: text(names, word(header, 0)? as usize)?.as_bytes(),
            kind: word(header, 4)?,
            flags: long(header, 8)?,
            link: word(header, 40)? as usize,
            content: content(bytes, header)?,
        })
    };
    headers.iter().map(section).collect()
}

/// The bytes of the section with this header.
fn content(bytes: &'static [u8], header: &[u8]) -> Option<&'static [u8]> {
    const WITHOUT_CONTENT: u32 = 8;
    if word(header, 4)? == WITHOUT_CONTENT {
        return Some(&[]);
    }
    let start = usize::try_from(long(header, 24)?).ok()?;
    let length = usize::try_from(long(header, 32)?).ok()?;
    bytes.get(start..)?.get(..length)
}

/// The text that begins at `start` and ends with a zero.
fn text(names: &'static [u8], start: usize) -> Option<&'static str> {
    let name = names.get(start..)?.split(|&byte| byte == 0).next()?;
    str::from_utf8(name).ok()
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
