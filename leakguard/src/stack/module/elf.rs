//! Modules from the dynamic loader on Linux.
#![expect(unsafe_code, reason = "the loader returns pointers to modules")]

use super::{Image, UnwindModule, kept};
use framehop::{ExplicitModuleSectionInfo, Module};
use std::ffi::{CStr, OsStr, c_int, c_void};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Number of modules ever loaded, and number ever closed.
pub(in super::super) type Version = (u64, u64);

type Visit<'a> = dyn FnMut(&libc::dl_phdr_info) -> bool + 'a;

/// Calls `visit` for each module until it returns `false`: first for the program. No module is closed meanwhile.
fn each(mut visit: impl FnMut(&libc::dl_phdr_info) -> bool) {
    extern "C" fn one(info: *mut libc::dl_phdr_info, _: usize, visit: *mut c_void) -> c_int {
        // SAFETY: The loader passes a module that it holds, and the pointer of the call below, which is used nowhere
        // else while that call runs.
        let go_on = unsafe { (*visit.cast::<&mut Visit<'_>>())(&*info) };
        c_int::from(!go_on)
    }
    let mut visit: &mut Visit<'_> = &mut visit;
    // SAFETY: `one` keeps no pointer beyond its call, and `visit` outlives this one.
    unsafe { libc::dl_iterate_phdr(Some(one), (&raw mut visit).cast()) };
}

/// What `read` makes of each module; it is passed whether that is the program.
fn collect<T>(read: impl Fn(&libc::dl_phdr_info, bool) -> Option<T>) -> Vec<T> {
    let (mut all, mut is_program) = (Vec::new(), true);
    each(|info| {
        all.extend(read(info, std::mem::take(&mut is_program)));
        true
    });
    all
}

pub(in super::super) fn version() -> Option<Version> {
    let mut version = None;
    each(|info| {
        version = Some((info.dlpi_adds, info.dlpi_subs));
        false
    });
    version
}

/// Each module with its memory.
pub(in super::super) fn unwind_tables() -> Vec<(Range<usize>, UnwindModule)> {
    collect(|info, is_program| Some((image(info, is_program)?.memory, module(info, is_program)?)))
}

pub(in super::super) fn images() -> Vec<Image> {
    collect(image)
}

/// Where the program's own statics lie that are written to.
#[cfg(not(miri))]
pub(in super::super) fn statics() -> Vec<Range<usize>> {
    let of = |info: &libc::dl_phdr_info, is_program: bool| {
        let headers = headers(info).iter().filter(|_| is_program);
        let written = headers.filter(|h| h.p_type == libc::PT_LOAD && h.p_flags & libc::PF_W != 0);
        let at = |address: u64| usize::try_from(info.dlpi_addr + address).ok();
        let part = |h: &libc::Elf64_Phdr| Some(at(h.p_vaddr)?..at(h.p_vaddr + h.p_memsz)?);
        Some(written.filter_map(part).collect::<Vec<_>>())
    };
    collect(of).into_iter().flatten().collect()
}

fn image(info: &libc::dl_phdr_info, is_program: bool) -> Option<Image> {
    let loaded = loaded(headers(info));
    let at = |address: u64| usize::try_from(info.dlpi_addr + address).ok();
    Some(Image {
        path: path(info, is_program),
        bias: usize::try_from(info.dlpi_addr).ok()?,
        memory: at(loaded.iter().map(|part| part.start).min()?)?
            ..at(loaded.iter().map(|part| part.end).max()?)?,
    })
}

fn path(info: &libc::dl_phdr_info, is_program: bool) -> PathBuf {
    if is_program || info.dlpi_name.is_null() {
        return PathBuf::from("/proc/self/exe");
    }
    // SAFETY: The loader holds the module, and its name ends with a zero.
    let name = unsafe { CStr::from_ptr(info.dlpi_name) };
    Path::new(OsStr::from_bytes(name.to_bytes())).to_owned()
}

fn headers(info: &libc::dl_phdr_info) -> &[libc::Elf64_Phdr] {
    // SAFETY: The loader holds the module, so its program headers can be read.
    unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) }
}

fn loaded(headers: &[libc::Elf64_Phdr]) -> Vec<Range<u64>> {
    let parts = headers.iter().filter(|part| part.p_type == libc::PT_LOAD);
    parts.map(|part| part.p_vaddr..part.p_vaddr + part.p_memsz).collect()
}

fn module(info: &libc::dl_phdr_info, is_program: bool) -> Option<UnwindModule> {
    let headers = headers(info);
    let loaded = loaded(headers);
    let index = headers.iter().find(|h| h.p_type == libc::PT_GNU_EH_FRAME)?;
    let index = index.p_vaddr..index.p_vaddr + index.p_memsz;
    let index_bytes = bytes(info, &loaded, &index)?;
    let start = table_start(index_bytes, index.start)?;
    // The end of the table is not recorded. The table has a terminator, before the end of its segment.
    let end = loaded.iter().find(|part| part.contains(&start))?.end;
    let sections = ExplicitModuleSectionInfo {
        eh_frame_hdr_svma: Some(index),
        eh_frame_hdr: Some(kept(index_bytes, is_program)),
        eh_frame: Some(kept(bytes(info, &loaded, &(start..end))?, is_program)),
        eh_frame_svma: Some(start..end),
        ..Default::default()
    };
    let base = info.dlpi_addr;
    let from = loaded.iter().map(|part| part.start).min()?;
    let to = loaded.iter().map(|part| part.end).max()?;
    Some(Module::new(String::new(), base + from..base + to, base, sections))
}

/// A part of a loaded segment; it is there as long as the module.
fn bytes(
    info: &libc::dl_phdr_info,
    loaded: &[Range<u64>],
    part: &Range<u64>,
) -> Option<&'static [u8]> {
    let is_around = |whole: &Range<u64>| whole.start <= part.start && part.end <= whole.end;
    loaded.iter().find(|whole| is_around(whole))?;
    let start = usize::try_from(info.dlpi_addr + part.start).ok()?;
    let length = usize::try_from(part.end - part.start).ok()?;
    let start = std::ptr::with_exposed_provenance::<u8>(start);
    // SAFETY: It lies in a segment of a module that the loader holds, whose tables are never written to. The only
    // caller copies it, or the module is the program, which is never closed.
    Some(unsafe { std::slice::from_raw_parts(start, length) })
}

/// The address of the table that `index`, at the address `at`, belongs to.
fn table_start(index: &[u8], at: u64) -> Option<u64> {
    /// A signed offset of four bytes from its own address, which every linker writes.
    const NEAR: u8 = 0x1b;
    let &[1, NEAR, _, _, a, b, c, d, ..] = index else {
        return None;
    };
    (at + 4).checked_add_signed(i32::from_le_bytes([a, b, c, d]).into())
}
