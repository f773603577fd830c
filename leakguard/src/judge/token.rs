//! Which cancelled token a task should have checked.

use crate::fact::id::TaskId;
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::{Detail, EndpointFacts, ResourceFacts};
use crate::fact::story::TokenStory;
use crate::fact::task::TaskFacts;
use crate::fact::task_map::{TaskMap, TaskSet};
use crate::judge::waiters::Waiters;

/// The handles of cancelled tokens that have not reported the cancellation, by task. Collected once for all tasks.
#[derive(Default)]
pub(super) struct UnheardTokens {
    /// Tasks that wait for a token.
    waiting: TaskSet,
    /// The first such handle that a task has used.
    own: TaskMap<TokenStory>,
    /// By the task that created them: the first of those that were not used since, and their number.
    unused: TaskMap<(TokenStory, usize)>,
    /// By their parent: the number of tasks that could have an unused one.
    could: TaskMap<usize>,
}

impl UnheardTokens {
    pub(super) fn new(waiters: &Waiters<'_>) -> Self {
        let mut all = UnheardTokens::default();
        let resources = waiters.observed.resources.iter();
        let tokens = resources.filter(|r| r.kind == ResourceKind::Token);
        tokens.for_each(|token| all.add(token, waiters));
        if !all.unused.is_empty() {
            all.count(waiters);
        }
        all
    }

    fn add(&mut self, resource: &ResourceFacts, waiters: &Waiters<'_>) {
        let waits = resource.waits.iter();
        let waits = waits.filter(|wait| wait.operation == Operation::Cancelled);
        self.waiting.extend(waits.filter_map(|wait| Some(waiters.actor(wait.task?))));
        for story in stories(resource) {
            let task = match story.is_sure {
                true => story.handle.last_task,
                false => story.handle.created_by,
            };
            let Some(task) = task.map(|task| waiters.actor(task)) else {
                continue;
            };
            match story.is_sure {
                true => _ = self.own.entry(task).or_insert(story),
                false => self.unused.entry(task).or_insert((story, 0)).1 += 1,
            }
        }
    }

    fn count(&mut self, waiters: &Waiters<'_>) {
        let spawned = waiters.observed.alive.iter().filter(|task| !task.kind.is_call());
        for task in spawned.filter(|task| !self.own.contains_key(&waiters.actor(task.id))) {
            if let Some(parent) = task.parent {
                *self.could.entry(waiters.actor(parent)).or_default() += 1;
            }
        }
    }

    /// The token of `task`, if that was cancelled and the task has not seen it. A task that waits for another token is
    /// governed by that one.
    pub(super) fn ignored(&self, task: &TaskFacts, waiters: &Waiters<'_>) -> Option<TokenStory> {
        let actor = waiters.actor(task.id);
        if self.waiting.contains(&actor) {
            return None;
        }
        let own = self.own.get(&actor).copied();
        own.or_else(|| self.given(waiters.actor(task.parent?)))
    }

    /// A token that was created by `parent` and not used since. Where fewer of them exist than tasks that could have one,
    /// this would be a guess.
    fn given(&self, parent: TaskId) -> Option<TokenStory> {
        let (story, count) = self.unused.get(&parent)?;
        let could = self.could.get(&parent).copied().unwrap_or_default();
        (could <= *count).then_some(*story)
    }
}

/// The handles that have not reported the cancellation, each as a report tells it.
fn stories(resource: &ResourceFacts) -> impl Iterator<Item = TokenStory> {
    let token = match &resource.detail {
        Detail::Token(token) => Some(token),
        _ => None,
    };
    let handles = token.into_iter().flat_map(|token| token.handles.iter().map(move |h| (token, h)));
    handles.filter(|(_, handle)| !handle.heard).filter_map(
        |(token, handle): (_, &EndpointFacts)| {
            Some(TokenStory {
                created: token.above.unwrap_or(resource.created),
                cancelled: token.cancelled?,
                handle: *handle,
                is_sure: handle.last_at != Some(handle.created),
            })
        },
    )
}
