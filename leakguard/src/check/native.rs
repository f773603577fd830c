//! Asking the threads that are inside tasks for their stacks, and the tasks whether those are still theirs.

use crate::clock::{self, Instant};
use crate::config;
use crate::context;
use crate::fact::id::TaskId;
use crate::fact::task::{NativeStack, ProbeOutcome, TaskFacts, TaskState};
use crate::judge::verdict::BUSY_POLL;
use crate::record::live::Live;
use crate::record::task::Task;
use crate::stack::Resolver;
use crate::stack::thread::{Missing, RawStack, Sampler};
use std::collections::HashMap;

/// Adds the stack of the thread to each of `all` that a thread is inside of and that did not say where it waits.
pub(super) fn add_stacks(all: &mut [TaskFacts], tasks: &[Live]) {
    let now = clock::now();
    if !all.iter().any(|facts| is_wanted(facts, now)) {
        return;
    }
    let by_id: HashMap<TaskId, &Live> = tasks.iter().map(|task| (task.id, task)).collect();
    let wanted = all.iter_mut().filter(|facts| is_wanted(facts, now));
    let found = wanted.filter_map(|facts| Some((by_id.get(&facts.id).copied()?, facts)));
    // All are asked before the first is named, which takes long; meanwhile somebody else may want to ask.
    let captured: Vec<_> = {
        let mut sampler = Sampler::new(config::preferred_signal());
        found
            .map(|(task, facts)| (facts, capture(&mut sampler, task)))
            .collect()
    };
    for (facts, captured) in captured {
        facts.native = match captured {
            Ok(raw) => {
                NativeStack::Captured(Resolver::resolve_thread(&raw, facts.kind.is_polled()))
            }
            Err(why) => NativeStack::Missing(why),
        };
    }
}

/// A thread that has just begun with a task is where it should be.
fn is_wanted(facts: &TaskFacts, now: Instant) -> bool {
    let TaskState::Polling { since } = facts.state else {
        return false;
    };
    let answers = matches!(facts.answer, ProbeOutcome::Pending(_) | ProbeOutcome::Ended);
    !answers && (!facts.kind.is_polled() || now.since(since) >= BUSY_POLL)
}

/// The stack of the thread that is inside `task` from before the signal until after the answer.
fn capture(sampler: &mut Sampler, task: &Task) -> Result<RawStack, Missing> {
    let visit = task.visit().ok_or(Missing::OutOfReach)?;
    let request = context::reach(visit.2, |thread| sampler.request(thread));
    let stack = sampler.wait(request.unwrap_or(Err(Missing::OutOfReach))?)?;
    match task.visit() == Some(visit) {
        true => Ok(stack),
        false => Err(Missing::OutOfReach),
    }
}
