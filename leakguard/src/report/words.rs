//! The words for each code and verdict: the title, the label below the source line, the verdict.

use crate::fact::cause::Prospect;
use crate::fact::finding::Finding;
use crate::fact::id::{Role, TaskKind};
use crate::fact::position::Position;
use crate::fact::task::TaskFacts;
use crate::report::state;
use crate::report::{blockage, channel, growth, spin, token, unreaped, value};
use crate::stack::Class;
use crate::time::readable;
use crate::vocabulary::{Code, Verdict, WaitKind};
use std::panic::Location;

/// The place that a report points at.
pub(crate) struct Anchor {
    pub(crate) point: Position,
    /// It is the wait, not the start.
    pub(crate) is_wait: bool,
}

impl Anchor {
    /// The wait, if it is known and still true: a task inside a poll has left its last one.
    pub(crate) fn of(finding: &Finding) -> Anchor {
        let site = finding.site().location();
        if let Some(story) = finding.channel() {
            return Anchor::at(story.place());
        }
        if let Some(story) = finding.unreaped() {
            return Anchor::at(story.started());
        }
        if finding.value().is_some() {
            return Anchor::at(site);
        }
        let gone = match finding.verdict {
            Verdict::Busy(_) => finding.task().native().is_none() && finding.spin().is_none(),
            Verdict::NeverBegun(_) | Verdict::Panicked => true,
            _ => false,
        };
        match Position::of_wait(finding.task()).filter(|_| !gone) {
            Some(point) => Anchor {
                point,
                is_wait: true,
            },
            None => Anchor::at(site),
        }
    }

    /// No wait.
    fn at(location: &Location<'_>) -> Anchor {
        Anchor {
            point: Position::of_location(location),
            is_wait: false,
        }
    }
}

/// What comes before the code.
pub(crate) fn noun(code: Code) -> &'static str {
    match code {
        Code::Overrun => "overrun",
        Code::LeakedTask | Code::StuckTask | Code::LeakedThread => "leak",
        Code::AbandonedReceiver | Code::ForgottenSender => "leak",
        Code::IgnoredCancellation => "leak",
        Code::Deadlock => "deadlock",
        Code::LostWakeup | Code::LostMessage => "lost",
        Code::BrokenPromise => "broken",
        Code::OverBound => "full",
        Code::BusyExecutor => "busy",
        Code::SwallowedPanic => "panic",
        Code::KeptResource => "kept",
        Code::GrowingTasks => "growth",
        Code::SpinOnClosed => "spin",
        Code::UnreapedTasks => "unreaped",
    }
}

/// The function whose tasks they are.
pub(crate) fn function(finding: &Finding) -> &str {
    if finding.channel().is_some() {
        return finding.site().function();
    }
    match &finding.scope {
        Some(scope) if !scope.name.is_empty() => scope.name,
        Some(scope) => scope.site.function(),
        None => finding.site().function(),
    }
}

/// The first line, behind the code.
pub(crate) fn title(finding: &Finding) -> String {
    if let Some(story) = finding.channel() {
        return channel::title(story);
    }
    if let Some(story) = finding.value() {
        return value::title(story);
    }
    if let Some(story) = finding.unreaped() {
        return unreaped::title(story);
    }
    let subject = subject(finding);
    let one = finding.count() == 1 || finding.is_overrun();
    let say =
        |single: &str, several: &str| format!("{subject} {}", if one { single } else { several });
    match finding.code {
        Code::Overrun => overrun(finding),
        Code::LeakedTask => match owner(finding) {
            Some(owner) => format!("{subject} outlived its owner `{owner}`"),
            None => say("is still alive", "are still alive"),
        },
        Code::AbandonedReceiver => say(
            "waits to receive, and nobody sends",
            "wait to receive, and nobody sends",
        ),
        Code::ForgottenSender => say(
            "waits to send, and nobody receives",
            "wait to send, and nobody receives",
        ),
        Code::Deadlock => say(blockage::deadlock(finding), blockage::deadlocks(finding)),
        Code::IgnoredCancellation if finding.token().is_none() => say(
            "goes on, though it was told to stop",
            "go on, though they were told to stop",
        ),
        Code::IgnoredCancellation => say(token::title(finding, true), token::title(finding, false)),
        Code::LostMessage | Code::BrokenPromise | Code::OverBound => subject,
        Code::KeptResource | Code::UnreapedTasks => subject,
        Code::GrowingTasks => growth::title(finding),
        Code::StuckTask => say("can never be woken", "can never be woken"),
        Code::LostWakeup => say("lost a wakeup", "lost a wakeup each"),
        Code::BusyExecutor => say("keeps its executor busy", "keep their executors busy"),
        Code::SpinOnClosed => say(
            "turns round on a closed channel",
            "turn round on closed channels",
        ),
        Code::LeakedThread => say("has not ended", "have not ended"),
        Code::SwallowedPanic => say(
            "panicked, and nobody will ever join it",
            "panicked, and nobody will ever join them",
        ),
    }
}

