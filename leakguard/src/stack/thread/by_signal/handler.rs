//! The signal: which one is used, and its handler.
#![expect(unsafe_code, reason = "signals are the C library's")]

use super::super::SignalPreference;
use super::mailbox::Mailbox;
use super::stack_copy::StackCopy;
use super::thread_ref::own_id;
use crate::signal;
use crate::stack::unwind::Registers;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// One is enough, unless a thread is stopped while it writes to it.
pub(super) static MAILBOXES: [Mailbox<StackCopy>; 4] =
    [const { Mailbox::new(StackCopy::EMPTY) }; 4];

/// The signal that was used last; 0 is none.
static CHOSEN: AtomicI32 = AtomicI32::new(0);

/// Returns the signal to send, with our handler installed. Only one thread at a time may call this.
pub(super) fn ready(preference: SignalPreference) -> Option<c_int> {
    let chosen = CHOSEN.load(Relaxed);
    let wanted = |signal: c_int| match preference {
        SignalPreference::Any => true,
        SignalPreference::Only(only) => signal == only,
        SignalPreference::Off => false,
    };
    // The program may have replaced our handler by its own since.
    if chosen != 0 && wanted(chosen) && signal::is_handled_by(chosen, on_signal) {
        return Some(chosen);
    }
    let found = match preference {
        SignalPreference::Any => candidates().find(|&signal| install(signal)),
        SignalPreference::Only(signal) => install(signal).then_some(signal),
        SignalPreference::Off => None,
    };
    found.inspect(|&signal| CHOSEN.store(signal, Relaxed))
}

fn install(signal: c_int) -> bool {
    // SAFETY: `on_signal` reads the thread's number and the address of `errno`, and copies memory, no more.
    signal::is_handled_by(signal, on_signal)
        || unsafe { signal::install(signal, on_signal, &signal::DEFAULT) }
}

/// The real-time signals, whose meaning is up to the program. The last ones are the least used.
#[cfg(target_os = "linux")]
fn candidates() -> impl Iterator<Item = c_int> {
    (libc::SIGRTMIN()..=libc::SIGRTMAX()).rev()
}

/// macOS has no real-time signals. It ignores these where a program has no handler for them.
#[cfg(target_os = "macos")]
fn candidates() -> impl Iterator<Item = c_int> {
    [libc::SIGINFO, libc::SIGURG, libc::SIGIO].into_iter()
}

/// Copies the stack of the interrupted thread, and does nothing else.
extern "C" fn on_signal(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    signal::preserving_errno(|| {
        let own = own_id();
        for mailbox in &MAILBOXES {
            // SAFETY: `context` is what the system passed to this call. A copy is prepared for the thread named in the
            // request, and `respond` calls this only on that thread.
            mailbox.respond(own, |copy| unsafe { copy.write(Registers::of(context)) });
        }
    });
}
