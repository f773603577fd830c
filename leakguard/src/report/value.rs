//! A value that outlived its scope, in words.

use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::fact::story::ValueStory;
use crate::report::blockage::named;
use crate::report::note::{Note, ended};
use crate::report::words;
use crate::time::readable;

/// The first line, behind the code.
pub(crate) fn title(story: &ValueStory) -> String {
    let name = story.site.function();
    match story.values {
        1 => format!("a value of type `{name}` is still alive"),
        n => format!("{n} values of type `{name}` are still alive"),
    }
}

pub(crate) fn label(finding: &Finding) -> String {
    let age = readable(finding.age());
    format!("created here, {age} ago")
}

pub(crate) fn notes(finding: &Finding, story: &ValueStory, labelled: bool) -> Vec<Note> {
    let mut all = Vec::new();
    if !labelled {
        all.push(("now", vec![label(finding)]));
    }
    let by = story.created_by.as_ref();
    all.extend(by.map(|task| ("created", vec![format!("by {}", named(task))])));
    all.extend(finding.scope.as_ref().and_then(|s| ended(s, finding.now)));
    all
}

/// What to do about it, naming the user's own line.
pub(crate) fn remedy(finding: &Finding, story: &ValueStory, here: &Position) -> String {
    let created = Position::of_location(story.site.location()).seen_from(here);
    format!(
        "drop what {created} makes before `{}` returns: look for a struct, a task or a cycle of `Arc`s that keeps it",
        words::function(finding)
    )
}
