//! Looks an address up in the system's loader.
#![expect(unsafe_code, reason = "the loader returns pointers")]

use crate::stack::frame::Frame;
use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr;

/// How the names of the C library's files begin, of glibc and on macOS.
const FILES: [&str; 4] = ["libc.so", "libpthread.so", "ld-linux", "libsystem_"];

/// The function whose call returns to `address`, if it belongs to the C library, which the user cannot change. Its name
/// comes from the table of symbols, because its debug information, where that is installed, takes longer to read than
/// the program's.
pub(in super::super) fn function(address: usize) -> Option<Frame> {
    // The call lies before the place to which it returns.
    let info = look_up(address.checked_sub(1)?)?;
    let file = Path::new(text(&info.dli_fname)?).file_name()?.to_str()?;
    let is_libc = FILES.iter().any(|name| file.starts_with(name));
    is_libc.then(|| Frame::new(text(&info.dli_sname).unwrap_or("?"), None, None, None))
}

/// Whether a value at `address` lies in the program itself or in a library, and not in allocated memory.
pub(crate) fn may_be_static(address: usize) -> bool {
    // Miri has no loader.
    cfg!(miri) || look_up(address).is_some()
}

fn look_up(address: usize) -> Option<libc::Dl_info> {
    let mut info = MaybeUninit::uninit();
    // SAFETY: `dladdr` takes any address, and has filled `info` in where it reports success.
    unsafe {
        let found = libc::dladdr(ptr::without_provenance(address), info.as_mut_ptr()) != 0;
        found.then(|| info.assume_init())
    }
}

/// A text of the loader. It stays valid while its library is loaded, and a thread waits inside that library.
fn text(text: &*const c_char) -> Option<&str> {
    // SAFETY: it is null or ends with a zero.
    let text = (!text.is_null()).then(|| unsafe { CStr::from_ptr(*text) });
    text?.to_str().ok()
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;
    use std::sync::{Mutex, OnceLock};

    #[test]
    fn only_functions_of_the_c_library_are_found() {
        let inside = libc::getpid as *const () as usize + 1;
        let found = function(inside).expect("it is in the C library");
        assert!(found.function().ends_with("getpid"), "{found}");
        assert_eq!(found.file(), None);
        assert_eq!(function(function as *const () as usize + 1), None);
        assert_eq!(function(0), None);
    }

    #[test]
    fn only_statics_are_reported_as_static() {
        static CONSTANT: Mutex<u8> = Mutex::new(0);
        static LATER: OnceLock<Mutex<u8>> = OnceLock::new();
        let later = LATER.get_or_init(|| Mutex::new(0));
        let (local, boxed) = (Mutex::new(0), Box::new(Mutex::new(0)));
        let is_static = |it: &Mutex<u8>| may_be_static(ptr::from_ref(it).addr());
        assert_eq!([&CONSTANT, later, &local, &boxed].map(is_static), [true, true, false, false]);
    }
}
