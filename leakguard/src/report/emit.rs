//! Sends a report to a `tracing` subscriber, else to standard error, and in any case to the file of JSON lines if there is
//! one.

#[cfg(feature = "tracing")]
use crate::clock::pulse;
use crate::fact::finding::Finding;
use crate::report::repeated::Repeated;
use crate::report::{Report, color, layout, printer, publish, state};
use crate::{config, journal};
use std::io::{Write, stderr};
use std::panic::catch_unwind;
use std::time::Duration;

/// How long a caller waits for texts that are written at once, as a rule.
const BRIEFLY: Duration = Duration::from_millis(50);
/// How long the end of `main` waits for a standard error that takes nothing.
const AT_THE_END: Duration = Duration::from_secs(1);

/// Sends one event for each finding to a subscriber that wants them, or the report to standard error, soon.
pub(crate) fn log(report: &Report) {
    if !publish::publish(report) {
        return;
    }
    #[cfg(feature = "tracing")]
    if has_subscriber_of_its_own() && event::is_sent(report) {
        return;
    }
    let report = report.clone();
    printer::send(move || send(&report));
}

/// Whether the calling thread may have a subscriber of its own, which gets events here. The watchdog has none, and waits for
/// no subscriber.
#[cfg(feature = "tracing")]
fn has_subscriber_of_its_own() -> bool {
    !pulse::is_current_thread()
}

/// As [`log`], at once. Calls user code (the subscriber), so the caller holds no lock.
pub(crate) fn send(report: &Report) {
    #[cfg(feature = "tracing")]
    if event::is_sent(report) {
        return;
    }
    write(&text(report));
}

/// Takes note of a report that a test or a panic is about to show. Returns whether that is to happen: with
/// `LEAKGUARD=json` nothing fails.
pub(crate) fn raise(report: &Report) -> bool {
    publish::publish(report)
}

/// Tells of findings that are like one that was reported.
pub(crate) fn repeat(repeated: Repeated) {
    if !publish::repeat(&repeated) {
        return;
    }
    #[cfg(feature = "tracing")]
    if has_subscriber_of_its_own() && event::is_repeat_sent(&repeated) {
        return;
    }
    printer::send(move || {
        #[cfg(feature = "tracing")]
        if event::is_repeat_sent(&repeated) {
            return;
        }
        write(&format!("{repeated}\n"));
    });
}

/// As [`repeat`], without a text.
pub(crate) fn write_repeat(repeated: &Repeated) {
    publish::repeat(repeated);
}

/// Starts the thread that writes, for a caller that sends its text when no thread should be started any more.
pub(crate) fn prepare() {
    printer::send(|| {});
}

/// Waits until what was sent is written, unless that takes unusually long.
pub(crate) fn settle() {
    printer::wait(BRIEFLY);
}

/// As [`settle`], before the process ends.
pub(crate) fn finish() {
    match printer::take_left_out() {
        0 => {}
        count => line(&format!("leakguard: {count} reports were left out, because none was read")),
    }
    printer::wait(AT_THE_END);
}

/// One sentence on standard error, and a blank line. The report comes later, or never if the process hangs.
pub(crate) fn in_short(finding: &Finding) {
    if !publish::publish(&Report::new(vec![finding.clone()], 0)) {
        return;
    }
    let block = crate::report::block(finding, &[]);
    line(&(layout::in_short(&block) + "\n"));
}

/// A note on tasks that leakguard did not see start, past the harness of a test.
pub(crate) fn unseen(name: &str, count: usize) {
    if !publish::unseen(name, count) {
        return;
    }
    let text = state::unseen_in(name, count);
    #[cfg(feature = "tracing")]
    if event::is_note_sent(&text, count) {
        return;
    }
    line(&layout::sentence("note: ", &text));
    // The process may end with the test.
    finish();
}

/// With colour where standard error shows it, and a blank line between it and what comes next. Before the process ends. A
/// test or a caller has the report as well.
pub(crate) fn to_stderr(report: &Report) {
    if config::is_json_only() {
        return;
    }
    line(&text(report));
    finish();
}

/// As [`to_stderr`], for a report that nothing else has, and aborts the process.
pub(crate) fn abort(report: &Report) -> ! {
    publish::publish(report);
    to_stderr(report);
    journal::close();
    std::process::abort()
}

fn text(report: &Report) -> String {
    format!("{}\n", report.render(color::for_stderr()).trim_end())
}

/// Where the `eprint!` of this thread goes, which in a test is what the harness shows if the test fails.
pub(crate) fn to_own_output(text: &str) {
    // Standard error may be closed, which `eprint!` answers with a panic.
    let _ = catch_unwind(|| eprintln!("{text}"));
}

/// In one piece, so that the reports of parallel tests do not mix.
pub(crate) fn line(text: &str) {
    let text = text.to_owned();
    printer::send(move || write(&text));
}

/// As [`line`], and calls `then` when it is written.
pub(crate) fn line_then(text: String, then: impl FnOnce() + Send + 'static) {
    printer::send(move || {
        write(&text);
        then();
    });
}

fn write(text: &str) {
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
    use crate::report::repeated::Repeated;
    use crate::report::{Report, state};
    use tracing::Level;

    /// Whether a subscriber has received it. One that panics has not.
    pub(super) fn is_sent(report: &Report) -> bool {
        is_received(|| send(report))
    }

    pub(super) fn is_repeat_sent(repeated: &Repeated) -> bool {
        is_received(|| {
            tracing::error!(
                target: "leakguard",
                code = %repeated.code,
                function = repeated.function,
                count = repeated.more,
                total = repeated.total,
                "{repeated}\n",
            );
        })
    }

    fn is_received(send: impl FnOnce()) -> bool {
        let try_it = || {
            let wanted = is_wanted();
            if wanted {
                send();
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
            // The fields are often written right behind the message.
            "{}\n",
            report.block(finding),
        );
    }
}
