//! Dumps when the system asks: at SIGQUIT, and at SIGTERM before the process ends.
//!
//! The code of the signal only passes its number on, as it may run in the middle of anything; a thread that waits for
//! such numbers has the watchdog make the dump.
#![expect(unsafe_code, reason = "signals are the C library's")]

use super::compose;
use crate::config;
use crate::deadline;
use crate::registry;
use crate::report::emit;
use crate::signal;
use std::ffi::{c_int, c_void};
use std::io::Read;
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Once;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::time::Duration;

/// A process that is told to end ends, even if the dump of it does not.
const LONGEST: Duration = Duration::from_secs(8);

/// Into which the code of a signal writes; below 0 there is none.
static TO: AtomicI32 = AtomicI32::new(-1);

/// Dumps, with stacks, at SIGQUIT, and goes on; at SIGTERM too, and then ends as the process would have.
pub(super) fn begin() {
    static ONCE: Once = Once::new();
    if !config::is_off() && !cfg!(miri) {
        ONCE.call_once(|| {
            // A program that cannot have a pipe or a thread has other worries than this.
            let _ = listen();
        });
    }
}

fn listen() -> std::io::Result<()> {
    let (to, from) = UnixStream::pair()?;
    to.set_nonblocking(true)?;
    let named = std::thread::Builder::new().name("leakguard-signals".to_owned());
    named.spawn(move || serve(from))?;
    TO.store(to.into_raw_fd(), Relaxed);
    // Shells without a terminal have what they put into the background ignore it.
    claim(libc::SIGQUIT, &signal::DEFAULT_OR_IGNORED);
    claim(libc::SIGTERM, &signal::DEFAULT);
    Ok(())
}

fn serve(mut from: UnixStream) {
    let mut number = [0];
    while from.read_exact(&mut number).is_ok() {
        let is_end = c_int::from(number[0]) == libc::SIGTERM;
        dump(if is_end { "SIGTERM" } else { "SIGQUIT" });
        if is_end {
            end();
        }
    }
}

/// Waits for the dump, which the watchdog makes.
fn dump(name: &'static str) {
    let (tell, told) = channel();
    deadline::probe(registry::global().tasks(), move |facts| {
        emit::line(&format!("leakguard: {name}\n{}", compose(facts, 0)));
        // Nobody waits for it any more, if it took too long.
        let _ = tell.send(());
    });
    let _ = told.recv_timeout(LONGEST);
}

/// What would have happened without us. Where somebody has put code of theirs in our place since, and passed the signal
/// on, that has happened.
fn end() {
    if signal::is_handled_by(libc::SIGTERM, on_signal) {
        signal::raise_default(libc::SIGTERM);
    }
}

/// Where the program does something with the signal itself, it goes on to do that.
fn claim(signal: c_int, from: &[libc::sighandler_t]) {
    // SAFETY: `on_signal` asks for an address and writes to a file, no more.
    let _ = unsafe { signal::install(signal, on_signal, from) };
}

/// What a signal runs: it passes on its number.
extern "C" fn on_signal(signal: c_int, _: *mut libc::siginfo_t, _: *mut c_void) {
    let number = signal as u8;
    signal::preserving_errno(|| {
        // SAFETY: `write` may be called from here. It reads the one byte, does not wait, and fails where nobody listens.
        unsafe { libc::write(TO.load(Relaxed), (&raw const number).cast(), 1) };
    });
}
