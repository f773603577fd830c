//! Tasks that wait for the end of others.

use super::fixture::*;
use crate::fact::cause::WaitTarget;
use crate::fact::kind::{Operation, ResourceKind};
use crate::fact::resource::{Detail, NotifyFacts};
use crate::fact::task::TaskFacts;
use crate::vocabulary::Cause;

const JOIN: &str = "<tokio::runtime::task::join::JoinHandle as Future>::poll";

/// The call, which waits for one of its tasks.
fn joining() -> TaskFacts {
    with_leaf(call(1), JOIN)
}

#[test]
fn call_joins_a_task_that_wants_its_lock() {
    let world = World::new(vec![joining(), task(2, 1)], vec![mutex(1, &[2])]);
    let cycle = world.blockage(2).cycle;
    let wants: Vec<_> = cycle.iter().map(|edge| edge.wants).collect();
    assert_eq!(wants, [WaitTarget::Thing(ResourceKind::Mutex), WaitTarget::End]);
    assert_eq!(world.blockage(2).cause, Some(Cause::Cycle));
    assert!(world.judge(|graph| graph.is_dead()));
}

#[test]
fn joined_task_is_unknown_while_one_task_is_running() {
    let tasks = || vec![joining(), task(2, 1)];
    let awake = [tasks(), vec![task(3, 2)]].concat();
    let world = World::new(awake, vec![mutex(1, &[2])]);
    assert_eq!(world.cycle(2), []);
    // Or it joins a task that leakguard did not see start.
    let world = World::new(tasks(), vec![mutex(1, &[2])]).with_unseen();
    assert_eq!(world.cycle(2), []);
    assert!(!world.judge(|graph| graph.is_dead()));
}

#[test]
fn deadlock_of_joined_tasks_includes_the_call() {
    let tasks = vec![joining(), task(2, 1), task(3, 1)];
    let world = World::new(tasks, vec![mutex(2, &[3]), mutex(3, &[2])]);
    assert_eq!(world.cycle(2), [2, 3]);
    assert!(world.judge(|graph| graph.is_dead()));
}

#[test]
fn cause_is_that_of_the_joined_tasks() {
    let never = Detail::Notify(NotifyFacts { one: None, last: None, waiters: None });
    let notify = thing(ResourceKind::Notify, vec![wait(2, Operation::Notified)], never);
    let world = World::new(vec![joining(), task(2, 1)], vec![notify]);
    let blockage = world.blockage(2);
    assert_eq!(blockage.cause, Some(Cause::NeverSignalled));
    assert!(world.judge(|graph| graph.is_asleep()));
    assert!(!world.judge(|graph| graph.is_dead()), "any task may notify");
}

#[test]
fn barrier_with_too_few_tasks_is_the_cause() {
    let barrier = |waiters: &[u64]| {
        let waits = waiters.iter().map(|w| wait(*w, Operation::Barrier));
        thing(ResourceKind::Barrier, waits.collect(), Detail::Plain)
    };
    let world = World::new(vec![joining(), task(2, 1)], vec![barrier(&[2])]);
    assert_eq!(world.blockage(2).cause, Some(Cause::TooFew));
    let world = World::new(vec![task(2, 1), task(3, 2)], vec![barrier(&[2])]);
    assert_eq!(world.blockage(2).cause, None);
}
