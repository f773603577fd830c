//! The findings on what happened to channels.

use crate::clock::Moment;
use crate::record::cause::Named;
use crate::record::finding::{Code, Finding, Verdict};
use crate::record::id::TaskId;
use crate::record::resource::ResourceId;
use crate::record::resource::event::{Happening, ResourceEvent};
use crate::record::scope::Scope;
use crate::record::story::{ChannelStory, Story};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One finding for each channel and code; `name` knows the tasks that live.
pub(crate) fn findings(
    events: Vec<ResourceEvent>,
    name: impl Fn(TaskId) -> Option<Named>,
    now: Moment,
) -> Vec<Finding> {
    let mut stories: BTreeMap<(ResourceId, Code), ChannelStory> = BTreeMap::new();
    for event in events {
        let key = (event.channel.id, event.what.code());
        let story = story(event, &name);
        match stories.entry(key) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(story);
            }
            std::collections::btree_map::Entry::Occupied(mut first) => {
                first.get_mut().absorb(&story);
                first.get_mut().channels = 1;
            }
        }
    }
    stories.into_values().map(|s| finding(s, now)).collect()
}

/// The finding as it is at `now`.
pub(crate) fn told(mut finding: Finding, now: Moment) -> Finding {
    if let Some(story) = finding.channel() {
        finding.verdict = Verdict::Happened(now.since(story.event.when));
        finding.now = now;
    }
    finding
}

fn story(event: ResourceEvent, name: impl Fn(TaskId) -> Option<Named>) -> ChannelStory {
    let (messages, sent_at) = match &event.what {
        Happening::SendFailed { count } => (*count, Vec::new()),
        Happening::DiedInside { count, sent_at } => (*count as u64, sent_at.clone()),
        Happening::OverBound { depth, sent_at, .. } => (*depth as u64, sent_at.clone()),
        Happening::BrokenPromise { .. } => (0, Vec::new()),
    };
    let failed = matches!(event.what, Happening::SendFailed { .. });
    let failed_at = event.at.filter(|_| failed);
    let mut story = ChannelStory {
        other: event.other.and_then(|o| name(o.last_task?)),
        event,
        channels: 1,
        messages,
        lines: Vec::new(),
    };
    failed_at.into_iter().for_each(|at| story.add(at, messages));
    sent_at.into_iter().for_each(|at| story.add(at, 1));
    story
}

fn finding(story: ChannelStory, now: Moment) -> Finding {
    Finding {
        code: story.event.what.code(),
        verdict: Verdict::Happened(now.since(story.event.when)),
        tasks: Vec::new(),
        scope: story.event.channel.scope.as_deref().map(Scope::facts),
        now,
        blockage: None,
        story: Some(Story::Channel(Arc::new(story))),
    }
}
