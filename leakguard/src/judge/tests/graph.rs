//! Cycles of locks and channels, and waits that are no cycle or no certain one.

use super::fixture::*;
use crate::fact::cause::{Prospect, Trace};
use crate::fact::id::{OutsideThread, TaskId, TaskKind};
use crate::fact::kind::{Operation, ResourceKind, Side};
use crate::fact::resource::{
    Detail, EndpointFacts, OccurrenceFacts, ResourceFacts, TokenFacts, WaitFacts,
};
use crate::fact::task::{TaskFacts, TaskState};
use crate::vocabulary::Cause;
use std::num::NonZeroU64;

#[test]
fn two_tasks_hold_each_others_locks() {
    let world = World::new(vec![task(2, 1), task(3, 1)], vec![mutex(2, &[3]), mutex(3, &[2])]);
    assert_eq!((world.cycle(2), world.cycle(3)), (vec![2, 3], vec![3, 2]));
    assert_eq!(world.blockage(2).cause, Some(Cause::Cycle));
    assert!(world.judge(|graph| graph.is_dead()));
}

#[test]
fn task_that_waits_for_a_cycle_is_not_in_it() {
    let tasks = (2..=5).map(|id| task(id, 1)).collect();
    let world = World::new(tasks, vec![mutex(2, &[4, 5]), mutex(3, &[2]), mutex(4, &[3])]);
    assert_eq!(world.cycle(2), [2, 3, 4]);
    assert_eq!(world.cycle(5), []);
    assert_eq!(world.blockage(5).cause, Some(Cause::HeldByAnother));
}

#[test]
fn task_that_acquires_its_lock_twice_is_a_cycle() {
    let world = World::new(vec![task(2, 1)], vec![mutex(2, &[2])]);
    assert_eq!(world.cycle(2), [2]);
    assert_eq!(world.blockage(2).cause, Some(Cause::HeldByItself));
}

#[test]
fn branch_that_may_complete_breaks_the_cycle() {
    let locks = || vec![mutex(2, &[3]), mutex(3, &[2])];
    // One waker more than its waits explain.
    let world = World::new(vec![task(2, 2), task(3, 1)], locks());
    assert_eq!((world.cycle(2), world.cycle(3)), (vec![], vec![]));
    // Its second wait is on a lock whose holder is running.
    let mut all = locks();
    all.push(mutex(4, &[2]));
    let world = World::new(vec![task(2, 2), task(3, 1), task(4, 0)], all);
    assert_eq!((world.cycle(2), world.cycle(3)), (vec![], vec![]));
    assert!(!world.judge(|graph| graph.is_dead()));
}

#[test]
fn every_branch_can_be_in_a_cycle() {
    let world = World::new(
        vec![task(2, 2), task(3, 1), task(4, 1)],
        vec![mutex(2, &[3, 4]), mutex(3, &[2]), mutex(4, &[2])],
    );
    assert_eq!(world.cycle(2), [2, 3]);
    assert_eq!(world.cycle(4), [4, 2]);
}

#[test]
fn wait_that_was_not_polled_does_not_count() {
    let mut locks = vec![mutex(2, &[3]), mutex(3, &[2])];
    // For example inside a `FuturesUnordered`, which has its own waker.
    locks[1].waits[0].polled = at(500);
    let world = World::new(vec![task(2, 1), task(3, 1)], locks);
    assert_eq!(world.cycle(3), []);
}

#[test]
fn read_again_behind_a_writer_is_a_cycle() {
    let lock = lock(
        ResourceKind::RwLock,
        8,
        vec![hold(2, 1)],
        vec![WaitFacts { permits: 8, ..wait(3, Operation::Write) }, wait(2, Operation::Read)],
    );
    let world = World::new(vec![task(2, 1), task(3, 1)], vec![lock]);
    assert_eq!(world.cycle(2), [2, 3]);
    assert_eq!(world.blockage(2).cycle[0].trace, Trace::Requested);
}

#[test]
fn unserved_first_wait_is_behind_the_second() {
    let writes = WaitFacts { permits: 8, ..wait(3, Operation::Write) };
    let waits = vec![wait(2, Operation::Read), writes];
    let mut resource = lock(ResourceKind::RwLock, 8, vec![hold(2, 1)], waits);
    let tasks = || vec![task(2, 1), task(3, 1)];
    let world = World::new(tasks(), vec![resource.clone()]);
    assert_eq!(world.cycle(2), [2, 3]);
    // A lock that was just released may already be granted to the reader.
    let Detail::Lock(lock) = &mut resource.detail else { unreachable!() };
    lock.released = Some(resource.waits[0].polled);
    let world = World::new(tasks(), vec![resource]);
    assert_eq!(world.cycle(2), []);
}

