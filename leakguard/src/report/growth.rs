//! Ever more tasks of one spawn, in words.

use crate::fact::finding::Finding;
use crate::fact::story::{GrowthStory, Story};
use crate::report::note::Note;
use crate::report::words;
use crate::time::readable;

fn story(finding: &Finding) -> Option<&GrowthStory> {
    match &finding.story {
        Some(Story::Growth(story)) => Some(story),
        _ => None,
    }
}

/// The first line, behind the code.
pub(crate) fn title(finding: &Finding) -> String {
    let before = story(finding).map_or(0, |s| s.counts[0]);
    let window = story(finding).map_or_else(String::new, |s| readable(s.window));
    let subject = words::subject(finding);
    format!("{subject} are alive, {before} a window of {window} ago")
}

pub(crate) fn note(finding: &Finding) -> Option<Note> {
    let counts = story(finding)?.counts.iter();
    let counts: Vec<_> = counts.map(u64::to_string).collect();
    let site = finding.site();
    let text = format!(
        "{}; {} started and {} ended since the program began",
        counts.join(", "),
        site.started(),
        site.ended()
    );
    Some(("alive", vec![text]))
}
