//! Modules from the dynamic loader on macOS.
#![expect(unsafe_code, reason = "the loader returns pointers to modules")]

use framehop::{ExplicitModuleSectionInfo, Module};
use std::ffi::{CStr, c_char, c_ulong, c_void};
use std::ops::Range;

/// Number of loaded modules.
pub(in super::super) type Version = u32;

// SAFETY: As `mach-o/dyld.h` and `mach-o/getsect.h` declare them.
unsafe extern "C" {
    fn _dyld_image_count() -> u32;
    fn _dyld_get_image_header(index: u32) -> *const c_void;
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

pub(in super::super) fn all() -> Vec<Module<Vec<u8>>> {
    // SAFETY: An index that names no module any more returns null.
    let header = |index| unsafe { _dyld_get_image_header(index) };
    let count = version().unwrap_or_default();
    (0..count).filter_map(|index| module(header(index))).collect()
}

/// All addresses are those in this process, so that none needs to be relocated.
fn module(header: *const c_void) -> Option<Module<Vec<u8>>> {
    if header.is_null() {
        return None;
    }
    let base = header.addr() as u64;
    let mut size = 0;
    // SAFETY: The header is a loaded module's; the loader never frees its memory while a thread is in it.
    let text = unsafe { getsegmentdata(header, TEXT.as_ptr(), &mut size) };
    let text = text.addr() as u64..text.addr() as u64 + size as u64;
    let sections = ExplicitModuleSectionInfo {
        base_svma: base,
        text_svma: section(header, c"__text").map(range),
        stubs_svma: section(header, c"__stubs").map(range),
        stub_helper_svma: section(header, c"__stub_helper").map(range),
        unwind_info: Some(section(header, c"__unwind_info")?.to_vec()),
        eh_frame_svma: section(header, c"__eh_frame").map(range),
        eh_frame: section(header, c"__eh_frame").map(<[u8]>::to_vec),
        text_segment_svma: Some(text.clone()),
        ..Default::default()
    };
    Some(Module::new(String::new(), text, base, sections))
}

fn range(bytes: &[u8]) -> Range<u64> {
    let start = bytes.as_ptr().addr() as u64;
    start..start + bytes.len() as u64
}

fn section<'a>(header: *const c_void, name: &CStr) -> Option<&'a [u8]> {
    let mut size = 0;
    // SAFETY: The header is a loaded module's, and both names end with a zero. The result is that section, which
    // is read only.
    unsafe {
        let start = getsectiondata(header, TEXT.as_ptr(), name.as_ptr(), &mut size);
        (!start.is_null()).then(|| std::slice::from_raw_parts(start, size as usize))
    }
}