#[test]
fn any_of_several_permits_is_enough() {
    let permits = |waits| lock(ResourceKind::Semaphore, 2, vec![hold(2, 1), hold(3, 1)], waits);
    let waits = || vec![wait(4, Operation::Acquire)];
    let cyclic = vec![permits(waits()), mutex(4, &[2])];
    // The other holder of a permit is running.
    let world = World::new(vec![task(2, 1), task(3, 2), task(4, 1)], cyclic.clone());
    assert_eq!(world.cycle(4), []);
    // Two waiting holders are enough at a deadline, but not proof: unwatched code may add a permit.
    let mut all = cyclic;
    all.push(mutex(4, &[3]));
    let world = World::new(vec![task(2, 1), task(3, 1), task(4, 1)], all);
    assert_eq!(world.cycle(4), [4, 2]);
    assert!(!world.judge(|graph| graph.is_dead()));
}

#[test]
fn task_that_waits_for_a_deadlock_is_stuck() {
    let tasks = vec![task(2, 1), task(3, 1), task(4, 1)];
    let locks = vec![mutex(2, &[3]), mutex(3, &[2, 4])];
    let world = World::new(tasks, locks);
    assert_eq!((world.cycle(2), world.cycle(4)), (vec![2, 3], vec![]));
    let prospects = [2, 4].map(|task| world.blockage(task).prospect);
    assert_eq!(prospects, [Prospect::Stuck; 2]);
}

/// Task 2 receives, holds a lock that task 3 wants, and task 3 is a sender.
fn receives_under_lock(senders: &[u64]) -> Vec<ResourceFacts> {
    let senders = senders.iter().map(|t| endpoint(Side::Sender, *t)).collect();
    let receives = wait(2, Operation::Receive);
    vec![mutex(2, &[3]), channel(ResourceKind::Mpsc, 2, senders, receives)]
}

#[test]
fn running_sender_breaks_the_cycle() {
    let tasks = || vec![task(2, 1), task(3, 1)];
    let world = World::new(tasks(), receives_under_lock(&[3]));
    assert_eq!(world.cycle(2), [2, 3]);
    // Unwatched code may have a sender.
    assert_eq!(world.blockage(2).prospect, Prospect::NoKnownWaker);
    let awake = [tasks(), vec![task(4, 2)]].concat();
    let world = World::new(awake, receives_under_lock(&[3, 4]));
    let blockage = world.blockage(2);
    assert_eq!((blockage.cycle.len(), blockage.prospect), (0, Prospect::MayBeWoken));
    assert_eq!(blockage.cause, Some(Cause::HeldByAnother));
}

#[test]
fn unseen_tasks_and_endpoints_rule_out_a_deadlock() {
    let tasks = || vec![task(2, 1), task(3, 1)];
    let world = World::new(tasks(), receives_under_lock(&[3])).with_unseen();
    assert_eq!(world.cycle(2), []);
    // An endpoint of the channel was passed to a library.
    let mut all = receives_under_lock(&[3]);
    all[1].outside = true;
    let world = World::new(tasks(), all);
    assert_eq!(world.cycle(2), []);
    assert_eq!(world.blockage(2).cause, Some(Cause::HeldOutside));
    // A guard that may be in any task, while one task is running.
    let mut locks = vec![mutex(2, &[3]), mutex(3, &[2])];
    if let Detail::Lock(lock) = &mut locks[0].detail {
        lock.holds[0].movable = true;
    }
    let world = World::new(vec![task(2, 1), task(3, 1), task(4, 2)], locks);
    assert_eq!(world.cycle(2), []);
}

#[test]
fn cycle_with_a_channel_is_never_proven() {
    let world = World::new(vec![task(2, 1), task(3, 1)], receives_under_lock(&[3]));
    assert!(world.judge(|graph| graph.is_asleep()));
    assert!(!world.judge(|graph| graph.is_dead()));
}

#[test]
fn unused_endpoint_belongs_to_the_task_it_was_moved_to() {
    let receives = || wait(2, Operation::Receive);
    let with = |sender| {
        let channel = channel(ResourceKind::Oneshot, 2, vec![sender], receives());
        World::new(vec![task(2, 1), task(3, 1)], vec![mutex(2, &[3]), channel])
    };
    let created = unused(Side::Sender, 1);
    assert_eq!(with(created).cycle(2), []);
    let handed = |task| EndpointFacts { handed: true, last_task: TaskId::new(task), ..created };
    assert_eq!(with(handed(3)).cycle(2), [2, 3]);
    // The task may have sent its sender away, for example with a request.
    let own = with(handed(2)).blockage(2);
    assert_eq!((own.own, own.cause), (false, None));
}

#[test]
fn unused_endpoint_may_be_in_any_task_of_its_creator() {
    let full = || {
        let mut channel = channel(
            ResourceKind::Mpsc,
            1,
            vec![endpoint(Side::Sender, 2)],
            wait(2, Operation::Send),
        );
        if let Detail::Channel(facts) = &mut channel.detail {
            facts.receivers = vec![unused(Side::Receiver, 1)];
            facts.depth = 1;
        }
        channel
    };
    let world = World::new(vec![call(1), task(2, 1)], vec![mutex(2, &[1]), full()]);
    assert_eq!(world.cycle(1), [1, 2]);
    let tasks = vec![call(1), task(2, 1), task(3, 1)];
    let world = World::new(tasks, vec![mutex(2, &[1, 3]), full()]);
    assert_eq!(world.cycle(1), []);
    assert_eq!(world.blockage(2).prospect, Prospect::NoKnownWaker);
}

