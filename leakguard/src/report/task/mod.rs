//! A task that should have ended: title, label and notes.

mod help;
mod token;

use crate::fact::finding::Finding;
use crate::fact::story::{PanicStory, UnheardStory};
use crate::fact::subject::{TaskProblem, TaskSubject};
use crate::report::block::Block;
use crate::report::case::Case;
use crate::report::note::Note;
use crate::report::noun::noun;
use crate::report::{call, spin};
use crate::time::readable;
use std::time::Duration;

pub(crate) fn block(finding: &Finding, subject: &TaskSubject, found: &[Finding]) -> Block {
    let case = case(finding, subject);
    Block {
        word: word(&subject.problem),
        code: finding.code(),
        title: title(case, subject),
        marks: Block::one_mark(case.anchor(), label(case, subject)),
        // The place where a task was spawned stands in a note.
        label_note: match subject.problem {
            TaskProblem::Panicked(_) => None,
            TaskProblem::WasBusy(_) => Some("then"),
            _ => Some("now"),
        },
        notes: notes(case, subject),
        help: help::help(case, subject, found),
    }
}

fn case<'a>(finding: &'a Finding, subject: &'a TaskSubject) -> Case<'a> {
    Case {
        count: subject.tasks.len(),
        blockage: subject.blockage.as_deref(),
        spins_at: match &subject.problem {
            TaskProblem::Spins(spin) => Some(spin.at()),
            _ => None,
        },
        is_over: matches!(subject.problem, TaskProblem::Panicked(_)),
        ..Case::new(finding, &subject.tasks.first, subject.condition)
    }
}

/// The word before the code.
fn word(problem: &TaskProblem) -> &'static str {
    match problem {
        TaskProblem::Alive { .. } | TaskProblem::Stuck | TaskProblem::Thread => "leak",
        TaskProblem::Receives | TaskProblem::Sends => "leak",
        TaskProblem::IgnoresToken(_) | TaskProblem::IgnoresStop => "leak",
        TaskProblem::LostWakeup(_) => "lost",
        TaskProblem::Busy | TaskProblem::WasBusy(_) => "busy",
        TaskProblem::Panicked(_) => "panic",
        TaskProblem::Spins(_) => "spin",
    }
}

fn title(case: Case<'_>, subject: &TaskSubject) -> String {
    let shared = subject.tasks.iter().all(|t| t.name == case.task.name);
    let tasks = case.subject(shared);
    if let (TaskProblem::Alive { .. }, Some(owner)) = (&subject.problem, case.finding.owner()) {
        return format!("{tasks} outlived its owner `{owner}`");
    }
    if let Some((_, function)) = after(&subject.problem) {
        return format!("{tasks} panicked after `{function}` had returned");
    }
    let (one, several) = match &subject.problem {
        TaskProblem::Alive { .. } => ("is still alive", "are still alive"),
        TaskProblem::Thread => ("has not ended", "have not ended"),
        TaskProblem::Stuck => ("can never be woken", "can never be woken"),
        TaskProblem::Busy => ("keeps its executor busy", "keep their executors busy"),
        TaskProblem::WasBusy(_) => ("kept its executor busy", "kept their executors busy"),
        TaskProblem::Receives => {
            ("waits to receive, but nothing is sent", "wait to receive, but nothing is sent")
        }
        TaskProblem::Sends => {
            ("waits to send, but nothing is received", "wait to send, but nothing is received")
        }
        TaskProblem::IgnoresToken(token) => token::title(token),
        TaskProblem::IgnoresStop => (
            "continues although it was requested to stop",
            "continue although they were requested to stop",
        ),
        TaskProblem::LostWakeup(_) => ("lost a wakeup", "lost a wakeup each"),
        TaskProblem::Panicked(_) => {
            ("panicked, and nothing will ever join it", "panicked, and nothing will ever join them")
        }
        TaskProblem::Spins(_) => ("busy-loops on a closed channel", "busy-loop on closed channels"),
    };
    let predicate = if case.count == 1 { one } else { several };
    format!("{tasks} {predicate}")
}

