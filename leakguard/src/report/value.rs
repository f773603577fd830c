//! A value that outlived its scope.

use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::fact::story::ValueStory;
use crate::report::block::Block;
use crate::report::note::{self, Note};
use crate::report::noun::named;
use crate::time::readable;

pub(crate) fn block(finding: &Finding, story: &ValueStory) -> Block {
    let here = Position::of_location(story.site.location());
    Block {
        word: "kept",
        code: finding.code(),
        title: title(story),
        help: help(finding, &here),
        marks: Block::one_mark(here, format!("created here, {} ago", readable(story.age))),
        label_note: Some("now"),
        notes: notes(finding, story),
    }
}

fn title(story: &ValueStory) -> String {
    let name = story.site.function();
    match story.values {
        1 => format!("a value of type `{name}` is still alive"),
        n => format!("{n} values of type `{name}` are still alive"),
    }
}

fn notes(finding: &Finding, story: &ValueStory) -> Vec<Note> {
    let by = story.created_by.as_ref();
    let by = by.map(|task| ("created", vec![format!("by {}", named(task))]));
    let scope = finding.scope.as_ref();
    let ended = scope.and_then(|scope| note::ended(scope, finding.now));
    by.into_iter().chain(ended).collect()
}

fn help(finding: &Finding, here: &Position) -> String {
    format!(
        "drop the value of {} before `{}` returns: look for a struct, a task or a cycle of `Arc`s that keeps it",
        here.seen_from(here),
        finding.function()
    )
}
