//! Fails a test, a function or `main` with its report, at the line of the user.
//!
//! A function and `main` panic through the program's hook. With `RUST_BACKTRACE=1` that of std stops to print frames at a
//! function whose path contains `__rust_begin_short_backtrace`, and goes on behind one with `__rust_end_short_backtrace`. The
//! frames between the modules of these names are leakguard's. What the user's code calls is in modules of the second name
//! too, so that it is not printed either.

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

pub(crate) use __rust_end_short_backtrace::panic_at_caller;

mod __rust_end_short_backtrace {
    use super::__rust_begin_short_backtrace::panic_with;
    use crate::report::Report;

    /// A panic with `report`, at the line of the caller.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(crate) fn panic_at_caller(report: Report) -> ! {
        panic_with(report)
    }
}

pub(super) mod __rust_begin_short_backtrace {
    use crate::report::Report;

    /// As `panic_at_caller`, for a caller that continues the frames itself.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub fn panic_with(report: Report) -> ! {
        panic!("\n{report}");
    }
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