/// The value that the task should have ended with.
pub(crate) fn owner(finding: &Finding) -> Option<&str> {
    let scope = finding.scope.as_ref();
    let owned = scope.filter(|scope| scope.role == Role::Owner);
    owned.map(|_| function(finding))
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

pub(crate) fn subject(finding: &Finding) -> String {
    let task = finding.task();
    let count = if finding.is_overrun() {
        1
    } else {
        finding.count()
    };
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
    let name = finding.task().name;
    let around = finding.site().function();
    let is_around = around.rsplit("::").next() == Some(name);
    let shared = finding.tasks.iter().all(|t| t.name == name);
    let tells = finding.task().kind == TaskKind::Async && !name.is_empty() && !is_around;
    (tells && shared).then_some(name)
}

/// What stands beside the underline.
pub(crate) fn label(finding: &Finding, spot: &Anchor) -> String {
    if let Some(story) = finding.channel() {
        return channel::label(story);
    }
    if finding.value().is_some() {
        return value::label(finding);
    }
    if let Some(story) = finding.spin() {
        return spin::label(story, &spot.point);
    }
    if let Some(story) = finding.unreaped() {
        return unreaped::label(story);
    }
    let task = finding.task();
    let time = readable(finding.now.since(task.since()));
    match finding.verdict {
        Verdict::Busy(d) => busy_label(task, &readable(d)),
        Verdict::NeverBegun(d) => format!("{} for {}", never(task.kind), readable(d)),
        Verdict::Late(d) => format!("ran for {}", readable(d)),
        Verdict::Panicked | Verdict::Happened(_) => "started here".to_owned(),
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
        Verdict::Blocked(d) => format!("{}, for {}", wait(finding, "waits here"), readable(d)),
        Verdict::Stuck | Verdict::TimerOrIo(_) => {
            format!("{}, for {time}", wait(finding, "waits here"))
        }
    }
}

/// What blocks the thread, if that is known.
fn busy_label(task: &TaskFacts, time: &str) -> String {
    match (state::blocked_in(task), task.kind.is_polled()) {
        (Some(words), true) => format!("{words}, busy for {time}"),
        (Some(words), false) => format!("{words}, for {time}"),
        (None, true) => format!("busy for {time}"),
        (None, false) => format!("running for {time}"),
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
    finding.wait().map_or(unknown, WaitKind::words)
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
        Verdict::Blocked(d) => blocked(finding, &format!("{}{after}", readable(d))),
        Verdict::TimerOrIo(d) => format!(
            "waits on {}, for {}{after}; that may yet end it",
            timer_or_io(task),
            readable(d)
        ),
        Verdict::Running if finding.code == Code::SpinOnClosed => {
            format!("it runs and gets nowhere{after}")
        }
        Verdict::Running => {
            let polls = polls.map_or_else(String::new, |p| format!(": {p}"));
            format!("still making progress{polls}")
        }
        Verdict::Busy(d) if task.kind.is_polled() => {
            busy(&readable(d), task.thread.as_deref()) + &no_stack(task)
        }
        Verdict::Busy(d) => format!(
            "still running after {}{}{}",
            readable(d),
            on_thread(task.thread.as_deref()),
            no_stack(task)
        ),
        Verdict::NeverBegun(d) => format!("{} in {}", not_begun(task.kind), readable(d)),
        Verdict::WakeupLost(d) => {
            format!(
                "moved on when leakguard polled it, though nobody had woken it for {}",
                readable(d)
            )
        }
        Verdict::Panicked => "panicked, and its panic reached nobody".to_owned(),
        Verdict::Happened(d) => format!("it happened {} ago", readable(d)),
        Verdict::Late(d) => format!("late: it has ended, {} after its entry", readable(d)),
    }
}

/// A wait of which it may be known who could end it.
fn blocked(finding: &Finding, time: &str) -> String {
    let prospect = finding.blockage.as_ref().map(|b| b.prospect);
    match prospect.unwrap_or(Prospect::MayBeWoken) {
        Prospect::Stuck if finding.code == Code::Deadlock => {
            format!("stuck for {time}: what each waits for, the next one has")
        }
        Prospect::Stuck => format!("stuck for {time}: whoever would have to end that is stuck"),
        Prospect::NoKnownWaker => format!("blocked for {time}; nobody is known who could end that"),
        Prospect::MayBeWoken => format!("blocked for {time}; it may yet be woken"),
    }
}

/// Of one task; among several, each has its own. What lives beside a call that overran is not counted.
fn polls(finding: &Finding) -> Option<String> {
    let alone = finding.count() == 1 || finding.is_overrun();
    let counts = alone && finding.task().kind.is_polled();
    counts.then(|| match finding.task().polls {
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
    let thread = on_thread(thread);
    format!("inside one poll for {time}{thread}; no other task runs there meanwhile")
}

fn on_thread(thread: Option<&str>) -> String {
    thread.map_or_else(String::new, |t| format!(" on thread \"{t}\""))
}

fn no_stack(task: &TaskFacts) -> String {
    state::missing(task).map_or_else(String::new, |why| format!("; {why}"))
}
