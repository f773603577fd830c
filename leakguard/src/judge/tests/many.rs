//! Many tasks at once: what is found for each is what is found for few.

use super::fixture::*;
use crate::fact::cause::{Identity, PossibleWaker, Prospect};
use crate::fact::finding::Finding;
use crate::fact::id::TaskId;
use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::fact::resource::{Detail, EndpointFacts, JoinedFacts, ResourceFacts, TokenFacts};
use crate::fact::task::TaskFacts;
use crate::judge::derive::derive;
use crate::judge::fold::fold;
use crate::judge::leak;
use crate::vocabulary::{Cause, Code};
use std::panic::Location;

const MANY: u64 = 300;

fn tasks(count: u64) -> Vec<TaskFacts> {
    (2..2 + count).map(|id| task(id, 1)).collect()
}

fn found(world: &World, tasks: &[TaskFacts]) -> Vec<Finding> {
    world.judge(|graph| leak::leaks(&world.scope, tasks, graph, at(2_000)))
}

/// The first task of each finding that is not derived from another, with how many are.
fn derived(world: &World) -> Vec<(u64, usize)> {
    let all = world.judge(|graph| {
        let found = leak::leaks(&world.scope, &world.tasks, graph, at(2_000));
        derive(found, graph, |_| true)
    });
    let first = |finding: &Finding| finding.task().unwrap().id.get();
    all.iter().map(|finding| (first(finding), finding.subject.behind().len())).collect()
}

/// The tasks that may wake `task`.
fn wakers(world: &World, task: u64) -> Vec<u64> {
    let all = world.blockage(task).wakers.concat();
    let known = all.iter().filter_map(|waker| match waker {
        PossibleWaker::Holder { who: Identity::Task(task), .. } => Some(task.id.get()),
        _ => None,
    });
    known.collect()
}

/// Task 2 joins task 3, which receives. Task 2 has created the sender, and nothing has used it.
fn joined_receiver(joiner: TaskFacts) -> World {
    let joined = JoinedFacts { task: TaskId::new(3).unwrap(), started: Location::caller() };
    let join =
        thing(ResourceKind::JoinTask, vec![wait(2, Operation::Join)], Detail::Join(vec![joined]));
    let queue =
        channel(ResourceKind::Mpsc, 3, vec![unused(Side::Sender, 2)], wait(3, Operation::Receive));
    // Another task goes on, which may have the sender.
    World::new(vec![joiner, task(3, 1), task(4, 2)], vec![join, queue])
}

#[test]
fn task_that_only_joins_another_is_derived_though_it_may_have_its_sender() {
    assert_eq!(derived(&joined_receiver(task(2, 1))), [(3, 1), (4, 0)]);
    // What else it waits for is not known.
    assert_eq!(derived(&joined_receiver(task(2, 2))), [(2, 0), (3, 0), (4, 0)]);
}

/// Each task holds the lock that the task before it wants.
fn ring(count: u64) -> Vec<ResourceFacts> {
    (0..count).map(|n| mutex(2 + n, &[2 + (n + 1) % count])).collect()
}

#[test]
fn long_ring_is_one_deadlock_and_its_broken_ring_is_none() {
    let world = World::new(tasks(MANY), ring(MANY));
    let all = fold(found(&world, &tasks(MANY)));
    let codes: Vec<_> = all.iter().map(|finding| (finding.code(), finding.count())).collect();
    assert_eq!(codes, [(Code::Deadlock, MANY as usize)]);
    assert_eq!(world.cycle(7).len(), MANY as usize);
    assert!(world.judge(|graph| graph.is_dead()));
    // One of its tasks goes on.
    let mut some = tasks(MANY);
    some[100] = task(102, 2);
    let world = World::new(some, ring(MANY));
    assert_eq!(world.cycle(7), []);
    assert!(!world.judge(|graph| graph.is_dead()));
}

#[test]
fn each_of_many_tasks_finds_its_own_short_cycle() {
    // The call holds what all want, and joins them through their lock.
    let waiters: Vec<u64> = (2..2 + MANY).collect();
    let mut locks = vec![mutex(1, &waiters)];
    locks.extend(waiters.iter().map(|n| mutex(*n, &[1])));
    let all = [vec![call(MANY as usize)], tasks(MANY)].concat();
    let world = World::new(all, locks);
    for task in [2, 150, 1 + MANY] {
        assert_eq!(world.cycle(task), [task, 1]);
    }
    assert_eq!(world.cycle(1), [1, 2]);
}

