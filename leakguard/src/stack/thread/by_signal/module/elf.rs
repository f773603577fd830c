//! Modules from the dynamic loader on Linux.
#![expect(unsafe_code, reason = "the loader returns pointers to modules")]

use framehop::{ExplicitModuleSectionInfo, Module};
use std::ffi::{c_int, c_void};
use std::ops::Range;

/// Number of modules ever loaded, and number ever closed.
pub(in super::super) type Version = (u64, u64);

type Visit<'a> = dyn FnMut(&libc::dl_phdr_info) -> bool + 'a;

/// Calls `visit` for each module until it returns `false`. No module is closed meanwhile.
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

pub(in super::super) fn version() -> Option<Version> {
    let mut version = None;
    each(|info| {
        version = Some((info.dlpi_adds, info.dlpi_subs));
        false
    });
    version
}

pub(in super::super) fn all() -> Vec<Module<Vec<u8>>> {
    let mut all = Vec::new();
    each(|info| {
        all.extend(module(info));
        true
    });
    all
}

fn module(info: &libc::dl_phdr_info) -> Option<Module<Vec<u8>>> {
    // SAFETY: The loader holds the module, so its program headers can be read.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    let loaded: Vec<Range<u64>> = headers
        .iter()
        .filter(|header| header.p_type == libc::PT_LOAD)
        .map(|header| header.p_vaddr..header.p_vaddr + header.p_memsz)
        .collect();
    let index = headers.iter().find(|h| h.p_type == libc::PT_GNU_EH_FRAME)?;
    let index = index.p_vaddr..index.p_vaddr + index.p_memsz;
    let index_bytes = read(info, &loaded, &index)?;
    let start = table_start(&index_bytes, index.start)?;
    // The end of the table is not recorded. The table has a terminator, before the end of its segment.
    let end = loaded.iter().find(|part| part.contains(&start))?.end;
    let sections = ExplicitModuleSectionInfo {
        eh_frame_hdr_svma: Some(index),
        eh_frame_hdr: Some(index_bytes),
        eh_frame: Some(read(info, &loaded, &(start..end))?),
        eh_frame_svma: Some(start..end),
        ..Default::default()
    };
    let base = info.dlpi_addr;
    let from = loaded.iter().map(|part| part.start).min()?;
    let to = loaded.iter().map(|part| part.end).max()?;
    Some(Module::new(String::new(), base + from..base + to, base, sections))
}

/// Copies a part of a loaded segment.
fn read(info: &libc::dl_phdr_info, loaded: &[Range<u64>], part: &Range<u64>) -> Option<Vec<u8>> {
    let is_around = |whole: &Range<u64>| whole.start <= part.start && part.end <= whole.end;
    loaded.iter().find(|whole| is_around(whole))?;
    let start = usize::try_from(info.dlpi_addr + part.start).ok()?;
    let length = usize::try_from(part.end - part.start).ok()?;
    let start = std::ptr::with_exposed_provenance::<u8>(start);
    // SAFETY: It lies in a segment of a module that the loader holds, whose tables are never written to.
    Some(unsafe { std::slice::from_raw_parts(start, length) }.to_vec())
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
