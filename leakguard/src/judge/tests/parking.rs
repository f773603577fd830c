//! Waits for parking_lot's `RwLock`: their order, and where that order is uncertain.

use super::fixture::*;
use crate::fact::id::TaskId;
use crate::fact::kind::{MANY_READERS, Operation, ResourceKind, UPGRADABLE};
use crate::fact::resource::{Detail, HoldFacts, ResourceFacts, WaitFacts};

/// A lock of parking_lot that task 2 reads, with the given waits in this order.
fn parking(mut holds: Vec<HoldFacts>, waits: &[(u64, Operation, usize)]) -> ResourceFacts {
    holds.push(hold(2, 1));
    let waits = waits.iter().map(|&(task, operation, permits)| WaitFacts {
        permits,
        task: TaskId::new(task),
        ..wait(task, operation)
    });
    lock(ResourceKind::ParkingRwLock, MANY_READERS, holds, waits.collect())
}

/// Whether it is proven that task 2 waits for ever.
fn is_stuck(lock: ResourceFacts) -> bool {
    let tasks = (2..=4).map(|id| task(id, 1)).collect();
    let world = World::new(tasks, vec![lock]);
    world.judge(|graph| graph.cycle(TaskId::new(2).unwrap()).is_some())
}

#[test]
fn waiting_writer_blocks_later_readers() {
    let write = (3, Operation::Write, MANY_READERS);
    let read = (2, Operation::Read, 1);
    assert!(is_stuck(parking(vec![], &[write, read])));
    let upgradable = (2, Operation::Upgradable, UPGRADABLE);
    assert!(is_stuck(parking(vec![], &[write, upgradable])));
    // Recursive reads overtake writers. All reads do if the writer waits for an upgradable reader.
    let again = (2, Operation::ReadRecursive, 1);
    assert!(!is_stuck(parking(vec![], &[write, again])));
    assert!(!is_stuck(parking(vec![hold(4, UPGRADABLE)], &[write, read])));
    // The writer in front may give up.
    let timed = (0, Operation::Write, MANY_READERS);
    assert!(!is_stuck(parking(vec![], &[timed, write, read])));
    assert!(!is_stuck(parking(vec![], &[read, write])));
}

#[test]
fn upgrade_waits_for_readers_and_blocks_others() {
    let upgrade = (3, Operation::Upgrade, MANY_READERS);
    let raised = || vec![hold(3, MANY_READERS)];
    let upgradable = (2, Operation::Upgradable, UPGRADABLE);
    assert!(is_stuck(parking(raised(), &[upgradable, upgrade])));
    assert!(is_stuck(parking(raised(), &[(2, Operation::ReadRecursive, 1), upgrade])));
    // Its own upgradable hold does not block it, but its own read does.
    let own = (2, Operation::Upgrade, MANY_READERS);
    assert!(is_stuck(parking(vec![hold(2, MANY_READERS)], &[own])));
    let mut other = parking(vec![hold(2, MANY_READERS)], &[own]);
    if let Detail::Lock(lock) = &mut other.detail {
        lock.holds[1].task = TaskId::new(4);
    }
    assert!(!is_stuck(other));
    // An upgradable reader waits only for the other one, which is awake.
    assert!(!is_stuck(parking(vec![hold(4, UPGRADABLE)], &[upgradable])));
}
