//! The findings on what happened to channels.

use crate::clock::Moment;
use crate::fact::cause::Named;
use crate::fact::finding::{Code, Finding, Verdict};
use crate::fact::id::{ResourceId, TaskId};
use crate::fact::story::{ChannelStory, Happening, Story};
use crate::record::resource::charge::Charge;
use crate::record::resource::event::ResourceEvent;
use crate::record::scope::Scope;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// One finding for each channel and code, beside the channel it is about; `name` knows the tasks that live.
pub(crate) fn findings(
    events: Vec<ResourceEvent>,
    name: impl Fn(TaskId) -> Option<Named>,
    now: Moment,
) -> Vec<(Arc<Charge>, Finding)> {
    let mut stories: BTreeMap<(ResourceId, Code), (Arc<Charge>, ChannelStory)> = BTreeMap::new();
    for event in events {
        let key = (event.channel.id, event.what.code());
        let (channel, story) = (event.channel.clone(), story(event, &name));
        match stories.entry(key) {
            Entry::Vacant(place) => {
                place.insert((channel, story));
            }
            Entry::Occupied(mut first) => {
                let (_, first) = first.get_mut();
                first.absorb(&story);
                first.channels = 1;
            }
        }
    }
    let stories = stories.into_values();
    stories
        .map(|(channel, story)| (channel.clone(), finding(&channel, story, now)))
        .collect()
}

/// The finding as it is at `now`.
pub(crate) fn at(mut finding: Finding, now: Moment) -> Finding {
    if let Some(story) = finding.channel() {
        finding.verdict = Verdict::Happened(now.since(story.when));
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
        channel: event.channel.label(),
        by: event.by,
        at: event.at,
        when: event.when,
        other_user: event.other.and_then(|o| name(o.last_task?)),
        other: event.other,
        what: event.what,
        channels: 1,
        messages,
        lines: Vec::new(),
    };
    failed_at.into_iter().for_each(|at| story.add(at, messages));
    sent_at.into_iter().for_each(|at| story.add(at, 1));
    story
}

fn finding(channel: &Charge, story: ChannelStory, now: Moment) -> Finding {
    Finding {
        code: story.what.code(),
        verdict: Verdict::Happened(now.since(story.when)),
        tasks: Vec::new(),
        scope: channel.scope.as_deref().map(Scope::facts),
        now,
        blockage: None,
        story: Some(Story::Channel(Arc::new(story))),
    }
}
