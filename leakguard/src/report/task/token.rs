//! The cancelled token that a task ignores.

use crate::clock::Instant;
use crate::fact::story::TokenStory;
use crate::report::note::Note;
use crate::time::readable;

/// The end of the title, for one task and for several.
pub(super) fn title(token: &TokenStory) -> (&'static str, &'static str) {
    match token.is_sure {
        true => (
            "is still alive although its token was cancelled",
            "are still alive although their token was cancelled",
        ),
        false => (
            "is still alive although a token was cancelled",
            "are still alive although a token was cancelled",
        ),
    }
}

pub(super) fn notes(token: &TokenStory, now: Instant) -> Vec<Note> {
    let handle = token.handle.last_at.unwrap_or(token.handle.created);
    let handle = match token.is_sure {
        true => format!("last used by the task at {handle}, before it was cancelled"),
        false => format!("created at {handle}, never used; it probably belongs to the task"),
    };
    let at = token.cancelled.at;
    let at = at.map_or_else(String::new, |at| format!("at {at}, "));
    let (created, since) = (token.created, readable(now.since(token.cancelled.when)));
    let created = format!("created at {created}; cancelled {at}{since} ago");
    vec![("token", vec![created]), ("handle", vec![handle])]
}
