//! The findings on what happened to channels.

use crate::clock::Instant;
use crate::fact::cause::TaskLabel;
use crate::fact::finding::Finding;
use crate::fact::id::{ResourceId, TaskId};
use crate::fact::story::{ChannelEventKind, ChannelStory};
use crate::fact::subject::Subject;
use crate::record::resource::channel::ChannelContext;
use crate::record::resource::event::ChannelEvent;
use crate::record::scope::ScopeRecord;
use crate::vocabulary::Code;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// One finding for each channel and code, with the channel it is about. `name` knows the live tasks.
pub(crate) fn findings(
    events: Vec<ChannelEvent>,
    name: impl Fn(TaskId) -> Option<TaskLabel>,
    now: Instant,
) -> Vec<(Arc<ChannelContext>, Finding)> {
    let mut stories: BTreeMap<(ResourceId, Code), (Arc<ChannelContext>, ChannelStory)> =
        BTreeMap::new();
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
    stories.map(|(channel, story)| (channel.clone(), finding(&channel, story, now))).collect()
}

/// The finding as it is at `now`.
pub(crate) fn at(finding: Finding, now: Instant) -> Finding {
    Finding { now, ..finding }
}

fn story(event: ChannelEvent, name: impl Fn(TaskId) -> Option<TaskLabel>) -> ChannelStory {
    let (messages, sent_at) = match &event.what {
        ChannelEventKind::SendFailed { count } => (*count, Vec::new()),
        ChannelEventKind::DiedInside { count, sent_at } => (*count as u64, sent_at.clone()),
        ChannelEventKind::OverBound { depth, sent_at, .. } => (*depth as u64, sent_at.clone()),
        ChannelEventKind::BrokenPromise => (0, Vec::new()),
    };
    let failed = matches!(event.what, ChannelEventKind::SendFailed { .. });
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

fn finding(channel: &ChannelContext, story: ChannelStory, now: Instant) -> Finding {
    Finding {
        subject: Subject::Channel(Arc::new(story)),
        scope: channel.scope.as_deref().map(ScopeRecord::facts),
        now,
    }
}
