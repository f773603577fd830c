//! Sends a report to a `tracing` subscriber, else to standard error.

use crate::fact::finding::Finding;
use crate::report::{Report, color, layout, state};
use std::io::{Write, stderr};
use std::panic::catch_unwind;

/// Sends one event for each finding to a subscriber that wants them, or the report to standard error.
///
/// Calls user code (the subscriber), so the caller holds no lock.
pub(crate) fn log(report: &Report) {
    #[cfg(feature = "tracing")]
    if event::is_sent(report) {
        return;
    }
    to_stderr(report);
}

/// One sentence on standard error, and a blank line. The report comes later, or never if the process hangs.
pub(crate) fn in_short(finding: &Finding) {
    let block = crate::report::block(finding, &[]);
    line(&(layout::in_short(&block) + "\n"));
}

/// A note on tasks that leakguard did not see start, past the harness of a test.
pub(crate) fn unseen(name: &str, count: usize) {
    let text = state::unseen_in(name, count);
    #[cfg(feature = "tracing")]
    if event::is_note_sent(&text, count) {
        return;
    }
    line(&layout::sentence("note: ", &text));
}

/// With colour where standard error shows it, and a blank line between it and what comes next.
pub(crate) fn to_stderr(report: &Report) {
    let text = report.render(color::for_stderr());
    line(&format!("{}\n", text.trim_end()));
}

/// Where the `eprint!` of this thread goes, which in a test is what the harness shows if the test fails.
pub(crate) fn to_own_output(text: &str) {
    // Standard error may be closed, which `eprint!` answers with a panic.
    let _ = catch_unwind(|| eprintln!("{text}"));
}

/// In one piece, so that the reports of parallel tests do not mix.
pub(crate) fn line(text: &str) {
    let text = format!("{text}\n");
    let mut out = stderr().lock();
    // Standard error may be closed, and a watcher must not panic for that.
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

#[cfg(feature = "tracing")]
mod event {
    use crate::fact::finding::Finding;
    use crate::fact::position::Position;
    use crate::report::Report;
    use crate::report::state;
    use tracing::Level;

    /// Whether a subscriber has received it. One that panics has not, and must not end the watchdog's
    /// thread, for which every waiting test waits.
    pub(super) fn is_sent(report: &Report) -> bool {
        let try_it = || {
            let wanted = is_wanted();
            if wanted {
                send(report);
            }
            wanted
        };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(try_it)).unwrap_or(false)
    }

    /// Whether there is a subscriber that is interested in leakguard.
    fn is_wanted() -> bool {
        tracing::dispatcher::has_been_set() && tracing::enabled!(target: "leakguard", Level::ERROR)
    }

    fn send(report: &Report) {
        for finding in report.findings() {
            send_one(report, finding);
        }
        if report.unseen > 0 {
            let text = match report.strict {
                Some(name) => state::unseen_in(name, report.unseen),
                None => state::unseen(report.unseen),
            };
            tracing::error!(target: "leakguard", unseen = report.unseen, "{text}");
        }
    }

    /// As [`is_sent`].
    pub(super) fn is_note_sent(text: &str, unseen: usize) -> bool {
        let try_it = || {
            let wanted = is_wanted();
            if wanted {
                tracing::warn!(target: "leakguard", unseen, "{text}");
            }
            wanted
        };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(try_it)).unwrap_or(false)
    }

    fn send_one(report: &Report, finding: &Finding) {
        let spawn = finding.site().location();
        let wait = finding.wait_place();
        tracing::error!(
            target: "leakguard",
            code = %finding.code(),
            function = finding.function(),
            count = finding.count(),
            spawn_file = spawn.file(),
            spawn_line = spawn.line(),
            wait_file = wait.as_ref().map(Position::file),
            wait_line = wait.as_ref().map(Position::line),
            "{}",
            report.block(finding),
        );
    }
}
