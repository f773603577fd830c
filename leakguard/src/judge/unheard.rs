//! The channel into which a task would send though it has no receiver left.

use crate::fact::id::{ScopeId, TaskId};
use crate::fact::resource::{EndpointFacts, ResourceFacts};
use crate::fact::story::UnheardStory;
use crate::fact::task::TaskFacts;
use crate::judge::waiters::Waiters;
use std::collections::HashMap;

/// The channels that have senders and no receiver.
pub(super) struct UnheardChannels<'a> {
    all: Vec<(ScopeId, &'a ResourceFacts, &'a EndpointFacts)>,
    /// The first one that a task has used, by scope and task.
    used: HashMap<(ScopeId, TaskId), UnheardStory>,
}

impl<'a> UnheardChannels<'a> {
    pub(super) fn new(waiters: &Waiters<'a>) -> Self {
        let seen = waiters.observed.resources.iter().filter(|r| !r.outside);
        let seen = seen.filter_map(|r| Some((r.scope?, r, r.channel()?)));
        let unheard = seen.filter(|(_, _, channel)| channel.receivers.is_empty());
        let all: Vec<_> = unheard
            .flat_map(|(scope, r, channel)| channel.senders.iter().map(move |s| (scope, r, s)))
            .collect();
        let mut used = HashMap::new();
        for (scope, channel, sender) in all.iter().filter(|(_, _, sender)| !sender.is_unused()) {
            if let Some(user) = waiters.living(sender.last_task) {
                used.entry((*scope, user)).or_insert_with(|| story(channel, true));
            }
        }
        UnheardChannels { all, used }
    }

    /// The channel of `task`: one that it has used, else an unused one if no other task of the scope lives.
    pub(super) fn of(&self, task: &TaskFacts, waiters: &Waiters<'_>) -> Option<UnheardStory> {
        let (scope, actor) = (task.scope?, waiters.actor(task.id));
        if let Some(story) = self.used.get(&(scope, actor)) {
            return Some(*story);
        }
        let is_alone = waiters.sole() == Some(actor);
        // The task that created it has returned and left it to another.
        let is_left = |sender: &EndpointFacts| {
            sender.is_unused() && waiters.living(sender.created_by) != Some(actor)
        };
        let mut all = self.all.iter().filter(|_| is_alone);
        let left = all.find(|(place, _, sender)| *place == scope && is_left(sender));
        left.map(|(_, channel, _)| story(channel, false))
    }
}

fn story(channel: &ResourceFacts, is_sure: bool) -> UnheardStory {
    UnheardStory { kind: channel.kind, created: channel.created, is_sure }
}
