//! Threads outside of every task that wait while they hold a lock. A judgement sees each of them as a task.

use crate::fact::id::{OutsideThread, TaskId, TaskKind, WakerMark};
use crate::fact::resource::{Detail, HoldFacts, ResourceFacts, WaitFacts};
use crate::fact::task::{NativeStack, ProbeOutcome, TaskFacts, TaskState};
use crate::site::Site;
use std::collections::{BTreeMap, HashSet};

/// The threads, to which their waits and holds belong from now on.
pub(super) fn threads(resources: &mut [ResourceFacts]) -> Vec<TaskFacts> {
    let holders: HashSet<OutsideThread> = resources
        .iter()
        .flat_map(|resource| holds(&resource.detail))
        .filter_map(|hold| hold.thread_number)
        .collect();
    let mut threads = BTreeMap::new();
    for resource in resources.iter_mut() {
        for wait in &mut resource.waits {
            let Some(number) = wait.thread_number.filter(|n| holders.contains(n)) else { continue };
            wait.task = Some(TaskId::of_thread(number));
            threads.insert(number, thread(number, wait));
        }
    }
    for resource in resources {
        let Detail::Lock(lock) = &mut resource.detail else { continue };
        for hold in &mut lock.holds {
            let number = hold.thread_number.filter(|number| threads.contains_key(number));
            hold.task = number.map(TaskId::of_thread).or(hold.task);
        }
    }
    threads.into_values().collect()
}

fn holds(detail: &Detail) -> &[HoldFacts] {
    match detail {
        Detail::Lock(lock) => &lock.holds,
        _ => &[],
    }
}

/// Its site is the place where it waits, in a function with the name of the thread.
fn thread(number: OutsideThread, wait: &WaitFacts) -> TaskFacts {
    let name = match wait.thread.as_deref() {
        Some("unnamed") | None => format!("unnamed {}", number.0),
        Some(name) => name.to_owned(),
    };
    TaskFacts {
        id: TaskId::of_thread(number),
        kind: TaskKind::Thread,
        name: "",
        future: "",
        site: Site::of_thread(&name, wait.at),
        inner: None,
        through: Vec::new(),
        parent: None,
        scope: None,
        began: wait.since,
        polls: 0,
        state: TaskState::Polling { since: wait.since },
        wait_at: Some(wait.at),
        waker: WakerMark::UNKNOWN,
        background: false,
        detached: false,
        thread: Some(name),
        native: NativeStack::NotProbed,
        answer: ProbeOutcome::NotProbed,
    }
}
