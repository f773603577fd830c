//! The channel into which a task would send though it has no receiver left.

use crate::fact::resource::{EndpointFacts, ResourceFacts};
use crate::fact::story::UnheardStory;
use crate::fact::task::TaskFacts;
use crate::judge::waiters::Waiters;

/// The channel of `task`: one that it has used, else an unused one if no other task of the scope lives.
pub(super) fn unheard(task: &TaskFacts, waiters: &Waiters<'_>) -> Option<UnheardStory> {
    let actor = waiters.actor(task.id);
    let alone = waiters.actors().all(|other| other == actor);
    let story = |resource: &ResourceFacts, sender: &EndpointFacts| {
        let is_sure = waiters.living(sender.last_task) == Some(actor) && !sender.is_unused();
        // The task that created it has returned and left it to another.
        let left = sender.is_unused() && waiters.living(sender.created_by) != Some(actor);
        (is_sure || alone && left).then_some(UnheardStory {
            kind: resource.kind,
            created: resource.created,
            is_sure,
        })
    };
    let own = waiters.observed.resources.iter();
    let own = own.filter(|r| r.scope.is_some() && r.scope == task.scope && !r.outside);
    let mut unheard: Vec<_> = own
        .filter_map(|r| Some((r, r.channel()?)))
        .filter(|(_, channel)| channel.receivers.is_empty())
        .flat_map(|(r, channel)| channel.senders.iter().filter_map(move |s| story(r, s)))
        .collect();
    unheard.sort_by_key(|story| !story.is_sure);
    unheard.into_iter().next()
}
