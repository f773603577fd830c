//! Holders and waiters of locks, in order.

use super::{Task, facts, find, lock, next_line, poll};
use crate::fact::kind::Operation;
use crate::sync::{Mutex, MutexGuard, RwLock, RwLockWriteGuard, Semaphore};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

#[test]
fn permits_have_holders() {
    let created = next_line();
    let semaphore = Arc::new(Semaphore::new(8));
    let at = next_line();
    let mut task = Task::new(async { semaphore.acquire_many(3).await.unwrap() });
    let Poll::Ready(mut three) = task.poll() else {
        panic!("there are eight");
    };
    let held = lock(created);
    assert_eq!((held.permits, held.unheld()), (8, 5));
    assert!(held.holds[0].task.is_some() && !held.holds[0].exclusive);
    assert_eq!(held.holds[0].at.unwrap().line(), at.1);

    let one = three.split(1).unwrap();
    assert_eq!(lock(created).holds.len(), 2);
    assert_eq!(lock(created).unheld(), 5);
    three.merge(one);
    assert_eq!(lock(created).holds.len(), 1);
    let many: Vec<_> = (0..5).map(|_| semaphore.clone().try_acquire_owned()).collect();
    assert_eq!((lock(created).holds.len(), lock(created).unheld()), (6, 0));
    drop(many);
    three.forget();
    let held = lock(created);
    assert_eq!((held.permits, held.holds.len()), (5, 0));
    assert_eq!(semaphore.available_permits(), 5);
    semaphore.add_permits(2);
    assert_eq!(semaphore.forget_permits(3), 3);
    assert_eq!(lock(created).permits, 4);
    drop(task);
    drop(semaphore);
    assert!(find(created).is_none());
}

#[test]
fn waits_record_their_permits() {
    let created = next_line();
    let semaphore = Semaphore::new(1);
    let mut two = pin!(semaphore.acquire_many(2));
    assert!(poll(two.as_mut()).is_pending());
    let waits = facts(created).waits;
    assert_eq!((waits[0].operation, waits[0].permits), (Operation::Acquire, 2));
    assert_eq!(lock(created).released, None);
    semaphore.add_permits(1);
    assert!(lock(created).released.is_some());
    assert!(poll(two.as_mut()).is_ready());
    assert_eq!(facts(created).waits, []);
}

#[test]
fn mutex_has_one_holder_and_a_queue() {
    let created = next_line();
    let mutex = Mutex::new((0, 1));
    assert!(find(created).is_none(), "it is unused");
    let at = next_line();
    let mut task = Task::new(async { mutex.lock().await });
    let Poll::Ready(guard) = task.poll() else {
        panic!("it is free");
    };
    let held = lock(created).holds;
    assert_eq!((held.len(), held[0].at.unwrap().line()), (1, at.1));
    assert!(held[0].task.is_some() && held[0].exclusive);

    let mut first = Task::new(async { mutex.lock().await });
    let mut second = pin!(mutex.lock());
    assert!(first.poll().is_pending() && poll(second.as_mut()).is_pending());
    assert!(mutex.try_lock().is_err());
    let part = MutexGuard::map(guard, |pair| &mut pair.1);
    assert_eq!((*part, lock(created).holds.len()), (1, 1));
    drop(part);

    // The lock is granted to the first wait, which is not polled. The second one waits behind it.
    assert!(poll(second.as_mut()).is_pending());
    let seen = facts(created);
    assert_eq!((lock(created).unheld(), seen.waits.len()), (1, 2));
    assert!(lock(created).released.unwrap() >= seen.waits[0].polled);
    assert!(seen.waits[0].task.is_some() && seen.waits[1].task.is_none());
    drop(first);
    assert!(poll(second.as_mut()).is_ready());
    assert_eq!((facts(created).waits, lock(created).holds), (vec![], vec![]));
}

#[test]
fn owned_guard_keeps_its_hold() {
    let created = next_line();
    let mutex = std::sync::Arc::new(Mutex::const_new(5));
    let guard = mutex.clone().try_lock_owned().unwrap();
    assert_eq!(facts(created).created_by, None);
    drop(mutex);
    assert_eq!((*guard, lock(created).holds.len()), (5, 1));
    drop(guard);
    assert!(find(created).is_none());
}

#[test]
fn readers_and_writers_are_distinguished() {
    let created = next_line();
    let shared = RwLock::new(1);
    let one = shared.try_read().unwrap();
    let two = shared.try_read().unwrap();
    let held = lock(created).holds;
    assert!(held.len() == 2 && held.iter().all(|h| !h.exclusive));
    let mut write = pin!(shared.write());
    let mut read = pin!(shared.read());
    assert!(poll(write.as_mut()).is_pending() && poll(read.as_mut()).is_pending());
    let waits: Vec<_> = facts(created).waits.iter().map(|w| w.operation).collect();
    assert_eq!(waits, [Operation::Write, Operation::Read]);
    drop((one, two));
    let Poll::Ready(writer) = poll(write.as_mut()) else {
        panic!("all readers are gone");
    };
    assert!(lock(created).holds[0].exclusive);
    let reader = RwLockWriteGuard::downgrade(writer);
    assert!(!lock(created).holds[0].exclusive);
    let Poll::Ready(other) = poll(read.as_mut()) else {
        panic!("the writer has become a reader");
    };
    assert_eq!(lock(created).holds.len(), 2);
    drop((reader, other));
    assert_eq!(lock(created).holds, []);
}
