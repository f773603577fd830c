//! The words for each code and verdict: the title, the label below the source line, the verdict.

use crate::record::facts::TaskFacts;
use crate::record::finding::{Code, Finding, Verdict};
use crate::record::id::TaskKind;
use crate::report::point::Point;
use crate::report::state;
use crate::report::time::readable;
use crate::stack::Class;

/// The place that a report points at.
pub(crate) struct Spot {
    pub(crate) point: Point,
    /// It is the wait, not the start.
    pub(crate) is_wait: bool,
}

impl Spot {
    /// The wait, if it is known and still true: a task inside a poll has left its last one.
    pub(crate) fn of(finding: &Finding) -> Spot {
        let gone = matches!(
            finding.verdict,
            Verdict::Busy(_) | Verdict::NeverBegun(_) | Verdict::Panicked
        );
        match Point::of_wait(finding.task()).filter(|_| !gone) {
            Some(point) => Spot {
                point,
                is_wait: true,
            },
            None => Spot {
                point: Point::of_location(finding.site().location()),
                is_wait: false,
            },
        }
    }
}

/// What comes before the code.
pub(crate) fn noun(code: Code) -> &'static str {
    match code {
        Code::Overrun => "overrun",
        Code::LeakedTask | Code::StuckTask | Code::LeakedThread => "leak",
        Code::LostWakeup => "lost",
        Code::BusyExecutor => "busy",
        Code::SwallowedPanic => "panic",
    }
}

/// The function whose tasks they are.
pub(crate) fn function(finding: &Finding) -> &str {
    match &finding.scope {
        Some(scope) if !scope.name.is_empty() => scope.name,
        Some(scope) => scope.site.function(),
        None => finding.site().function(),
    }
}

/// The first line, behind the code.
pub(crate) fn title(finding: &Finding) -> String {
    let subject = subject(finding);
    let one = finding.count() == 1;
    let say =
        |single: &str, several: &str| format!("{subject} {}", if one { single } else { several });
    match finding.code {
        Code::Overrun => overrun(finding),
        Code::LeakedTask => say("is still alive", "are still alive"),
        Code::StuckTask => say("can never be woken", "can never be woken"),
        Code::LostWakeup => say("lost a wakeup", "lost a wakeup each"),
        Code::BusyExecutor => say("keeps its executor busy", "keep their executors busy"),
        Code::LeakedThread => say("has not ended", "have not ended"),
        Code::SwallowedPanic => say(
            "panicked, and nobody will ever join it",
            "panicked, and nobody will ever join them",
        ),
    }
}

fn overrun(finding: &Finding) -> String {
    let timeout = finding.scope.as_ref().and_then(|s| s.rule.overrun);
    let at = timeout.map_or_else(String::new, |t| {
        format!(" at its timeout of {}", readable(t))
    });
    match finding.verdict {
        Verdict::Late(_) => format!("`{}` was still running{at}", function(finding)),
        _ => format!("`{}` is still running{at}", function(finding)),
    }
}

fn subject(finding: &Finding) -> String {
    let task = finding.task();
    let count = finding.count();
    let (kind, by) = (state::kind(task.kind, count), task.site.function());
    match (task.kind.is_call(), name(finding), count) {
        (true, _, 1) => format!("`{}`", function(finding)),
        (true, ..) => format!("{count} calls of `{}`", function(finding)),
        (_, Some(name), 1) => format!("{kind} `{name}`, started by `{by}`,"),
        (_, Some(name), _) => format!("{count} {kind} `{name}`, started by `{by}`,"),
        (_, None, 1) => format!("a {kind} started by `{by}`"),
        (_, None, _) => format!("{count} {kind} started by `{by}`"),
    }
}

/// The name that all its tasks bear: of the async function that was started.
///
/// The type of a closure, and of an async block in a plain function, tells no more than the function around it.
fn name(finding: &Finding) -> Option<&str> {
    let name = finding.task().name.as_str();
    let around = finding.site().function();
    let is_around = around.rsplit("::").next() == Some(name);
    let shared = finding.tasks.iter().all(|t| t.name == name);
    let tells = finding.task().kind == TaskKind::Async && !name.is_empty() && !is_around;
    (tells && shared).then_some(name)
}

