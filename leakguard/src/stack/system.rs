//! Functions of the C library, which are nobody's to mend: their names come from its own table of symbols. Its debug
//! information, where that is installed, takes longer to read than the program's.
#![expect(unsafe_code, reason = "the loader answers by pointers")]

use super::frame::Frame;
use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr;

/// How the names of its files begin, with glibc and musl on Linux, and on macOS.
const FILES: [&str; 5] = [
    "libc.so",
    "libpthread.so",
    "ld-linux",
    "ld-musl",
    "libsystem_",
];

/// The function that made the call which returns to `address`, if it is the C library's.
pub(super) fn function(address: usize) -> Option<Frame> {
    // The call lies before the place to which it returns.
    let call = ptr::without_provenance(address.checked_sub(1)?);
    let mut info = MaybeUninit::uninit();
    // SAFETY: any address may be asked for, and what is said to be found was written.
    let info: libc::Dl_info = unsafe {
        let found = libc::dladdr(call, info.as_mut_ptr()) != 0;
        found.then(|| info.assume_init())?
    };
    let file = Path::new(text(&info.dli_fname)?).file_name()?.to_str()?;
    let is_its = FILES.iter().any(|name| file.starts_with(name));
    is_its.then(|| Frame::new(text(&info.dli_sname).unwrap_or("?"), None, None, None))
}

/// What the loader says; it has that as long as the library is there, in which somebody waits.
fn text(text: &*const c_char) -> Option<&str> {
    // SAFETY: it is null or ends with a zero.
    let text = (!text.is_null()).then(|| unsafe { CStr::from_ptr(*text) });
    text?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_c_library_has_and_what_it_has_not() {
        let inside = libc::getpid as *const () as usize + 1;
        let found = function(inside).expect("it is in the C library");
        assert!(found.function().ends_with("getpid"), "{found}");
        assert_eq!(found.file(), None);
        assert_eq!(function(function as *const () as usize + 1), None);
        assert_eq!(function(0), None);
    }
}
