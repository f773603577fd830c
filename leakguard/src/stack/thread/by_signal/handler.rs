//! The signal: which one is used, how it is sent, and the code that it runs.
#![expect(unsafe_code, reason = "signals are the C library's")]

use super::super::Preference;
use super::page::Page;
use super::registers::Registers;
use super::slot::Slot;
use crate::signal;
use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// One page is enough, unless a thread is stopped while it writes to it.
pub(super) static SLOTS: [Slot<Page>; 4] = [const { Slot::new(Page::EMPTY) }; 4];

/// The signal that was used last; 0 is none.
static CHOSEN: AtomicI32 = AtomicI32::new(0);

/// How a thread is reached, and where its stack lies.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    id: usize,
    stack: Range<usize>,
}

impl Target {
    /// The calling thread.
    pub(crate) fn here() -> Option<Self> {
        // Miri knows neither.
        if cfg!(miri) {
            return None;
        }
        let stack = own_stack()?;
        Some(Target {
            id: own_id(),
            stack,
        })
    }

    pub(super) fn id(&self) -> usize {
        self.id
    }

    pub(super) fn stack(&self) -> Range<usize> {
        self.stack.clone()
    }

    /// `false` if the system would not.
    #[cfg(target_os = "linux")]
    pub(super) fn send(&self, signal: c_int) -> bool {
        // SAFETY: Takes numbers. One that names no thread of this process is an error and no more.
        unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), self.id as c_int, signal) == 0 }
    }

    #[cfg(target_os = "macos")]
    pub(super) fn send(&self, signal: c_int) -> bool {
        // SAFETY: The thread is alive, as `Asker::signal` wants it, so its handle is valid.
        unsafe { libc::pthread_kill(self.id as libc::pthread_t, signal) == 0 }
    }
}

#[cfg(target_os = "linux")]
fn own_id() -> usize {
    // SAFETY: Takes nothing and cannot fail. Not `gettid`, which older C libraries lack.
    unsafe { libc::syscall(libc::SYS_gettid) as usize }
}

#[cfg(target_os = "macos")]
fn own_id() -> usize {
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
        (
            libc::pthread_get_stackaddr_np(own).addr(),
            libc::pthread_get_stacksize_np(own),
        )
    };
    Some(top.checked_sub(size)?..top)
}

/// The signal to send, with our code behind it. Only one thread at a time may call this.
pub(super) fn ready(preference: Preference) -> Option<c_int> {
    let chosen = CHOSEN.load(Relaxed);
    let wanted = |signal: c_int| match preference {
        Preference::Any => true,
        Preference::Only(only) => signal == only,
        Preference::Off => false,
    };
    // Somebody may have put code of theirs in the place of ours.
    if chosen != 0 && wanted(chosen) && signal::runs(chosen, on_signal) {
        return Some(chosen);
    }
    let found = match preference {
        Preference::Any => candidates().find(|&signal| claim(signal)),
        Preference::Only(signal) => claim(signal).then_some(signal),
        Preference::Off => None,
    };
    found.inspect(|&signal| CHOSEN.store(signal, Relaxed))
}

fn claim(signal: c_int) -> bool {
    // SAFETY: `on_signal` asks for the thread's number and for an address, and copies memory, no more.
    signal::runs(signal, on_signal) || unsafe { signal::claim(signal, on_signal, &signal::FREE) }
}

/// Real-time signals mean what a program wants them to mean. The last ones are the least wanted.
#[cfg(target_os = "linux")]
fn candidates() -> impl Iterator<Item = c_int> {
    (libc::SIGRTMIN()..=libc::SIGRTMAX()).rev()
}

/// There are none of those here. These the system ignores where nobody asks for them.
#[cfg(target_os = "macos")]
fn candidates() -> impl Iterator<Item = c_int> {
    [libc::SIGINFO, libc::SIGURG, libc::SIGIO].into_iter()
}

/// What the signal runs: it copies, and does nothing else.
extern "C" fn on_signal(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    signal::keep_errno(|| {
        let own = own_id();
        for slot in &SLOTS {
            // SAFETY: `context` is what the system passed to this call. A page is prepared for the thread that is
            // asked, and `answer` runs this only in that.
            slot.answer(own, |page| unsafe { page.write(Registers::of(context)) });
        }
    });
}
