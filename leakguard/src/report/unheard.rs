//! A channel whose receiver is gone while a task still works for it, in words.

use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::fact::story::Story;
use crate::report::blockage::noun;
use crate::report::note::Note;

pub(crate) fn note(finding: &Finding) -> Option<Note> {
    let Some(Story::Unheard(story)) = &finding.story else {
        return None;
    };
    let created = Position::of_location(story.created);
    let whose = match story.is_sure {
        true => "the task has its sender",
        false => "as far as can be told the task has its sender",
    };
    let text = format!(
        "{}, created at {created}; its receiver is gone, and {whose}: what it sends reaches nobody",
        noun(story.kind)
    );
    Some(("channel", vec![text]))
}
