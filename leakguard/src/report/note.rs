//! The notes of a report: where it was started, through whom, when its function returned, what else lives.

use crate::clock::Instant;
use crate::config;
use crate::fact::finding::Finding;
use crate::fact::id::{Ending, Role};
use crate::fact::position::Position;
use crate::fact::task::{ScopeFacts, TaskFacts};
use crate::report::observed;
use crate::report::state::{self, shown};
use crate::report::words::{self, Anchor};
use crate::report::{blockage, channel, growth, spin, token, unheard, unreaped, value};
use crate::stack::{Frame, Stack};
use crate::time::readable;
use crate::vocabulary::Code;
use std::collections::HashMap;

/// So many lines a note has at most; the dump has them all.
const LINES: usize = 10;

/// A word and its lines, the first of which stands beside it.
pub(crate) type Note = (&'static str, Vec<String>);

/// All notes in order; `labelled` if the label stands in the source line already.
pub(crate) fn notes(finding: &Finding, spot: &Anchor, labelled: bool) -> Vec<Note> {
    if let Some(story) = finding.channel() {
        return channel::notes(story, finding.now, labelled);
    }
    if let Some(story) = finding.value() {
        return value::notes(finding, story, labelled);
    }
    if let Some(story) = finding.unreaped() {
        return unreaped::notes(finding, story, labelled);
    }
    let mut all = Vec::new();
    if !labelled && finding.code != Code::SwallowedPanic {
        all.push(("now", vec![words::label(finding, spot)]));
    }
    all.push(started(finding, spot));
    all.extend(
        finding
            .task()
            .through
            .map(|s| ("through", vec![format!("{}, which wrapped it again", s)])),
    );
    all.extend(growth::note(finding));
    all.push(("stack", stack(finding)));
    all.push(("also", other_waits(finding)));
    all.extend(blockage::notes(finding, labelled));
    all.extend(spin::notes(finding));
    all.extend(token::notes(finding));
    all.extend(unheard::note(finding));
    all.push(observed::note(finding));
    all.push(("alive", others(finding)));
    all.extend(finding.scope.as_ref().and_then(|s| ended(s, finding.now)));
    all.push(("verdict", vec![words::verdict(finding)]));
    all.retain(|(_, lines)| !lines.is_empty());
    all
}

fn started(finding: &Finding, spot: &Anchor) -> Note {
    let site = finding.site();
    let alive = readable(longest(&finding.tasks, finding.now));
    if finding.task().kind.is_call() {
        return ("entered", vec![entered(finding, spot, &alive)]);
    }
    let times = match finding.count() {
        1 => String::new(),
        count => format!(", {count} times"),
    };
    let own = finding.scope.as_ref().map(|s| s.site);
    // The line of the function is known only where the function is the one that is annotated.
    let line = own.filter(|s| s.function() == site.function() && s.module() == site.module());
    let line = line.map_or_else(String::new, |s| {
        format!(" ({}:{})", s.location().file(), s.location().line())
    });
    let first = if finding.count() == 1 { "" } else { "first " };
    (
        "started",
        vec![format!(
            "{}{times}, by `{}`{line}, {first}{alive} ago",
            site.location(),
            site.function()
        )],
    )
}

/// The place, unless the arrow points at it, and the function, unless the title has named it.
fn entered(finding: &Finding, spot: &Anchor, alive: &str) -> String {
    let site = finding.site();
    let place = Position::of_location(site.location());
    let mut text = String::new();
    if place != spot.point {
        text += &format!("{place}, ");
    }
    if words::function(finding) != site.function() {
        text += &format!("in `{}`, ", site.function());
    }
    text + alive + " ago"
}

fn longest(tasks: &[TaskFacts], now: Instant) -> std::time::Duration {
    tasks
        .iter()
        .map(|t| now.since(t.began))
        .max()
        .unwrap_or_default()
}

/// The functions that wait, from the innermost to what the task began with.
fn stack(finding: &Finding) -> Vec<String> {
    let stack = finding.task().stacks().first();
    let frames = stack.map(|s| shown(s, config::all_frames()));
    capped(frames.into_iter().flatten().map(frame).collect())
}

/// `pool::worker at src/pool.rs:41:49`.
fn frame(frame: &Frame) -> String {
    let at = Position::of_frame(frame).map_or_else(String::new, |p| format!(" at {p}"));
    format!("{}{at}", frame.function())
}

/// The other branches of a `select!` or `join!`.
fn other_waits(finding: &Finding) -> Vec<String> {
    let others = finding.task().stacks().iter().skip(1);
    capped(others.map(|s| branch(s)).collect())
}

fn branch(stack: &Stack) -> String {
    let place = stack
        .place()
        .map_or_else(String::new, |f| format!(" in {}", frame(f)));
    format!("{}{place}", stack.wait())
}

/// What else lives in the scope of an overrun, one line for tasks that are alike.
fn others(finding: &Finding) -> Vec<String> {
    if !finding.is_overrun() {
        return Vec::new();
    }
    let mut places: HashMap<_, usize> = HashMap::new();
    let mut groups: Vec<(String, Vec<&TaskFacts>)> = Vec::new();
    for task in &finding.tasks[1..] {
        let what = what(task, finding.now);
        let place = *places
            .entry((task.site.location(), what.clone()))
            .or_insert(groups.len());
        if place == groups.len() {
            groups.push((what, Vec::new()));
        }
        groups[place].1.push(task);
    }
    capped(
        groups
            .iter()
            .map(|(what, tasks)| group(what, tasks, finding.now))
            .collect(),
    )
}

fn what(task: &TaskFacts, now: Instant) -> String {
    let place = Position::of_wait(task).map_or_else(String::new, |p| format!(" at {p}"));
    state::words(task, now) + &place
}

fn group(what: &str, tasks: &[&TaskFacts], now: Instant) -> String {
    let time = tasks
        .iter()
        .map(|t| now.since(t.since()))
        .max()
        .unwrap_or_default();
    let first = tasks[0];
    let kind = state::kind(first.kind, tasks.len());
    format!(
        "{} {kind} of {}: {what}, for {}",
        tasks.len(),
        first.site.location(),
        readable(time)
    )
}

pub(crate) fn capped(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("… and {more} more"));
    }
    lines
}

/// How and when the function came back, and how long its tasks had from then on.
pub(crate) fn ended(scope: &ScopeFacts, now: Instant) -> Option<Note> {
    let (at, how) = scope.returned?;
    let (word, also) = match how {
        Ending::Returned | Ending::Left => ("returned", ""),
        Ending::Panicked => ("panicked", ""),
        Ending::Cancelled => ("dropped", ", before it was ready"),
    };
    let limit = scope
        .rule
        .timeout
        .map_or(at, |t| scope.entered.plus(t))
        .max(at.plus(scope.rule.grace));
    let name = if scope.name.is_empty() {
        scope.site.function()
    } else {
        scope.name
    };
    let had = readable(limit.since(at));
    let ago = readable(now.since(at));
    if scope.role == Role::Owner {
        let created = scope.site.location();
        let inside = scope
            .ended_in
            .map_or_else(String::new, |place| format!(" in what began at {place}"));
        let text = format!(
            "`{name}`, created at {created}, dropped {ago} ago{inside}; its tasks had {had}"
        );
        return Some(("owner", vec![text]));
    }
    Some((
        word,
        vec![format!("`{name}`, {ago} ago{also}; its tasks had {had}")],
    ))
}