fn label(case: Case<'_>, subject: &TaskSubject) -> String {
    match &subject.problem {
        TaskProblem::Spins(spin) => spin::label(spin, &case.anchor()),
        TaskProblem::Panicked(_) => case.spawned_here().to_owned(),
        TaskProblem::LostWakeup(idle) if case.wait_position().is_some() => {
            let (wait, idle) = (case.wait_words("waits here"), readable(*idle));
            format!("{wait}, not woken for {idle}")
        }
        _ => case.label(),
    }
}

fn notes(case: Case<'_>, subject: &TaskSubject) -> Vec<Note> {
    let finding = case.finding;
    let mut all = vec![case.spawned(subject.tasks.iter())];
    all.extend(case.through());
    all.extend(subject.cell.map(in_cell));
    all.extend(case.wait_notes());
    all.extend(case.renewed_note());
    all.extend(subject.closed.iter().flat_map(|closed| spin::notes(closed, finding.now)));
    match &subject.problem {
        TaskProblem::Spins(spin) => all.extend(spin::notes(spin, finding.now)),
        TaskProblem::IgnoresToken(token) => all.extend(token::notes(token, finding.now)),
        TaskProblem::Panicked(Some(panic)) => all.push(said(panic)),
        TaskProblem::Alive { unheard: Some(unheard) } => all.push(without_receiver(unheard)),
        _ => {}
    }
    all.push(call::behind(&subject.behind, finding.now));
    all.extend(case.ended());
    all.push(("verdict", vec![verdict(case, &subject.problem)]));
    all
}

fn verdict(case: Case<'_>, problem: &TaskProblem) -> String {
    match problem {
        TaskProblem::LostWakeup(idle) => format!(
            "it made progress when leakguard polled it, although nothing had woken it for {}",
            readable(*idle)
        ),
        TaskProblem::Panicked(_) => match after(problem) {
            Some((time, function)) => format!(
                "panicked {} after `{function}` had returned, while leakguard waited for it; without that its runtime might have ended it first",
                readable(*time)
            ),
            None => "panicked, and nothing received its panic".to_owned(),
        },
        TaskProblem::WasBusy(time) => {
            let thread = case.task.thread.as_ref();
            let thread = thread.map_or_else(String::new, |name| format!(" on thread \"{name}\""));
            let time = readable(*time);
            format!("one poll took {time}{thread}; no other task ran there meanwhile. It has ended")
        }
        _ => case.verdict(),
    }
}

/// How long after the return of which function it panicked, if it was after that.
fn after(problem: &TaskProblem) -> Option<&(Duration, &'static str)> {
    problem.panic()?.after.as_ref()
}

/// Where it panicked, and the first line of what it said.
fn said(panic: &PanicStory) -> Note {
    let message = panic.message.lines().map(str::trim).find(|line| !line.is_empty());
    let message = message.unwrap_or("without a message");
    let at = panic.at.as_ref().map(|at| format!("at {at}: "));
    ("panic", vec![at.unwrap_or_default() + message])
}

/// What a static starts belongs to no test.
fn in_cell(cell: &str) -> Note {
    let text = format!(
        "by the initialiser of a `{cell}`. If that is a static, what it starts may be meant to live on: spawn \
         `leakguard::background(…)` there"
    );
    ("started", vec![text])
}

/// A channel whose receiver is gone while the task still works for it.
fn without_receiver(unheard: &UnheardStory) -> Note {
    let whose = match unheard.is_sure {
        true => "the task has its sender",
        false => "the task probably has its sender",
    };
    let (noun, created) = (noun(unheard.kind), unheard.created);
    let text = format!(
        "{noun}, created at {created}; its receiver is gone, and {whose}: what it sends is never received"
    );
    ("channel", vec![text])
}
