//! What is said of the channel or lock that a task waits on, and who could end that.

use super::*;
use crate::fact::cause::{Blockage, Edge, Identity, Party, Prospect, TaskLabel, WaitTarget};
use crate::fact::id::TaskId;
use crate::fact::kind::Operation;
use crate::fact::kind::ResourceKind;
use crate::fact::resource::WaitFacts;
use crate::record::resource::{Creation, Resource};
use crate::site::CallSite;
use crate::vocabulary::Cause;
use std::sync::Arc;

fn here() -> CallSite {
    SPAWN.location()
}

fn blockage(kind: ResourceKind, operation: Operation, cause: Cause) -> Blockage {
    let resource = Resource::new(kind, Some(5), Creation::unknown(here()), at(NOW - 1_250));
    Blockage {
        cause: Some(cause),
        wait: WaitFacts {
            number: 1,
            task: TaskId::new(2),
            thread: None,
            operation,
            at: here(),
            permits: 1,
            seen: 0,
            since: at(NOW - 1_000),
            polls: 3,
            polled: at(NOW - 1_000),
        },
        resource: resource.facts(),
        parties: vec![Party {
            who: Identity::Returned,
            at: Some(here()),
            since: None,
            ahead: false,
        }],
        cycle: Vec::new(),
        prospect: Prospect::NoKnownWaker,
        own: false,
        lost_at: None,
    }
}

fn with(code: Code, leaf: &str, blockage: Blockage) -> Finding {
    let mut finding = one(code, Verdict::Blocked(SECOND), task(2, waits_on(leaf)));
    finding.blockage = Some(Arc::new(blockage));
    finding
}

#[test]
fn an_abandoned_receiver() {
    says(
        with(
            Code::AbandonedReceiver,
            RECV,
            blockage(ResourceKind::Mpsc, Operation::Receive, Cause::LeftBehind),
        ),
        r#"
leak[LG003]: task `worker`, started by `process_records`, waits to receive, and nobody sends
  --> src/pool.rs:41:49
   |
   = now:      mpsc receive, for 1.0 s
   = started:  S, by `process_records` (F-line), 1.2 s ago
   = stack:    pool::worker at src/pool.rs:41:49
   = channel:  mpsc, capacity 5, created at S; 0 queued, 0 sent, 0 received
   = sender:   alive, last used by `process_records`, which has returned, at S
   = returned: `process_records`, 1.1 s ago; its tasks had 100 ms
   = verdict:  blocked for 1.0 s after 3 polls; nobody is known who could end that
   = help: drop the sender when all is sent: the one last used at S-line lives
"#,
    );
}

#[test]
fn a_deadlock_with_each_edge() {
    let edge = |id| Edge {
        waiter: TaskLabel {
            id: TaskId::new(id).unwrap(),
            kind: TaskKind::Async,
            site: &SPAWN,
        },
        wait_at: Some(here()),
        wants: WaitTarget::Thing(ResourceKind::Mutex),
        held_at: Some(here()),
        ahead: false,
    };
    let mut blockage = blockage(ResourceKind::Mutex, Operation::Lock, Cause::Cycle);
    blockage.cycle = vec![edge(2), edge(3)];
    blockage.prospect = Prospect::Stuck;
    says(
        with(Code::Deadlock, MUTEX, blockage),
        r#"
deadlock[LG009]: task `worker`, started by `process_records`, is in a deadlock
  --> src/pool.rs:41:49
   |
   = now:      mutex lock, for 1.0 s
   = started:  S, by `process_records` (F-line), 1.2 s ago
   = stack:    pool::worker at src/pool.rs:41:49
   = lock:     mutex, created at S
   = cycle:    task 2 of S-line waits at S for the mutex, which task 3 of S-line took at S
               task 3 of S-line waits at S for the mutex, which task 2 of S-line took at S
   = returned: `process_records`, 1.1 s ago; its tasks had 100 ms
   = verdict:  stuck for 1.0 s after 3 polls: what each waits for, the next one has
   = help: take the locks in the same order everywhere, or release the one taken at S-line before its holder waits
"#,
    );
}
