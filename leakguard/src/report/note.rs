//! The notes below a source line, and those that several subjects have.

use crate::clock::Instant;
use crate::fact::id::{Ending, Role};
use crate::fact::position::Position;
use crate::fact::task::ScopeFacts;
use crate::stack::Frame;
use crate::time::readable;
use std::time::Duration;

/// Maximum number of lines of a list in a note. A dump has all of them.
const LINES: usize = 10;

/// A word and its lines, the first of which stands beside it.
pub(crate) type Note = (&'static str, Vec<String>);

/// A list without what exceeds the maximum, which is counted.
pub(crate) fn capped(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("… and {more} more"));
    }
    lines
}

/// `pool::worker at src/pool.rs:41:49`.
pub(crate) fn frame(frame: &Frame) -> String {
    let at = Position::of_frame(frame).map_or_else(String::new, |p| format!(" at {p}"));
    format!("{}{at}", frame.function())
}

/// How far the time of a scope was extended and why, with the words `before` and `after` the time. Empty if it was not.
pub(crate) fn extended(scope: &ScopeFacts, before: &str, after: &str) -> String {
    match scope.extended {
        Duration::ZERO => String::new(),
        time => format!(
            "{before} {}{after} because the process had to wait for a processor",
            readable(time)
        ),
    }
}

/// How and when the function ended, and how long its tasks were allowed to live on.
pub(crate) fn ended(scope: &ScopeFacts, now: Instant) -> Option<Note> {
    let (at, how) = scope.returned?;
    let limit = scope.rule.timeout.map_or(at, |t| scope.entered.plus(t));
    let limit = limit.max(at.plus(scope.rule.grace));
    let (name, ago) = (scope.function(), readable(now.since(at)));
    let clock = if scope.paused { " of paused time" } else { "" };
    let allowed = format!("its tasks were allowed another {}{clock}", readable(limit.since(at)));
    let allowed = allowed + &extended(scope, ", and", " more");
    if scope.role == Role::Owner {
        let created = scope.site.location();
        let inside = scope
            .ended_in
            .map_or_else(String::new, |place| format!(" in the task or call of {place}"));
        let text = format!("`{name}`, created at {created}, dropped {ago} ago{inside}; {allowed}");
        return Some(("owner", vec![text]));
    }
    if scope.role == Role::Root {
        let text = format!("of `{name}`, which is dropped; its tasks had {ago} to end");
        return Some(("runtime", vec![text]));
    }
    let (word, also) = match how {
        Ending::Returned | Ending::Left => ("returned", ""),
        Ending::Panicked => ("panicked", ""),
        Ending::Cancelled => ("dropped", ", before it was ready"),
    };
    Some((word, vec![format!("`{name}`, {ago} ago{also}; {allowed}")]))
}
