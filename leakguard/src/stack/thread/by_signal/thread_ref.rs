//! How a signal reaches a thread, and where that thread's stack lies.
#![expect(unsafe_code, reason = "threads and signals are the C library's")]

use std::ffi::c_int;
use std::ops::Range;

/// A thread, by the system's number for it.
#[derive(Clone, Debug)]
pub(crate) struct ThreadRef {
    id: usize,
    stack: Range<usize>,
}

impl ThreadRef {
    pub(crate) fn current() -> Option<Self> {
        // Miri has neither numbers of threads nor bounds of stacks.
        if cfg!(miri) {
            return None;
        }
        let stack = own_stack()?;
        Some(ThreadRef { id: own_id(), stack })
    }

    pub(super) fn id(&self) -> usize {
        self.id
    }

    pub(super) fn stack(&self) -> Range<usize> {
        self.stack.clone()
    }

    /// Returns `false` if the system refused.
    #[cfg(target_os = "linux")]
    pub(super) fn send(&self, signal: c_int) -> bool {
        // SAFETY: Takes numbers. One that names no thread of this process is an error and no more.
        unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), self.id as c_int, signal) == 0 }
    }

    #[cfg(target_os = "macos")]
    pub(super) fn send(&self, signal: c_int) -> bool {
        // SAFETY: The thread is alive, as `Sampler::request` requires, so its handle is valid.
        unsafe { libc::pthread_kill(self.id as libc::pthread_t, signal) == 0 }
    }
}

#[cfg(target_os = "linux")]
pub(super) fn own_id() -> usize {
    // SAFETY: Takes nothing and cannot fail. Not `gettid`, which older C libraries lack.
    unsafe { libc::syscall(libc::SYS_gettid) as usize }
}

#[cfg(target_os = "macos")]
pub(super) fn own_id() -> usize {
    // SAFETY: Takes nothing and cannot fail.
    unsafe { libc::pthread_self() as usize }
}

#[cfg(target_os = "linux")]
fn own_stack() -> Option<Range<usize>> {
    let mut attributes = std::mem::MaybeUninit::uninit();
    let (mut low, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: The first call fills `attributes` in, or fails; the second reads them, and the third frees them.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let got = libc::pthread_attr_getstack(attributes.as_ptr(), &mut low, &mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        (got == 0).then(|| low.addr()..low.addr() + size)
    }
}

#[cfg(target_os = "macos")]
fn own_stack() -> Option<Range<usize>> {
    // SAFETY: Both take the handle of a living thread.
    let (top, size) = unsafe {
        let own = libc::pthread_self();
        (libc::pthread_get_stackaddr_np(own).addr(), libc::pthread_get_stacksize_np(own))
    };
    Some(top.checked_sub(size)?..top)
}
