//! Results of ended tasks that nothing takes.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::finding::Finding;
use crate::fact::position::Position;
use crate::fact::resource::SetFacts;
use crate::fact::story::{ResultHolder, UnreapedStory};
use crate::report::block::Block;
use crate::report::note::Note;
use crate::report::noun::named;
use crate::time::readable;

pub(crate) fn block(finding: &Finding, story: &UnreapedStory) -> Block {
    let here = Position::of_location(story.started());
    Block {
        word: "unreaped",
        code: finding.code(),
        title: title(story),
        help: help(story, &here),
        marks: Block::one_mark(here, label(story)),
        label_note: Some("now"),
        notes: notes(finding, story),
    }
}

fn title(story: &UnreapedStory) -> String {
    let tasks = match story.growth.now() {
        1 => "1 task that has ended".to_owned(),
        count => format!("{count} tasks that have ended"),
    };
    match story.keeper {
        ResultHolder::Set(..) => {
            format!("a join set keeps the results of {tasks}, and nothing takes them")
        }
        ResultHolder::Handles => {
            format!("the handles of {tasks} are kept, and nothing awaits them")
        }
    }
}

fn label(story: &UnreapedStory) -> String {
    let spawned = match &story.keeper {
        ResultHolder::Set(set, _) => set.spawned.map_or(0, |mark| mark.times),
        ResultHolder::Handles => story.site.started(),
    };
    format!("{spawned} spawned here so far")
}

fn notes(finding: &Finding, story: &UnreapedStory) -> Vec<Note> {
    let counts: Vec<_> = story.growth.counts.iter().map(u64::to_string).collect();
    let window = readable(story.growth.window);
    let text = format!("{}, in a window of {window}", counts.join(", "));
    let mut all = vec![("ended", vec![text])];
    if let ResultHolder::Set(set, by) = &story.keeper {
        all.push(("set", vec![created(story, set, by.as_ref())]));
        all.push(("joined", vec![joined(set, finding.now)]));
    }
    all
}

fn created(story: &UnreapedStory, set: &SetFacts, by: Option<&TaskLabel>) -> String {
    let by = by.map_or_else(String::new, |task| format!(" by {}", named(task)));
    let (at, tasks, alive) = (story.site.location(), set.len(), set.alive.len());
    format!("created at {at}{by}; {tasks} tasks in it, {alive} of them alive")
}

fn joined(set: &SetFacts, now: Instant) -> String {
    let Some(joined) = set.joined else {
        return "never".to_owned();
    };
    let at = joined.at.map_or_else(String::new, |at| format!(" at {at}"));
    let (times, ago) = (joined.times, readable(now.since(joined.when)));
    format!("{times} times, last{at}, {ago} ago")
}

fn help(story: &UnreapedStory, here: &Position) -> String {
    let spawn = Position::of_location(story.started()).seen_from(here);
    let reap = match story.keeper {
        ResultHolder::Set(..) => "take what has ended: `while set.try_join_next().is_some() {}`",
        ResultHolder::Handles => {
            "drop what has ended: `handles.retain(|handle| !handle.is_finished())`"
        }
    };
    format!(
        "{reap} before {spawn} spawns the next one, or use a `TaskTracker` of tokio-util, which keeps no results"
    )
}
