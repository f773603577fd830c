//! Which cancelled token a task should have checked.

use crate::fact::id::TaskId;
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::{Detail, EndpointFacts, ResourceFacts};
use crate::fact::story::TokenStory;
use crate::fact::task::TaskFacts;
use crate::judge::waiters::Observation;

/// All tokens, and how to find the task around a call.
struct Tokens<'a, F> {
    observed: &'a Observation<'a>,
    actor: F,
}

/// The token of `task`, if that was cancelled and the task has not seen it. A task that waits for another token is
/// governed by that one.
pub(crate) fn ignored(
    task: &TaskFacts,
    seen: &Observation<'_>,
    actor: impl Fn(TaskId) -> TaskId,
) -> Option<TokenStory> {
    let tokens = Tokens { observed: seen, actor };
    if tokens.waits_for_another(task) {
        return None;
    }
    tokens.own(task).or_else(|| tokens.given(task))
}

impl<F: Fn(TaskId) -> TaskId> Tokens<'_, F> {
    fn is_same(&self, one: Option<TaskId>, other: Option<TaskId>) -> bool {
        one.zip(other).is_some_and(|(a, b)| (self.actor)(a) == (self.actor)(b))
    }

    fn all(&self) -> impl Iterator<Item = &ResourceFacts> {
        let is_token = |r: &&ResourceFacts| r.kind == ResourceKind::Token;
        self.observed.resources.iter().filter(is_token)
    }

    fn waits_for_another(&self, task: &TaskFacts) -> bool {
        self.all().flat_map(|r| &r.waits).any(|wait| {
            wait.operation == Operation::Cancelled && self.is_same(wait.task, Some(task.id))
        })
    }

    /// The handles of cancelled tokens that have not reported the cancellation, each as a report tells it.
    fn unheard(&self) -> impl Iterator<Item = TokenStory> {
        self.all().flat_map(|resource| {
            let Detail::Token(token) = &resource.detail else {
                return Vec::new();
            };
            let story = |handle: &EndpointFacts| {
                Some(TokenStory {
                    created: token.above.unwrap_or(resource.created),
                    cancelled: token.cancelled?,
                    handle: *handle,
                    is_sure: handle.last_at != Some(handle.created),
                })
            };
            let unheard = token.handles.iter().filter(|h| !h.heard);
            unheard.filter_map(story).collect()
        })
    }

    /// A token that the task has used.
    fn own(&self, task: &TaskFacts) -> Option<TokenStory> {
        self.unheard()
            .filter(|s| s.is_sure)
            .find(|s| self.is_same(s.handle.last_task, Some(task.id)))
    }

    /// A token that was created by the task's parent and not used since. Where fewer of them exist than tasks that
    /// could have one, this would be a guess.
    fn given(&self, task: &TaskFacts) -> Option<TokenStory> {
        let from = |s: &TokenStory| self.is_same(s.handle.created_by, task.parent);
        let given: Vec<_> = self.unheard().filter(|s| !s.is_sure && from(s)).collect();
        let could = |t: &&TaskFacts| {
            !t.kind.is_call() && self.is_same(t.parent, task.parent) && self.own(t).is_none()
        };
        let could = self.observed.alive.iter().filter(could).count();
        (could <= given.len()).then_some(*given.first()?)
    }
}