#[test]
fn chain_of_many_waits_ends_at_a_task_that_goes_on() {
    // In both orders, because the order of the tasks must not matter.
    for up in [true, false] {
        let next = |n: u64| if up { n + 1 } else { n - 1 };
        let chain = (10..10 + MANY).map(|n| mutex(next(n), &[n])).collect::<Vec<_>>();
        let last = if up { 10 + MANY } else { 9 };
        let mut all: Vec<_> = (9..=10 + MANY).map(|id| task(id, 1)).collect();
        let dead = World::new(all.clone(), [chain.clone(), vec![mutex(last, &[last])]].concat());
        assert_eq!(dead.blockage(150).prospect, Prospect::Stuck);
        all.iter_mut().filter(|task| task.id.get() == last).for_each(|t| *t = task(last, 2));
        let alive = World::new(all, chain);
        assert_eq!(alive.blockage(150).prospect, Prospect::NoKnownWaker);
        // However long the way to it is.
        assert_eq!(wakers(&alive, 150), [next(150)]);
        assert!(derived(&alive).contains(&(last, MANY as usize)));
        assert_eq!(derived(&alive).len(), 2, "one task is not part of the chain");
        assert_eq!(alive.cycle(150), []);
    }
}

fn semaphore(holders: u64, waiters: impl Iterator<Item = u64>) -> ResourceFacts {
    let holds = (2..2 + holders).map(|n| hold(n, 1)).collect();
    let waits = waiters.map(|n| wait(n, Operation::Acquire)).collect();
    lock(ResourceKind::Semaphore, holders as usize, holds, waits)
}

#[test]
fn many_waiters_share_what_is_known_of_many_holders() {
    let waiters = || 2 + MANY..2 + 2 * MANY;
    let mut all = tasks(2 * MANY);
    // The holders wait for a timer or the like.
    all[..MANY as usize].iter_mut().for_each(|holder| *holder = task(holder.id.get(), 2));
    let world = World::new(all, vec![semaphore(MANY, waiters())]);
    world.judge(|graph| {
        for id in [2 + MANY, 1 + 2 * MANY] {
            let blockage = graph.blockage(&task(id, 1)).unwrap();
            assert_eq!(blockage.parties.len(), MANY as usize);
            assert_eq!(blockage.cause, Some(Cause::HeldByAnother));
            assert_eq!(blockage.prospect, Prospect::MayBeWoken);
            assert_eq!(blockage.wait.task, TaskId::new(id));
            assert_eq!(blockage.wakers.concat().len(), MANY as usize);
        }
    });
    // Each holder wants another permit.
    let world = World::new(tasks(MANY), vec![semaphore(MANY, 2..2 + MANY)]);
    for id in [2, 20, 1 + MANY] {
        assert_eq!(world.cycle(id), [id]);
    }
}

fn token(handles: Vec<EndpointFacts>, waiters: impl Iterator<Item = u64>) -> ResourceFacts {
    let waits = waiters.map(|n| wait(n, Operation::Cancelled)).collect();
    let facts = TokenFacts { parent: None, above: None, cancelled: None, handles };
    thing(ResourceKind::Token, waits, Detail::Token(facts))
}

#[test]
fn many_clones_of_a_token_that_only_wait_cannot_cancel_it() {
    let waiters = || 2..2 + MANY;
    let mut handles: Vec<_> = waiters().map(|n| endpoint(Side::Handle, n)).collect();
    let world = World::new(tasks(MANY), vec![token(handles.clone(), waiters())]);
    assert_eq!(world.blockage(9).parties.len(), 0);
    handles.push(endpoint(Side::Handle, 2 + MANY));
    let world = World::new(tasks(MANY + 1), vec![token(handles, waiters())]);
    assert_eq!(world.blockage(9).parties.len(), 1);
}

#[test]
fn many_receivers_of_one_sender_are_derived_from_its_task() {
    // Task 2 waits for a timer or the like.
    let mut all = tasks(1 + MANY);
    all[0] = task(2, 2);
    let from = |sender| {
        let receives = wait(3, Operation::Receive);
        let mut one = channel(ResourceKind::Broadcast, 3, vec![sender], receives);
        one.waits = (3..3 + MANY).map(|n| wait(n, Operation::Receive)).collect();
        one
    };
    let world = World::new(all.clone(), vec![from(endpoint(Side::Sender, 2))]);
    assert_eq!(derived(&world), [(2, MANY as usize)]);
    assert_eq!(wakers(&world, 9), [2]);
    // The sender was left behind, so that each receiver is found.
    let world = World::new(all, vec![from(endpoint(Side::Sender, 7_000))]);
    assert_eq!(derived(&world).len(), 1 + MANY as usize);
    assert_eq!(wakers(&world, 9), []);
}
