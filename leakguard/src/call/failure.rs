//! Fails a test with its report, at the line of the user.

use crate::report::{Report, emit};
use crate::site::{CallSite, Site};
use std::panic::resume_unwind;

/// Panics with `report` at `site`.
pub(crate) fn fail(site: &Site, report: &Report) -> ! {
    panic_at(site.location(), &format!("\n{report}"))
}

/// A panic whose place is `at`.
///
/// Prints what the panic hook prints. The hook itself would name a line of leakguard, and with `RUST_BACKTRACE=1` append
/// frames of leakguard to the report.
pub(crate) fn panic_at(at: CallSite, message: &str) -> ! {
    print(at, message);
    resume_unwind(Box::new(message.to_owned()))
}

/// Prints `report` as that of a panic at `site`.
pub(crate) fn show(site: &Site, report: &Report) {
    print(site.location(), &format!("\n{report}"));
}

/// In the form that editors and test runners read.
fn print(at: CallSite, message: &str) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    emit::to_own_output(&format!("\nthread '{name}' panicked at {at}:\n{message}"));
}
