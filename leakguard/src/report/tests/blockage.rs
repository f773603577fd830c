//! The reports on the channel or lock that a task waits on, and on the tasks that could end the wait.

use super::*;
use crate::fact::cause::{
    Blockage, Edge, Identity, Party, PossibleWaker, Prospect, TaskLabel, Trace, WaitTarget,
};
use crate::fact::id::{TaskId, WakerMark};
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::WaitFacts;
use crate::fact::subject::DeadlockSubject;
use crate::record::resource::{Creation, Resource};
use crate::site::CallSite;
use crate::vocabulary::Cause;
use std::panic::Location;
use std::sync::Arc;

fn here() -> CallSite {
    SPAWN.location()
}

pub(super) fn blockage(kind: ResourceKind, operation: Operation, cause: Cause) -> Blockage {
    let resource = Resource::new(kind, Some(5), Creation::unknown(here()), at(NOW - 1_250));
    Blockage {
        cause: Some(cause),
        wait: WaitFacts {
            number: 1,
            task: TaskId::new(2),
            thread: None,
            thread_number: None,
            operation,
            at: here(),
            permits: 1,
            seen: 0,
            since: at(NOW - 1_000),
            polls: 3,
            polled: at(NOW - 1_000),
            waker: WakerMark::UNKNOWN,
        },
        resource: resource.facts().into(),
        parties: Arc::new([Party {
            who: Identity::Returned,
            at: Some(here()),
            since: None,
            trace: Trace::Used,
        }]),
        cycle: Default::default(),
        prospect: Prospect::NoKnownWaker,
        wakers: Vec::new(),
        own: false,
        lost_at: None,
        inside: Vec::new(),
        lagged: None,
    }
}

pub(super) fn with(problem: TaskProblem, leaf: &str, blockage: Blockage) -> Finding {
    let mut finding = one(problem, Condition::Blocked(SECOND), task(2, waits_on(leaf)));
    if let Subject::Task(subject) = &mut finding.subject {
        subject.blockage = Some(Arc::new(blockage));
    }
    finding
}

fn deadlock(waiter: u64, blockage: Blockage) -> Finding {
    let waiter = task(waiter, waits_on(MUTEX));
    let subject = DeadlockSubject::new(waiter, Arc::new(blockage), SECOND);
    Finding {
        subject: Subject::Deadlock(Box::new(subject)),
        ..with(ALIVE, MUTEX, blockage_of_mutex())
    }
}

fn blockage_of_mutex() -> Blockage {
    blockage(ResourceKind::Mutex, Operation::Lock, Cause::Cycle)
}

#[test]
fn abandoned_receiver_shows_its_channel() {
    says(
        with(
            TaskProblem::Receives,
            RECV,
            blockage(ResourceKind::Mpsc, Operation::Receive, Cause::LeftBehind),
        ),
        r#"
leak[LG003]: task `worker`, spawned by `process_records`, waits to receive, but nothing is sent
  --> src/pool.rs:41:49
   |
   = now:      mpsc receive, for 1.0 s
   = spawned:  S, by `process_records` (F-line), 1.2 s ago
   = stack:    pool::worker at src/pool.rs:41:49
   = channel:  mpsc, capacity 5, created at S; 0 queued, 0 sent, 0
                 received
   = sender:   alive, last used by `process_records`, which has returned, at
                 S
   = returned: `process_records`, 1.1 s ago; its tasks were allowed another 100 ms
   = verdict:  blocked for 1.0 s after 3 polls; nothing that leakguard knows of will wake it
   = help: drop the sender once everything is sent: the one last used at S-line is
           alive
"#,
    );
}

#[test]
fn verdict_names_what_may_wake_the_task() {
    let label =
        |id| TaskLabel { id: TaskId::new(id).unwrap(), kind: TaskKind::Async, site: &SPAWN };
    let holder = |who, kind, operation, trace| PossibleWaker::Holder {
        who,
        kind,
        operation,
        at: Some(here()),
        trace,
    };
    let says = |wakers: Vec<PossibleWaker>, expected: &str| {
        let mut blockage = blockage(ResourceKind::Mpsc, Operation::Receive, Cause::HeldByAnother);
        blockage.wakers = vec![wakers.into()];
        let text = plain(&with(ALIVE, RECV, blockage).to_string());
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(expected), "no `{expected}` in {text}");
    };
    let (mpsc, receive) = (ResourceKind::Mpsc, Operation::Receive);
    let (three, used) = (Identity::Task(label(3)), Trace::Used);
    let sender = |trace| holder(three, mpsc, receive, trace);
    let woken = "it may yet be woken by";
    says(vec![], "; nothing that leakguard knows of will wake it");
    says(vec![sender(used)], &format!("{woken} task 3 of S-line, which last used the sender at S"));
    says(vec![sender(Trace::Moved)], "which was given the sender at S");
    says(
        vec![sender(Trace::Created)],
        &format!("{woken} a task that has the sender created at S and"),
    );
    let queued = Trace::Queued(here());
    says(vec![sender(queued)], "task 3 of S-line, which could receive the sender, sent at S");
    let own = |trace| holder(Identity::Itself, mpsc, receive, trace);
    says(vec![own(Trace::Moved)], "by a task that got the sender from it");
    says(vec![own(queued)], "by a task that could receive the sender, sent at S");
    let permits = holder(three, ResourceKind::Semaphore, Operation::Acquire, used);
    says(vec![sender(used), permits], ", or by task 3 of S-line, which acquired permits at S");
    let outside = holder(Identity::Unwatched, ResourceKind::Mutex, Operation::Lock, used);
    says(vec![outside], "by code outside every watched task, which acquired the mutex at S");
    says(
        vec![PossibleWaker::Unseen(mpsc)],
        "by code that has the other half of the mpsc out of sight",
    );
    says(vec![sender(used); 4], "or by 2 more");
}

