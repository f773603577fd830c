//! The cancelled token that a task did not look at, in words.

use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::report::note::Note;
use crate::time::readable;

/// The end of the title.
pub(crate) fn title(finding: &Finding, one: bool) -> &'static str {
    let is_sure = finding.token().is_some_and(|t| t.is_sure);
    match (is_sure, one) {
        (true, true) => "is still alive, though its token was cancelled",
        (true, false) => "are still alive, though their token was cancelled",
        (false, true) => "is still alive, though a token was cancelled",
        (false, false) => "are still alive, though a token was cancelled",
    }
}

pub(crate) fn notes(finding: &Finding) -> Vec<Note> {
    let Some(token) = finding.token() else {
        return Vec::new();
    };
    let handle = Position::of_location(token.handle.last_at.unwrap_or(token.handle.created));
    let handle = match token.is_sure {
        true => format!("last used by the task at {handle}, before it was cancelled"),
        false => format!("created at {handle}, never used: the task's, as far as can be told"),
    };
    let at = token.cancelled.at.map(Position::of_location);
    let at = at.map_or_else(String::new, |at| format!("at {at}, "));
    let since = readable(finding.now.since(token.cancelled.when));
    let created = Position::of_location(token.created);
    vec![
        (
            "token",
            vec![format!("created at {created}; cancelled {at}{since} ago")],
        ),
        ("handle", vec![handle]),
    ]
}
