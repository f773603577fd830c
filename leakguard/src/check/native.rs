//! Captures the stacks of threads that are inside tasks, and checks that they are still inside the same poll afterwards.

use crate::clock::{self, Instant};
use crate::fact::id::TaskId;
use crate::fact::task::{NativeStack, ProbeOutcome, TaskFacts, TaskState};
use crate::judge::verdict::BUSY_POLL;
use crate::record::live::Live;
use crate::record::task::Task;
use crate::stack::Resolver;
use crate::stack::thread::{Missing, RawStack, Sampler};
use crate::{config, context};
use std::collections::HashMap;

/// Adds the stack of its thread to each of `all` that has a thread and did not respond.
pub(super) fn add_stacks(all: &mut [TaskFacts], tasks: &[Live]) {
    let now = clock::now();
    if !all.iter().any(|facts| is_wanted(facts, now)) {
        return;
    }
    let by_id: HashMap<TaskId, &Live> = tasks.iter().map(|task| (task.id, task)).collect();
    let wanted = all.iter_mut().filter(|facts| is_wanted(facts, now));
    let found = wanted.filter_map(|facts| Some((by_id.get(&facts.id).copied()?, facts)));
    // All are captured before the first is resolved, which takes long and does not need the sampler's lock.
    let captured: Vec<_> = {
        let mut sampler = Sampler::new(config::preferred_signal());
        found.map(|(task, facts)| (facts, capture(&mut sampler, task))).collect()
    };
    for (facts, captured) in captured {
        facts.native = match captured {
            Ok(raw) => {
                NativeStack::Captured(Resolver::resolve_thread(&raw, facts.kind.is_polled()))
            }
            Err(reason) => NativeStack::Missing(reason),
        };
    }
}

/// The stack of the thread that is inside `task`, not resolved.
pub(super) fn capture_one(task: &Task) -> Result<RawStack, Missing> {
    capture(&mut Sampler::new(config::preferred_signal()), task)
}

/// The stack of a thread, whatever it does.
pub(super) fn stack_of(thread: u16) -> NativeStack {
    // Without the sampler's lock, because resolving takes long.
    let raw = {
        let mut sampler = Sampler::new(config::preferred_signal());
        let request = context::reach(thread, |thread| sampler.request(thread));
        let request = request.unwrap_or(Err(Missing::OutOfReach));
        request.and_then(|request| sampler.wait(request))
    };
    match raw {
        Ok(raw) => NativeStack::Captured(Resolver::resolve_thread(&raw, false)),
        Err(reason) => NativeStack::Missing(reason),
    }
}

/// Leaves out threads that have just begun a poll.
fn is_wanted(facts: &TaskFacts, now: Instant) -> bool {
    let TaskState::Polling { since } = facts.state else {
        return false;
    };
    let responded = matches!(facts.answer, ProbeOutcome::Pending(_) | ProbeOutcome::Ended);
    !responded && (!facts.kind.is_polled() || now.since(since) >= BUSY_POLL)
}

/// The stack of the thread that is inside `task`, if it stays in the same poll from before the signal until after the
/// response.
fn capture(sampler: &mut Sampler, task: &Task) -> Result<RawStack, Missing> {
    let visit = task.visit().ok_or(Missing::OutOfReach)?;
    let request = context::reach(visit.2, |thread| sampler.request(thread));
    let stack = sampler.wait(request.unwrap_or(Err(Missing::OutOfReach))?)?;
    match task.visit() == Some(visit) {
        true => Ok(stack),
        false => Err(Missing::OutOfReach),
    }
}