/// What stands beside the underline.
pub(crate) fn label(finding: &Finding, spot: &Spot) -> String {
    let task = finding.task();
    let time = readable(finding.now.since(task.since()));
    match finding.verdict {
        Verdict::Busy(d) if task.kind.is_polled() => format!("busy for {}", readable(d)),
        Verdict::Busy(d) => format!("running for {}", readable(d)),
        Verdict::NeverBegun(d) => format!("{} for {}", never(task.kind), readable(d)),
        Verdict::Late(d) => format!("ran for {}", readable(d)),
        Verdict::Panicked => "started here".to_owned(),
        _ if !spot.is_wait => format!(
            "started here; {}, for {time}",
            wait(finding, "it waits at an unknown place")
        ),
        Verdict::WakeupLost(d) => format!(
            "{}, not woken for {}",
            wait(finding, "waits here"),
            readable(d)
        ),
        Verdict::Running => format!("{}, again and again", wait(finding, "waits here")),
        Verdict::Stuck | Verdict::Blocked(_) | Verdict::TimerOrIo(_) => {
            format!("{}, for {time}", wait(finding, "waits here"))
        }
    }
}

fn never(kind: TaskKind) -> &'static str {
    if kind.is_polled() {
        "never polled"
    } else {
        "waits for a thread"
    }
}

fn wait(finding: &Finding, unknown: &'static str) -> &'static str {
    finding.wait().unwrap_or(unknown)
}

/// What is known, and how surely.
pub(crate) fn verdict(finding: &Finding) -> String {
    let task = finding.task();
    let polls = polls(finding);
    let after = polls
        .as_ref()
        .map_or_else(String::new, |p| format!(" after {p}"));
    match finding.verdict {
        Verdict::Stuck => {
            "stuck, certainly: its last poll registered no waker, so nothing can wake it".to_owned()
        }
        Verdict::Blocked(d) => format!("blocked for {}{after}; it may yet be woken", readable(d)),
        Verdict::TimerOrIo(d) => format!(
            "waits on {}, for {}{after}; that may yet end it",
            timer_or_io(task),
            readable(d)
        ),
        Verdict::Running => {
            let polls = polls.map_or_else(String::new, |p| format!(": {p}"));
            format!("still making progress{polls}")
        }
        Verdict::Busy(d) if task.kind.is_polled() => busy(&readable(d), task.thread.as_deref()),
        Verdict::Busy(d) => format!("still running after {}", readable(d)),
        Verdict::NeverBegun(d) => format!("{} in {}", not_begun(task.kind), readable(d)),
        Verdict::WakeupLost(d) => {
            format!(
                "moved on when leakguard polled it, though nobody had woken it for {}",
                readable(d)
            )
        }
        Verdict::Panicked => "panicked, and its panic reached nobody".to_owned(),
        Verdict::Late(d) => format!("late: it has ended, {} after its entry", readable(d)),
    }
}

/// Of one task; among several, each has its own. What lives beside a call that overran is not counted.
fn polls(finding: &Finding) -> Option<String> {
    let alone = finding.count() == 1 || finding.code == Code::Overrun;
    alone.then(|| match finding.task().polls {
        1 => "1 poll".to_owned(),
        n => format!("{n} polls"),
    })
}

fn timer_or_io(task: &TaskFacts) -> &'static str {
    let waits = |class| task.stacks().iter().any(|s| s.wait().class() == class);
    match (waits(Class::Timer), waits(Class::Io)) {
        (true, false) => "a timer",
        (false, true) => "I/O",
        _ => "a timer or on I/O",
    }
}

fn not_begun(kind: TaskKind) -> &'static str {
    if kind.is_polled() {
        "never polled by any executor"
    } else {
        "no thread has begun it"
    }
}

fn busy(time: &str, thread: Option<&str>) -> String {
    let thread = thread.map_or_else(String::new, |t| format!(" on thread \"{t}\""));
    format!("inside one poll for {time}{thread}; no other task runs there meanwhile")
}