fn edge(waiter: u64, wait_at: CallSite, held_at: CallSite) -> Edge {
    Edge {
        waiter: TaskLabel { id: TaskId::new(waiter).unwrap(), kind: TaskKind::Async, site: &SPAWN },
        wait_at: Some(wait_at),
        wants: WaitTarget::Thing(ResourceKind::Mutex),
        operation: Some(Operation::Lock),
        created: Some(here()),
        held_at: Some(held_at),
        trace: Trace::Used,
    }
}

fn cycle_of(finding: &Finding) -> Vec<Edge> {
    match &finding.subject {
        Subject::Deadlock(deadlock) => deadlock.blockage.cycle.to_vec(),
        _ => Vec::new(),
    }
}

#[track_caller]
fn lock() -> CallSite {
    Location::caller()
}

/// The report on a cycle of two tasks, one of which holds what the other waits for.
fn two_philosophers(first: u64, second: u64) -> Finding {
    let left = lock();
    let right = lock();
    let mut blockage = blockage_of_mutex();
    blockage.cycle = Arc::new([edge(first, right, SPAWN.location()), edge(second, left, lock())]);
    blockage.prospect = Prospect::Stuck;
    deadlock(first, blockage)
}

/// Two tasks that wait for each other's channels: the first one sends, the second one does `second`.
pub(super) fn cycle_of_sends(second: Operation) -> Finding {
    let mut blockage = blockage(ResourceKind::Mpsc, Operation::Send, Cause::Cycle);
    let step = |waiter, operation| Edge {
        wants: WaitTarget::Thing(ResourceKind::Mpsc),
        operation: Some(operation),
        ..edge(waiter, lock(), lock())
    };
    blockage.cycle = Arc::new([step(2, Operation::Send), step(3, second)]);
    deadlock(2, blockage)
}

#[test]
fn a_deadlock_shows_each_edge() {
    let text = plain(&two_philosophers(2, 3).to_string());
    let text = text.replace("\n            ", " ");
    for part in [
        "deadlock[LG009]: 2 tasks are in a deadlock\n   --> leakguard/src/report/tests/blockage.rs:",
        "|     let left = lock();\n",
        "---- task 3 waits for the mutex that task 2 holds\n",
        "|     let right = lock();\n",
        "^^^^ task 2 waits for the mutex that task 3 holds\n",
        "::: S\n",
        "S-line: task 3 acquired the mutex of S-line here",
        "= spawned:  task 2 `worker` at S, by `process_records`, 1.2 s ago\n",
        "= verdict:  stuck for 1.0 s: each task waits for a lock that the next one holds\n",
        "= help: acquire the locks in the same order everywhere, or release the one acquired at",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn one_deadlock_is_one_finding() {
    let mut turned = two_philosophers(3, 2);
    if let Subject::Deadlock(deadlock) = &mut turned.subject {
        let mut blockage = Blockage::clone(&deadlock.blockage);
        let mut cycle = cycle_of(&two_philosophers(2, 3));
        cycle.rotate_left(1);
        blockage.cycle = cycle.into();
        deadlock.blockage = Arc::new(blockage);
    }
    let report = Report::new(vec![turned.clone(), two_philosophers(2, 3)], 0);
    let [finding] = report.findings() else {
        panic!("{report}");
    };
    assert_eq!(finding.count(), 2);
    assert_eq!(finding.task().map(|task| task.id), TaskId::new(2));
    // Another one at the same lines.
    let report = Report::new(vec![turned, two_philosophers(4, 5)], 0);
    assert_eq!(report.findings().len(), 1);
    let title = "deadlock[LG009]: 4 tasks are in 2 deadlocks\n";
    assert!(report.to_string().starts_with(title), "{report}");
}

#[test]
fn a_long_cycle_is_cut_with_a_count() {
    let mut blockage = blockage_of_mutex();
    blockage.cycle = (2..10).map(|id| edge(id, lock(), lock())).collect();
    let text = deadlock(2, blockage).to_string();
    assert!(text.contains("8 tasks are in a deadlock"), "{text}");
    assert!(text.contains("= cycle:    8 steps, the first 6 of which are shown"), "{text}");
}
