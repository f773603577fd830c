//! A test whose function is over while its thread is not: mostly its runtime waits for a blocking call.

use crate::check::inquiry::facts_of;
use crate::check::native;
use crate::fact::finding::Finding;
use crate::fact::id::TaskKind;
use crate::fact::task::{ProbeOutcome, TaskFacts, TaskState};
use crate::judge::leak;
use crate::record::live::Live;
use crate::record::scope::ScopeRecord;
use crate::{clock, context, registry};

/// The finding on such a test. `None` while its function runs.
pub(crate) fn look(scope: &ScopeRecord) -> Option<Finding> {
    let own = scope.facts();
    let (since, _) = own.returned?;
    let thread = scope.call.thread();
    let call = TaskFacts {
        // No executor polls what the thread does now.
        kind: TaskKind::SyncCall,
        state: TaskState::Polling { since },
        answer: ProbeOutcome::NotProbed,
        thread: context::thread(thread),
        native: native::stack_of(thread),
        ..TaskFacts::of_call(&own)
    };
    Some(leak::unended(own, call, beside(scope), clock::now()))
}

/// What is alive in the scope.
fn beside(scope: &ScopeRecord) -> Vec<TaskFacts> {
    let is_inside = |task: &Live| task.scope().is_some_and(|s| s.is_inside(scope.id()));
    let mut tasks = registry::global().tasks();
    tasks.retain(|task| is_inside(task) && !task.kind().is_call());
    let mut all = facts_of(&tasks);
    native::add_stacks(&mut all, &tasks);
    all
}
