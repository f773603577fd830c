//! What waits for parking_lot's `RwLock`: who goes before whom, and where that is no certainty.

use super::fixture::*;
use crate::fact::id::TaskId;
use crate::fact::kind::Operation;
use crate::fact::kind::{MANY_READERS, ResourceKind, UPGRADABLE};
use crate::fact::resource::{Detail, HoldFacts, ResourceFacts, WaitFacts};

/// Task 2 reads, and others want a lock of parking_lot's, in this order.
fn parking(mut holds: Vec<HoldFacts>, waits: &[(u64, Operation, usize)]) -> ResourceFacts {
    holds.push(hold(2, 1));
    let waits = waits.iter().map(|&(task, operation, permits)| WaitFacts {
        permits,
        task: TaskId::new(task),
        ..wait(task, operation)
    });
    lock(
        ResourceKind::ParkingRwLock,
        MANY_READERS,
        holds,
        waits.collect(),
    )
}

/// Whether it is proven that task 2 waits for ever.
fn is_stuck(lock: ResourceFacts) -> bool {
    let tasks = (2..=4).map(|id| task(id, 1)).collect();
    let world = World::new(tasks, vec![lock]);
    world.judge(|graph| !graph.cycle(TaskId::new(2).unwrap()).is_empty())
}

#[test]
fn a_writer_of_parking_lot_that_waits_goes_before_readers() {
    let write = (3, Operation::Write, MANY_READERS);
    let read = (2, Operation::Read, 1);
    assert!(is_stuck(parking(vec![], &[write, read])));
    let upgradable = (2, Operation::Upgradable, UPGRADABLE);
    assert!(is_stuck(parking(vec![], &[write, upgradable])));
    // That one passes writers, and so do all where the writer waits for an upgradable reader.
    let again = (2, Operation::ReadRecursive, 1);
    assert!(!is_stuck(parking(vec![], &[write, again])));
    assert!(!is_stuck(parking(
        vec![hold(4, UPGRADABLE)],
        &[write, read]
    )));
    // One that ends by itself may be the one in front.
    let timed = (0, Operation::Write, MANY_READERS);
    assert!(!is_stuck(parking(vec![], &[timed, write, read])));
    assert!(!is_stuck(parking(vec![], &[read, write])));
}

#[test]
fn an_upgrade_waits_for_readers_and_all_wait_for_it() {
    let upgrade = (3, Operation::Upgrade, MANY_READERS);
    let raised = || vec![hold(3, MANY_READERS)];
    let upgradable = (2, Operation::Upgradable, UPGRADABLE);
    assert!(is_stuck(parking(raised(), &[upgradable, upgrade])));
    assert!(is_stuck(parking(
        raised(),
        &[(2, Operation::ReadRecursive, 1), upgrade]
    )));
    // Its own hold is no reason to wait, and its own read is one.
    let own = (2, Operation::Upgrade, MANY_READERS);
    assert!(is_stuck(parking(vec![hold(2, MANY_READERS)], &[own])));
    let mut other = parking(vec![hold(2, MANY_READERS)], &[own]);
    if let Detail::Lock(lock) = &mut other.detail {
        lock.holds[1].task = TaskId::new(4);
    }
    assert!(!is_stuck(other));
    // An upgradable reader waits for the other one alone, who is awake.
    assert!(!is_stuck(parking(vec![hold(4, UPGRADABLE)], &[upgradable])));
}
