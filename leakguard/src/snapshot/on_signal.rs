//! Dumps at SIGQUIT, and at SIGTERM before the process ends.
//!
//! The signal handler only passes the number of the signal on, because it may interrupt any code. A thread that waits for
//! such numbers has the watchdog make the dump.
#![expect(unsafe_code, reason = "signals need the C library")]

use super::compose;
use crate::call::unseen::{self, KnownRuntime};
use crate::report::emit;
use crate::{config, deadline, registry, signal};
use std::ffi::{c_int, c_void};
use std::io::Read;
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Once;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long the end of the process waits for its dump.
const MAX_WAIT: Duration = Duration::from_secs(8);

/// The file into which the signal handler writes. Below 0 there is none.
static TO: AtomicI32 = AtomicI32::new(-1);

/// Dumps with stacks at SIGQUIT and continues. Dumps at SIGTERM, and then ends as the process would have.
pub(super) fn begin() {
    static ONCE: Once = Once::new();
    if !config::is_off() && !cfg!(miri) {
        ONCE.call_once(|| {
            // Without a pipe or a thread there are no dumps.
            let _ = listen();
            // Its tasks are counted as long as the process lives.
            std::mem::forget(KnownRuntime::here());
        });
    }
}

fn listen() -> std::io::Result<()> {
    let (to, from) = UnixStream::pair()?;
    to.set_nonblocking(true)?;
    let named = std::thread::Builder::new().name("leakguard-signals".to_owned());
    named.spawn(move || serve(from))?;
    TO.store(to.into_raw_fd(), Relaxed);
    // Background processes of shells without a terminal ignore SIGQUIT.
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
    let (done, is_done) = channel();
    deadline::probe(registry::global().tasks(), move |facts| {
        let text = format!("leakguard: {name}\n{}", compose(facts, unseen::count_everywhere()));
        // The receiver may have been dropped after the maximum wait.
        emit::line_then(text, move || _ = done.send(()));
    });
    let _ = is_done.recv_timeout(MAX_WAIT);
}

/// Ends the process as without leakguard. A handler that has been installed since, and passed the signal on, has already
/// decided that.
fn end() {
    if signal::is_handled_by(libc::SIGTERM, on_signal) {
        signal::raise_default(libc::SIGTERM);
    }
}

/// Installs the handler, unless the program handles the signal itself.
fn claim(signal: c_int, from: &[libc::sighandler_t]) {
    // SAFETY: `on_signal` only reads an address and writes to a file.
    let _ = unsafe { signal::install(signal, on_signal, from) };
}

/// The signal handler: passes the number of the signal on.
extern "C" fn on_signal(signal: c_int, _: *mut libc::siginfo_t, _: *mut c_void) {
    let number = signal as u8;
    signal::preserving_errno(|| {
        // SAFETY: `write` may be called from here. It reads the one byte, does not block, and fails without a reader.
        unsafe { libc::write(TO.load(Relaxed), (&raw const number).cast(), 1) };
    });
}
