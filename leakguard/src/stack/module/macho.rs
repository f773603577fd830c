//! Modules from the dynamic loader on macOS.
#![expect(unsafe_code, reason = "the loader returns pointers to modules")]

use super::{Image, UnwindModule, kept};
use framehop::{ExplicitModuleSectionInfo, Module};
use std::ffi::{CStr, OsStr, c_char, c_ulong, c_void};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Number of loaded modules.
pub(in super::super) type Version = u32;

// SAFETY: As `mach-o/dyld.h` and `mach-o/getsect.h` declare them.
unsafe extern "C" {
    fn _dyld_image_count() -> u32;
    fn _dyld_get_image_header(index: u32) -> *const c_void;
    fn _dyld_get_image_name(index: u32) -> *const c_char;
    fn _dyld_get_image_vmaddr_slide(index: u32) -> isize;
    fn getsectiondata(
        header: *const c_void,
        segment: *const c_char,
        section: *const c_char,
        size: *mut c_ulong,
    ) -> *const u8;
    fn getsegmentdata(
        header: *const c_void,
        segment: *const c_char,
        size: *mut c_ulong,
    ) -> *const u8;
}

const TEXT: &CStr = c"__TEXT";

pub(in super::super) fn version() -> Option<Version> {
    // SAFETY: Takes nothing.
    Some(unsafe { _dyld_image_count() })
}

/// What `read` makes of each module. Number 0 is the program.
fn collect<T>(read: impl Fn(u32) -> Option<T>) -> Vec<T> {
    (0..version().unwrap_or_default()).filter_map(read).collect()
}

/// Each module with its memory.
pub(in super::super) fn unwind_tables() -> Vec<(Range<usize>, UnwindModule)> {
    collect(|index| {
        let header = header(index)?;
        Some((memory(header), module(header, index == 0)?))
    })
}

pub(in super::super) fn images() -> Vec<Image> {
    collect(|index| {
        // SAFETY: A number that names no module any more returns null. A name ends with a zero.
        let name = unsafe {
            let name = _dyld_get_image_name(index);
            (!name.is_null()).then(|| CStr::from_ptr(name))
        };
        // SAFETY: Takes any number.
        let slide = unsafe { _dyld_get_image_vmaddr_slide(index) };
        Some(Image {
            path: Path::new(OsStr::from_bytes(name?.to_bytes())).to_owned(),
            bias: slide.cast_unsigned(),
            memory: memory(header(index)?),
        })
    })
}

/// Where the program's own statics lie that are written to.
#[cfg(not(miri))]
pub(in super::super) fn statics() -> Vec<Range<usize>> {
    let Some(header) = header(0) else { return Vec::new() };
    let mut size = 0;
    // SAFETY: The header is the program's, which is never closed.
    let data = unsafe { getsegmentdata(header, c"__DATA".as_ptr(), &mut size) };
    vec![data.addr()..data.addr() + size as usize]
}

fn header(index: u32) -> Option<*const c_void> {
    // SAFETY: A number that names no module any more returns null.
    let header = unsafe { _dyld_get_image_header(index) };
    (!header.is_null()).then_some(header)
}

fn memory(header: *const c_void) -> Range<usize> {
    let mut size = 0;
    // SAFETY: The header is a loaded module's; the loader never frees its memory while a thread is in it.
    let text = unsafe { getsegmentdata(header, TEXT.as_ptr(), &mut size) };
    text.addr()..text.addr() + size as usize
}

/// All addresses are those in this process, so that none needs to be relocated.
fn module(header: *const c_void, is_program: bool) -> Option<UnwindModule> {
    let base = header.addr() as u64;
    let text = memory(header);
    let text = text.start as u64..text.end as u64;
    let sections = ExplicitModuleSectionInfo {
        base_svma: base,
        text_svma: section(header, c"__text").map(range),
        stubs_svma: section(header, c"__stubs").map(range),
        stub_helper_svma: section(header, c"__stub_helper").map(range),
        unwind_info: Some(kept(section(header, c"__unwind_info")?, is_program)),
        eh_frame_svma: section(header, c"__eh_frame").map(range),
        eh_frame: section(header, c"__eh_frame").map(|bytes| kept(bytes, is_program)),
        text_segment_svma: Some(text.clone()),
        ..Default::default()
    };
    Some(Module::new(String::new(), text, base, sections))
}

fn range(bytes: &[u8]) -> Range<u64> {
    let start = bytes.as_ptr().addr() as u64;
    start..start + bytes.len() as u64
}

fn section(header: *const c_void, name: &CStr) -> Option<&'static [u8]> {
    let mut size = 0;
    // SAFETY: The header is a loaded module's, and both names end with a zero. The result is that section, which
    // is read only.
    unsafe {
        let start = getsectiondata(header, TEXT.as_ptr(), name.as_ptr(), &mut size);
        (!start.is_null()).then(|| std::slice::from_raw_parts(start, size as usize))
    }
}
