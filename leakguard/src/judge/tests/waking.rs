//! What may still wake a task: what is known to go on, and nothing else.

use super::fixture::*;
use crate::fact::cause::{Identity, PossibleWaker, Trace};
use crate::fact::id::TaskId;
use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::fact::resource::{Detail, EndpointFacts, NotifyFacts, ResourceFacts};
use crate::fact::task::TaskFacts;

/// Task 2 receives from a channel with this sender.
fn receives_from(sender: EndpointFacts) -> ResourceFacts {
    channel(ResourceKind::Mpsc, 2, vec![sender], wait(2, Operation::Receive))
}

/// The tasks that may wake `task`, and what is known of each.
fn wakers(world: &World, task: u64) -> Vec<(Option<u64>, Trace)> {
    let known = world.blockage(task).wakers.concat();
    known.iter().map(holder).collect()
}

fn holder(waker: &PossibleWaker) -> (Option<u64>, Trace) {
    match waker {
        PossibleWaker::Holder { who: Identity::Task(task), trace, .. } => {
            (Some(task.id.get()), *trace)
        }
        PossibleWaker::Holder { trace, .. } => (None, *trace),
        other => panic!("{other:?}"),
    }
}

/// A task with a waker that no known wait explains.
fn running(id: u64) -> TaskFacts {
    task(id, 1)
}

#[test]
fn task_that_goes_on_may_use_its_sender() {
    let tasks = || vec![task(2, 1), running(3)];
    let world = World::new(tasks(), vec![receives_from(endpoint(Side::Sender, 3))]);
    assert_eq!(wakers(&world, 2), [(Some(3), Trace::Used)]);
    let lock = vec![mutex(3, &[2])];
    assert_eq!(wakers(&World::new(tasks(), lock), 2), [(Some(3), Trace::Used)]);
}

#[test]
fn sender_of_an_ended_or_of_the_waiting_task_wakes_nothing() {
    for user in [9, 2] {
        let resources = vec![receives_from(endpoint(Side::Sender, user))];
        let world = World::new(vec![task(2, 1), running(3)], resources);
        assert_eq!(wakers(&world, 2), []);
    }
}

#[test]
fn unused_sender_may_be_in_any_task() {
    let resources = vec![receives_from(unused(Side::Sender, 2))];
    let world = World::new(vec![task(2, 1), running(3)], resources);
    assert_eq!(wakers(&world, 2), [(None, Trace::Created)]);
}

#[test]
fn waiting_task_wakes_another_only_if_something_may_wake_it() {
    let from = |user, receiver| {
        let receives = wait(receiver, Operation::Receive);
        channel(ResourceKind::Mpsc, receiver, vec![endpoint(Side::Sender, user)], receives)
    };
    let tasks = || vec![task(2, 1), task(3, 1), running(5)];
    let world = World::new(tasks(), vec![from(3, 2), from(5, 3)]);
    assert_eq!(wakers(&world, 2), [(Some(3), Trace::Used)]);
    // The sender for task 3 was left behind.
    let world = World::new(tasks(), vec![from(3, 2), from(9, 3)]);
    assert_eq!(wakers(&world, 2), []);
}

#[test]
fn each_branch_may_wake_the_task() {
    let resources = || vec![receives_from(endpoint(Side::Sender, 9)), mutex(3, &[2])];
    let world = World::new(vec![task(2, 2), running(3)], resources());
    assert_eq!(wakers(&world, 2), [(Some(3), Trace::Used)]);
}

#[test]
fn other_half_out_of_sight_and_a_message_that_lies_there_are_named() {
    let mut resource = receives_from(endpoint(Side::Sender, 2));
    resource.outside = true;
    let wakers = |resource: &ResourceFacts| {
        let world = World::new(vec![task(2, 1), running(3)], vec![resource.clone()]);
        world.blockage(2).wakers.concat()
    };
    assert!(matches!(wakers(&resource)[..], [PossibleWaker::Unseen(ResourceKind::Mpsc)]));
    resource.outside = false;
    if let Detail::Channel(channel) = &mut resource.detail {
        channel.depth = 1;
    }
    assert!(matches!(wakers(&resource)[..], [PossibleWaker::Ready(ResourceKind::Mpsc)]));
}

#[test]
fn drop_of_the_other_half_is_awaited_from_its_last_user() {
    let closed = channel(ResourceKind::Mpsc, 3, vec![], wait(2, Operation::Closed));
    let world = World::new(vec![task(2, 1), running(3)], vec![closed]);
    assert_eq!(wakers(&world, 2), [(Some(3), Trace::Used)]);
}

#[test]
fn nothing_is_known_to_notify() {
    let never = Detail::Notify(NotifyFacts { one: None, last: None, waiters: None });
    let notify = thing(ResourceKind::Notify, vec![wait(2, Operation::Notified)], never);
    let world = World::new(vec![task(2, 1), running(3)], vec![notify]);
    assert_eq!(wakers(&world, 2), []);
}

#[test]
fn call_is_not_woken_by_what_awaits_it() {
    let outer = TaskFacts { id: TaskId::new(2).unwrap(), ..call(1) };
    let inner = TaskFacts { id: TaskId::new(3).unwrap(), parent: Some(outer.id), ..call(1) };
    let world = World::new(vec![inner], vec![mutex(2, &[3])]).within([outer]);
    assert_eq!(wakers(&world, 3), []);
}