#[test]
fn granted_lock_that_is_not_polled_is_the_cause() {
    let mut unpolled = wait(2, Operation::Lock);
    unpolled.polls = 1;
    unpolled.polled = at(30);
    let free = lock(ResourceKind::Mutex, 1, vec![], vec![unpolled, wait(2, Operation::Lock)]);
    let blockage = World::new(vec![task(2, 1)], vec![free]).blockage(2);
    assert_eq!(blockage.cause, Some(Cause::GrantedButNotPolled));
    assert_eq!(blockage.cycle.len(), 1);
}

#[test]
fn token_depends_on_tasks_that_could_cancel_it() {
    let token = |handles, waiters: &[u64]| {
        let waits = waiters.iter().map(|w| wait(*w, Operation::Cancelled));
        let facts = TokenFacts { parent: None, above: None, cancelled: None, handles };
        thing(ResourceKind::Token, waits.collect(), Detail::Token(facts))
    };
    let handles = |tasks: &[u64]| tasks.iter().map(|t| endpoint(Side::Handle, *t)).collect();
    let tasks = || vec![task(2, 1), task(3, 1)];
    let waits = |task| token(handles(&[2, task]), &[2]);
    let world = World::new(tasks(), vec![waits(3), mutex(2, &[3])]);
    assert_eq!(world.cycle(2), [2, 3]);
    // Two tasks that wait for the same token do not wait for each other.
    let world = World::new(tasks(), vec![token(handles(&[2, 3]), &[2, 3])]);
    let blockage = world.blockage(2);
    assert_eq!(blockage.cause, Some(Cause::NeverSignalled));
    assert_eq!((blockage.cycle.len(), blockage.parties.len()), (0, 0));
}

#[test]
fn earlier_lost_message_of_the_task_is_the_cause() {
    let reply = channel(
        ResourceKind::Oneshot,
        2,
        vec![unused(Side::Sender, 2)],
        wait(2, Operation::Receive),
    );
    let began = reply.began;
    let lost = |task, failed_before, when| {
        let mut requests = channel(ResourceKind::Mpsc, 9, vec![], wait(9, Operation::Receive));
        requests.waits.clear();
        if let Detail::Channel(channel) = &mut requests.detail {
            channel.receivers.clear();
            channel.failed_before = failed_before;
            channel.failed = Some(OccurrenceFacts {
                task: TaskId::new(task),
                at: Some(std::panic::Location::caller()),
                when,
                times: 1,
            });
        }
        World::new(vec![self::task(2, 1)], vec![reply.clone(), requests]).blockage(2)
    };
    // The first of the world's resources has number 1.
    let (oneshot, next) = (1, 2);
    let blockage = lost(2, next, began);
    assert_eq!(blockage.cause, Some(Cause::LostMessage));
    assert!(blockage.lost_at.is_some() && blockage.prospect == Prospect::NoKnownWaker);
    let cause = |task, before, when| lost(task, before, when).cause;
    assert_eq!(cause(2, next + 100_000, at(18)), Some(Cause::LostMessage), "later");
    let other_thread = cause(2, next + 100_000, began);
    assert_ne!(other_thread, Some(Cause::LostMessage), "unknown");
    assert_ne!(cause(3, next, began), Some(Cause::LostMessage), "another");
    assert_ne!(cause(2, oneshot, began), Some(Cause::LostMessage), "before");
}

/// A mutex that one thread holds and another one waits for, both outside of every task.
fn mutex_of_threads(holder: TaskId, waiter: TaskId) -> ResourceFacts {
    let mut mutex = mutex(holder.get(), &[waiter.get()]);
    mutex.kind = ResourceKind::StdMutex;
    mutex.waits[0].thread = Some("outside".to_owned());
    mutex
}

#[test]
fn threads_outside_of_every_task_are_in_a_cycle_while_both_wait() {
    let number = |n| TaskId::of_thread(OutsideThread(NonZeroU64::new(n).unwrap()));
    let (one, other) = (number(1), number(2));
    let thread = |id| TaskFacts {
        id,
        kind: TaskKind::Thread,
        scope: None,
        state: TaskState::Polling { since: at(20) },
        ..task(9, 0)
    };
    let locks = || vec![mutex_of_threads(one, other), mutex_of_threads(other, one)];
    let waiting = || World::new(vec![task(3, 1)], locks());
    let world = waiting().with_threads(vec![thread(one), thread(other)]);
    assert_eq!(world.judge(|graph| graph.cycle(one)).map(|(cycle, _)| cycle.len()), Some(2));
    assert!(!world.judge(|graph| graph.is_dead()), "a task of the scope is in no cycle");
    let world = waiting().with_threads(vec![thread(one)]);
    assert!(world.judge(|graph| graph.cycle(one)).is_none());
}
